import type { Address, Transaction } from "@sheaf/protocol";
import type { Account, SenderTransaction } from "../ports.ts";

/** A pooled transaction with what the pool orders it by. */
export interface PoolEntry extends SenderTransaction {
  readonly nonce: number;
  /** What it pays for a unit of gas at the chain's constant base fee, wei. */
  readonly price: bigint;
  /** The most that it can take from its sender, wei: value and gas limit times fee cap. */
  readonly cost: bigint;
  /** Rises with every admission. */
  readonly arrival: number;
}

/**
 * The transactions of one sender by nonce [POOL.1]. Those from the account's nonce to the first gap
 * are *pending*, those behind the gap *queued*.
 */
export interface Lane {
  readonly sender: Address;
  /** Nonce of the account: no entry is below. */
  nonce: number;
  /** The account's balance when it was last read, wei; its own transactions alone can lower it. */
  balance: bigint;
  readonly entries: Map<number, PoolEntry>;
  /** First nonce from `nonce` on that is not pooled. */
  pendingEnd: number;
  /** Highest nonce pooled; `nonce` - 1 when there is none. */
  last: number;
  /** Sum of the costs of all entries, wei: never above `balance` [POOL.5]. */
  cost: bigint;
  /** Positions in the pool's heaps; -1 when absent. */
  readyIndex: number;
  tailIndex: number;
}

/** A lane without entries for an account as it stands. */
export function createLane(sender: Address, account: Account): Lane {
  const nonce = Number(account.nonce);
  return {
    sender,
    nonce,
    balance: account.balance,
    entries: new Map(),
    pendingEnd: nonce,
    last: nonce - 1,
    cost: 0n,
    readyIndex: -1,
    tailIndex: -1,
  };
}

export const pendingCount = (lane: Lane): number => lane.pendingEnd - lane.nonce;

/** The next transaction that a block may take. */
export const laneHead = (lane: Lane): PoolEntry | undefined => lane.entries.get(lane.nonce);

/** The entry with the highest nonce. Only of a lane that has entries. */
export const laneTail = (lane: Lane): PoolEntry => lane.entries.get(lane.last) as PoolEntry;

/** Puts an entry in, in place of the one of its nonce, which is returned. */
export function putEntry(lane: Lane, entry: PoolEntry): PoolEntry | undefined {
  const replaced = lane.entries.get(entry.nonce);
  lane.entries.set(entry.nonce, entry);
  lane.cost += entry.cost - (replaced?.cost ?? 0n);
  if (entry.nonce > lane.last) lane.last = entry.nonce;
  extendPending(lane);
  return replaced;
}

/** Takes the entry with the highest nonce out. */
export function takeTail(lane: Lane): PoolEntry {
  const tail = laneTail(lane);
  lane.entries.delete(tail.nonce);
  lane.cost -= tail.cost;
  if (lane.pendingEnd > tail.nonce) lane.pendingEnd = tail.nonce;
  do lane.last -= 1;
  while (lane.last >= lane.nonce && !lane.entries.has(lane.last));
  return tail;
}

/** Moves the lane to its account as it stands after a block; returns the entries whose nonce is used up [POOL.9]. */
export function advanceLane(lane: Lane, account: Account): readonly PoolEntry[] {
  const passed: PoolEntry[] = [];
  const nonce = Number(account.nonce);
  for (let at = lane.nonce; at < nonce && at <= lane.last; at++) {
    const entry = lane.entries.get(at);
    if (entry === undefined) continue;
    lane.entries.delete(at);
    lane.cost -= entry.cost;
    passed.push(entry);
  }
  lane.balance = account.balance;
  lane.nonce = nonce;
  lane.last = Math.max(lane.last, nonce - 1);
  lane.pendingEnd = Math.max(lane.pendingEnd, nonce);
  extendPending(lane);
  return passed;
}

/** The most that a transaction can take from its sender, wei. */
export function transactionCost(transaction: Transaction): bigint {
  const { maxFeePerGas, gasLimit, value } = transaction;
  return maxFeePerGas === 0n ? value : maxFeePerGas * gasLimit + value;
}

function extendPending(lane: Lane): void {
  while (lane.entries.has(lane.pendingEnd)) lane.pendingEnd += 1;
}
