import { type Lane, laneTail, type PoolEntry } from "./lane.ts";

/**
 * Whether the tail of `a` leaves a full pool before that of `b`: queued before pending, then the lower
 * price, then the larger lane, then the later arrival [POOL.6]. A total order: every validator that
 * pooled the same in the same order evicts the same.
 */
export function leavesBefore(a: Lane, b: Lane): boolean {
  const queued = isTailQueued(a);
  if (queued !== isTailQueued(b)) return queued;
  const [tailA, tailB] = [laneTail(a), laneTail(b)];
  if (tailA.price !== tailB.price) return tailA.price < tailB.price;
  if (a.entries.size !== b.entries.size) return a.entries.size > b.entries.size;
  return tailA.arrival > tailB.arrival;
}

/** Whether the tail of `victim` makes room for `entry`, which would join `lane` [POOL.6]. */
export function yieldsTo(victim: Lane, entry: PoolEntry, lane: Lane): boolean {
  if (victim === lane) return entry.nonce < lane.last;
  const entryQueued = entry.nonce > lane.pendingEnd;
  if (isTailQueued(victim) !== entryQueued) return !entryQueued;
  const tail = laneTail(victim);
  if (tail.price !== entry.price) return tail.price < entry.price;
  return victim.entries.size > lane.entries.size + 1;
}

function isTailQueued(lane: Lane): boolean {
  return lane.last >= lane.pendingEnd;
}
