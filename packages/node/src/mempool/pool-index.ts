import type { ByteCount, Hex } from "@sheaf/base";
import type { Address } from "@sheaf/protocol";
import type { Account } from "../ports.ts";
import { leavesBefore } from "./eviction.ts";
import { createIndexedHeap } from "./indexed-heap.ts";
import {
  advanceLane,
  createLane,
  type Lane,
  laneHead,
  type PoolEntry,
  pendingCount,
  putEntry,
  takeTail,
} from "./lane.ts";
import { precedes } from "./selection.ts";

/** All lanes of a pool, and the orders in which their transactions enter blocks and leave a full pool. */
export interface PoolIndex {
  readonly lanes: ReadonlyMap<Address, Lane>;
  readonly byHash: ReadonlyMap<Hex, PoolEntry>;
  /** Lanes with something executable, in heap order by the best head. */
  readonly ready: readonly Lane[];
  /** The lane whose tail leaves first. */
  readonly firstToLeave: Lane | undefined;
  /** Executable transactions. */
  readonly pending: number;
  /** Sum of the encoded transactions. */
  readonly bytes: ByteCount;
  /** The sender's lane; a new one, not yet part of the index, when it has none. */
  lane(sender: Address, account: () => Account): Lane;
  /** Puts an entry into its lane; returns the one of the same nonce that it replaced. */
  put(lane: Lane, entry: PoolEntry): PoolEntry | undefined;
  /** Removes and returns a lane's entry of the highest nonce. */
  takeTail(lane: Lane): PoolEntry;
  /** Moves a lane to its account after a block; removes and returns what was used up. */
  advance(lane: Lane, account: Account): readonly PoolEntry[];
}

export function createPoolIndex(): PoolIndex {
  const byHash = new Map<Hex, PoolEntry>();
  const lanes = new Map<Address, Lane>();
  const ready = createIndexedHeap<Lane>(
    (a, b) => precedes(laneHead(a) as PoolEntry, laneHead(b) as PoolEntry),
    (lane, index) => {
      lane.readyIndex = index;
    },
  );
  const tails = createIndexedHeap<Lane>(leavesBefore, (lane, index) => {
    lane.tailIndex = index;
  });
  let pending = 0;
  let bytes: ByteCount = 0;

  function forget({ transaction }: PoolEntry): void {
    byHash.delete(transaction.hash);
    bytes -= transaction.raw.length;
  }

  /** Brings heaps and counts in line with a lane that had `before` executable entries. */
  function reindex(lane: Lane, before: number): void {
    const executable = pendingCount(lane);
    pending += executable - before;
    if (lane.entries.size === 0) {
      lanes.delete(lane.sender);
      if (lane.tailIndex >= 0) tails.remove(lane.tailIndex);
    } else if (lane.tailIndex >= 0) tails.update(lane.tailIndex);
    else {
      lanes.set(lane.sender, lane);
      tails.push(lane);
    }
    if (executable === 0) {
      if (lane.readyIndex >= 0) ready.remove(lane.readyIndex);
    } else if (lane.readyIndex >= 0) ready.update(lane.readyIndex);
    else ready.push(lane);
  }

  return {
    lanes,
    byHash,
    ready: ready.items,
    get firstToLeave() {
      return tails.items[0];
    },
    get pending() {
      return pending;
    },
    get bytes() {
      return bytes;
    },
    lane: (sender, account) => lanes.get(sender) ?? createLane(sender, account()),
    put(lane, entry) {
      const before = pendingCount(lane);
      const replaced = putEntry(lane, entry);
      if (replaced !== undefined) forget(replaced);
      byHash.set(entry.transaction.hash, entry);
      bytes += entry.transaction.raw.length;
      reindex(lane, before);
      return replaced;
    },
    takeTail(lane) {
      const before = pendingCount(lane);
      const tail = takeTail(lane);
      forget(tail);
      reindex(lane, before);
      return tail;
    },
    advance(lane, account) {
      const before = pendingCount(lane);
      const passed = advanceLane(lane, account);
      for (const entry of passed) forget(entry);
      reindex(lane, before);
      return passed;
    },
  };
}
