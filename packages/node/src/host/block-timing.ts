import type { Millis } from "@sheaf/base";
import type { Genesis } from "@sheaf/protocol";

export type BlockPeriods = Pick<Genesis["consensus"], "blockPeriodMs" | "emptyBlockPeriodMs">;

/**
 * When the block after one of `parentMs` is due, on the wall clock: as soon as transactions wait and
 * the block period is over, and at the latest when the empty-block period is [BLOCK.1].
 * `waitingSinceMs` is since when transactions wait; `undefined` when none do.
 */
export function blockDueMs(
  parentMs: Millis,
  { blockPeriodMs, emptyBlockPeriodMs }: BlockPeriods,
  waitingSinceMs: Millis | undefined,
): Millis {
  const latest = parentMs + emptyBlockPeriodMs;
  if (waitingSinceMs === undefined) return latest;
  return Math.min(latest, Math.max(parentMs + blockPeriodMs, waitingSinceMs));
}

/**
 * The timestamp of a block that is built at `nowMs`. A little late counts as on time, so that a
 * block period of 1,000 ms gives one block a second and not one in 1,000 ms plus the delay [BLOCK.2].
 */
export function blockTimestampMs(parentMs: Millis, { blockPeriodMs }: BlockPeriods, nowMs: Millis): Millis {
  const earliest = parentMs + blockPeriodMs;
  return nowMs < earliest + blockPeriodMs / 2 ? earliest : Math.floor(nowMs);
}
