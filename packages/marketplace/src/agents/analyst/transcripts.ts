import type { Address } from "@sheaf/protocol";
import { computeOnce, record } from "../effects.ts";
import { send } from "../send.ts";
import { also, stay, type Turn } from "../turn.ts";
import { transcriptKey } from "./saved.ts";
import type { AnalystContext, AnalystJob } from "./state.ts";

/** An arbiter wants the transcript of the disputed round: it is read back from where it was saved [ANALYST.9]. */
export function onTranscriptRequest(
  { facts, options, view }: AnalystContext,
  job: AnalystJob,
  from: Address,
  round: number,
): Turn<AnalystJob> {
  const { dispute } = facts;
  if (
    dispute?.accused !== options.ports.self ||
    dispute.round !== round ||
    !view.licences.analyst.has(from)
  ) {
    return stay(job);
  }
  const askers = new Map(job.askers).set(round, new Set(job.askers.get(round)).add(from));
  return computeOnce({ ...job, askers }, `transcript/${round}`, {
    kind: "load",
    key: transcriptKey(job.job, round),
  });
}

/** Sends a transcript to all that asked for it. */
export function onTranscriptLoaded(
  job: AnalystJob,
  round: number,
  transcript: Uint8Array | undefined,
): Turn<AnalystJob> {
  const waiting = [...(job.askers.get(round) ?? [])];
  const askers = new Map(job.askers);
  askers.delete(round);
  const next = { ...job, askers };
  if (transcript === undefined) {
    const text = `the transcript of round ${round} is gone: arbiters will uphold the dispute`;
    return also(stay(next), record({ kind: "problem", job: job.job, code: "TRANSCRIPT_MISSING", text }));
  }
  return [next, waiting.map((to) => send(to, job.job, "transcript.answer", { round, transcript }))];
}
