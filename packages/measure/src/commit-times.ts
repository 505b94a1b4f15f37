import type { Millis } from "@sheaf/base";

/** The three thresholds of [LATENCY.2]. */
export type Threshold = "first" | "quorum" | "all";

/** The thresholds from the weakest to the headline. */
export const thresholds: readonly Threshold[] = ["first", "quorum", "all"];

/** When a block reached each threshold; `null` where it did not. */
export interface CommitTimes {
  readonly firstMs: Millis | null;
  readonly quorumMs: Millis | null;
  readonly allMs: Millis | null;
}

/** [LATENCY.3] The quorum of `validators`: ceil(2n/3), which is 2f+1 where n = 3f+1. */
export function quorumOf(validators: number): number {
  return Math.ceil((2 * validators) / 3);
}

/**
 * [LATENCY.2] The moments at which a block, shown by each validator at `seenMs`, had been shown by
 * one, by a quorum and by all of them.
 */
export function commitTimes(seenMs: readonly (Millis | null)[]): CommitTimes {
  const seen = seenMs.filter((time): time is Millis => time !== null).sort((a, b) => a - b);
  const nth = (n: number): Millis | null => seen[n - 1] ?? null;
  return { firstMs: nth(1), quorumMs: nth(quorumOf(seenMs.length)), allMs: nth(Math.max(1, seenMs.length)) };
}
