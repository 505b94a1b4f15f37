import type { Address, NodeConfig, Transaction } from "@sheaf/protocol";
import type { PoolOutcome, StateReader } from "../ports.ts";
import { EMPTY_CODE_HASH } from "../state/account.ts";
import { yieldsTo } from "./eviction.ts";
import { type Lane, type PoolEntry, transactionCost } from "./lane.ts";
import type { PoolIndex } from "./pool-index.ts";
import { type Refused, refuse, type Screen } from "./screening.ts";

export interface AdmissionPorts {
  readonly index: PoolIndex;
  readonly screen: Screen;
  readonly state: StateReader;
  readonly config: NodeConfig["mempool"];
  /** Told of the entry that a full pool gave up, and of the one that was replaced. */
  readonly onLeft: (entry: PoolEntry, reason: "evicted" | "replaced") => void;
}

/** Admits a screened transaction of a known sender, or says why not. Refused ones change nothing. */
export type Admit = (transaction: Transaction, sender: Address) => PoolOutcome | PoolEntry;

export function createAdmission({ index, screen, state, config, onLeft }: AdmissionPorts): Admit {
  let arrivals = 0;

  /** The window of nonces that bounds a lane and its gaps [POOL.3]. */
  function checkNonce(lane: Lane, nonce: number): Refused | undefined {
    if (nonce < lane.nonce) {
      return refuse("nonce-too-low", `next nonce ${lane.nonce}, tx nonce ${nonce}`);
    }
    const end = lane.nonce + config.maxPerSender;
    if (nonce < end) return undefined;
    return lane.pendingEnd >= end
      ? refuse("sender-full", `${config.maxPerSender} transactions wait`)
      : refuse("nonce-too-high", `tx nonce ${nonce}, gapped nonce ${lane.pendingEnd}`);
  }

  /** Both fees must rise, and by the configured share at least [POOL.4]. */
  function checkReplacement(held: Transaction, offered: Transaction): Refused | undefined {
    const rises = (from: bigint, to: bigint): boolean =>
      to > from && to * 100n >= from * BigInt(100 + config.replacementPercent);
    return rises(held.maxFeePerGas, offered.maxFeePerGas) &&
      rises(held.maxPriorityFeePerGas, offered.maxPriorityFeePerGas)
      ? undefined
      : refuse("replacement-underpriced");
  }

  /** The account must be able to pay `extra` beside all that is pooled of it [POOL.5]. */
  function checkFunds(lane: Lane, extra: bigint): Refused | undefined {
    if (lane.cost + extra <= lane.balance) return undefined;
    // The balance may have risen since it was read; and a block may have been stored of which the
    // pool has not been told yet, whose transactions are paid already.
    const { balance, nonce } = state.account(lane.sender);
    let queued = 0n;
    for (const entry of lane.entries.values()) if (BigInt(entry.nonce) >= nonce) queued += entry.cost;
    if (queued + extra <= balance) {
      lane.balance = balance + lane.cost - queued;
      return undefined;
    }
    const overshot = queued + extra - balance;
    return refuse(
      "insufficient-funds",
      `balance ${balance}, queued cost ${queued}, tx cost ${extra}, overshot ${overshot}`,
    );
  }

  /** A full pool gives up what is worth less than `entry`, or refuses it [POOL.6]. */
  function makeRoom(lane: Lane, entry: PoolEntry, held: PoolEntry | undefined): Refused | undefined {
    const extraCount = held === undefined ? 1 : 0;
    const extraBytes = entry.transaction.raw.length - (held?.transaction.raw.length ?? 0);
    const isFull = (): boolean =>
      index.byHash.size + extraCount > config.maxTransactions || index.bytes + extraBytes > config.maxBytes;
    const evicted: { readonly lane: Lane; readonly entry: PoolEntry }[] = [];
    while (isFull()) {
      const first = index.firstToLeave;
      const own = entry.nonce < lane.last ? lane : undefined;
      const victim = first !== undefined && yieldsTo(first, entry, lane) ? first : own;
      if (victim === undefined) {
        for (const each of evicted.reverse()) index.put(each.lane, each.entry);
        return refuse("pool-full");
      }
      evicted.push({ lane: victim, entry: index.takeTail(victim) });
    }
    for (const each of evicted) onLeft(each.entry, "evicted");
    return undefined;
  }

  return function admit(transaction, sender) {
    if (index.byHash.has(transaction.hash)) return refuse("already-known");
    let hasCode = false;
    const lane = index.lane(sender, () => {
      const account = state.account(sender);
      hasCode = account.codeHash !== EMPTY_CODE_HASH;
      return account;
    });
    if (hasCode) return refuse("invalid-sender", "sender not an eoa");
    const nonce = Number(transaction.nonce);
    const held = lane.entries.get(nonce);
    const price = screen.price(transaction);
    const cost = transactionCost(transaction);
    const entry: PoolEntry = { transaction, sender, nonce, price, cost, arrival: arrivals };
    const refused =
      checkNonce(lane, nonce) ??
      (held && checkReplacement(held.transaction, transaction)) ??
      checkFunds(lane, cost - (held?.cost ?? 0n)) ??
      makeRoom(lane, entry, held);
    if (refused !== undefined) return refused;
    arrivals += 1;
    if (index.put(lane, entry) !== undefined) onLeft(held as PoolEntry, "replaced");
    return entry;
  };
}
