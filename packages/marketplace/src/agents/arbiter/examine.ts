import type { AgentPorts } from "../ports.ts";
import { recomputeRound } from "../round/recompute.ts";
import { decodeRoundTranscript } from "../round/transcript.ts";
import { type JobFacts, roundsSurvived } from "../view/market-view.ts";
import type { Finding } from "./state.ts";

/** What a transcript shows; `next` is the state after the round, when the round is as committed. */
export type Examined =
  | { readonly finding: Finding; readonly next?: Uint8Array }
  | { readonly unreadable: "MALFORMED" };

/**
 * [DISPUTE.2] Computes the round again: update hashes, sums, aggregate and next state, bit for bit. What it cannot
 * show: that owners trained on what they claim, or that the model is any good.
 */
export function examine(ports: AgentPorts, job: JobFacts, round: number, bytes: Uint8Array): Examined {
  const transcript = decodeRoundTranscript(bytes);
  const closed = job.rounds.find((each) => each.round === round);
  if (transcript === undefined || closed === undefined) return { unreadable: "MALFORMED" };
  const result = recomputeRound(ports, job, closed, transcript);
  return result.holds
    ? { finding: { upheld: false, because: "RECOMPUTED" }, next: result.next }
    : { finding: { upheld: true, because: result.code } };
}

/**
 * [DISPUTE.5] Whether delivered weights by participation are the rounds survived, all in one proportion: that
 * follows from the chain alone. `undefined` for other methods, whose figures need the analyst's validation set.
 */
export function judgeWeights(job: JobFacts): Finding | undefined {
  const weights = job.delivered?.weights;
  if (weights === undefined || job.spec?.contribution.method !== "participation") return undefined;
  const survived = job.owners.map((owner) => BigInt(roundsSurvived(job, owner)));
  const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n);
  const [given, due] = [sum(weights), sum(survived)];
  const isFair =
    given > 0n &&
    weights.length === survived.length &&
    weights.every((weight, place) => weight * due === (survived[place] ?? 0n) * given);
  return { upheld: !isFair, because: isFair ? "RECOMPUTED" : "WRONG_WEIGHTS" };
}
