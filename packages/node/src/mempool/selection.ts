import type { SenderTransaction } from "../ports.ts";
import { createIndexedHeap } from "./indexed-heap.ts";
import { type Lane, laneHead, type PoolEntry } from "./lane.ts";

/** Room of one block. */
export interface SelectionLimits {
  readonly transactions: number;
  readonly gas: bigint;
  /** Sum of the encoded transactions. */
  readonly bytes: number;
}

/** Transactions that did not fit, after which the search for smaller ones ends [POOL.8]. */
const MAX_MISFITS = 64;

interface Candidate {
  readonly entry: PoolEntry;
  readonly lane: Lane;
  /** Where the lane stands in the heap of ready lanes, for its first transaction; else -1. */
  readonly slot: number;
}

/** Whether `a` goes before `b`: the higher price, then the earlier arrival [POOL.7]. */
export function precedes(a: PoolEntry, b: PoolEntry): boolean {
  return a.price === b.price ? a.arrival < b.arrival : a.price > b.price;
}

/**
 * The best executable transactions within `limits`, each sender's in order of nonce [POOL.7]. `ready`
 * is in heap order by `precedes` of the lanes' heads. It is walked from its root and not changed, so
 * that the cost depends on what is selected, not on what is pooled.
 */
export function selectTransactions(ready: readonly Lane[], limits: SelectionLimits): SenderTransaction[] {
  const selected: SenderTransaction[] = [];
  const candidates = createIndexedHeap<Candidate>((a, b) => precedes(a.entry, b.entry));
  const offerSlot = (slot: number): void => {
    const lane = ready[slot];
    if (lane === undefined) return;
    const entry = laneHead(lane);
    if (entry !== undefined) candidates.push({ entry, lane, slot });
  };
  let gas = limits.gas;
  let bytes = limits.bytes;
  let misfits = 0;
  offerSlot(0);
  while (selected.length < limits.transactions && misfits < MAX_MISFITS) {
    const candidate = candidates.pop();
    if (candidate === undefined) break;
    const { entry, lane, slot } = candidate;
    if (slot >= 0) {
      offerSlot(2 * slot + 1);
      offerSlot(2 * slot + 2);
    }
    const { gasLimit, raw } = entry.transaction;
    if (gasLimit > gas || raw.length > bytes) {
      misfits += 1;
      continue;
    }
    gas -= gasLimit;
    bytes -= raw.length;
    selected.push(entry);
    const next = entry.nonce + 1 < lane.pendingEnd ? lane.entries.get(entry.nonce + 1) : undefined;
    if (next !== undefined) candidates.push({ entry: next, lane, slot: -1 });
  }
  return selected;
}
