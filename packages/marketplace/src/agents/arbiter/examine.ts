import type { AgentPorts } from "../ports.ts";
import { recomputeRound } from "../round/recompute.ts";
import { decodeRoundTranscript } from "../round/transcript.ts";
import type { JobFacts } from "../view/market-view.ts";
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
