import { bytesToHex } from "@sheaf/base";
import { type Genesis, keccak256, type NodeConfig, recoverSender } from "@sheaf/protocol";
import type {
  Executor,
  Mempool,
  PoolDrop,
  PoolLane,
  PoolOutcome,
  SenderTransaction,
  StateReader,
} from "../ports.ts";
import { createAdmission } from "./admission.ts";
import { type PoolEntry, pendingCount } from "./lane.ts";
import { createPoolIndex } from "./pool-index.ts";
import { createScreen, refuse } from "./screening.ts";
import { selectTransactions } from "./selection.ts";

export interface MempoolOptions {
  readonly genesis: Genesis;
  readonly config: NodeConfig["mempool"];
  /** The state after the head block: nonces and balances are read from it. */
  readonly state: StateReader;
  readonly executor: Pick<Executor, "intrinsicGas">;
}

/** An empty pool (`specs/mempool.md`). It never waits, and keeps nothing on disk. */
export function createMempool({ genesis, config, state, executor }: MempoolOptions): Mempool {
  const screen = createScreen(genesis, executor);
  const index = createPoolIndex();
  /** Admitted and not yet offered for gossip [POOL.11]. */
  const fresh = new Set<PoolEntry>();
  const readyListeners: (() => void)[] = [];
  const admittedListeners: ((transaction: SenderTransaction) => void)[] = [];
  const droppedListeners: ((transaction: SenderTransaction, reason: PoolDrop) => void)[] = [];

  /** Nobody loses a transaction without being told [POOL.10]. */
  function drop(entry: PoolEntry, reason: PoolDrop): void {
    fresh.delete(entry);
    for (const listener of droppedListeners) listener(entry, reason);
  }

  const admit = createAdmission({ index, screen, state, config, onLeft: drop });

  function addOne(bytes: Uint8Array): PoolOutcome {
    if (index.byHash.has(bytesToHex(keccak256(bytes)))) return refuse("already-known");
    const transaction = screen.check(bytes);
    if (!("raw" in transaction)) return transaction;
    const sender = recoverSender(transaction);
    if (sender === undefined) return refuse("invalid-sender");
    const admitted = admit(transaction, sender);
    if (!("transaction" in admitted)) return admitted;
    fresh.add(admitted);
    for (const listener of admittedListeners) listener(admitted);
    return { ok: true, hash: transaction.hash };
  }

  function add(raw: readonly Uint8Array[]): readonly PoolOutcome[] {
    const wasIdle = index.pending === 0;
    const outcomes = raw.map(addOne);
    if (wasIdle && index.pending > 0) for (const listener of readyListeners) listener();
    return outcomes;
  }

  function onCommitted(transactions: readonly SenderTransaction[]): void {
    const included = new Set(transactions.map(({ transaction }) => transaction.hash));
    for (const sender of new Set(transactions.map((each) => each.sender))) {
      const lane = index.lanes.get(sender);
      if (lane === undefined) continue;
      for (const entry of index.advance(lane, state.account(sender))) {
        if (included.has(entry.transaction.hash)) fresh.delete(entry);
        else drop(entry, "stale");
      }
      while (lane.cost > lane.balance) drop(index.takeTail(lane), "unaffordable");
    }
  }

  function* lanes(): Iterable<PoolLane> {
    for (const lane of index.lanes.values()) {
      const entries = [...lane.entries.values()].sort((a, b) => a.nonce - b.nonce);
      const split = pendingCount(lane);
      yield { sender: lane.sender, pending: entries.slice(0, split), queued: entries.slice(split) };
    }
  }

  return {
    add,
    get: (hash) => index.byHash.get(hash),
    select: (limits) => selectTransactions(index.ready, limits),
    pendingNonce(sender) {
      const lane = index.lanes.get(sender);
      return lane === undefined ? state.account(sender).nonce : BigInt(lane.pendingEnd);
    },
    onCommitted,
    get size() {
      return { pending: index.pending, queued: index.byHash.size - index.pending };
    },
    takeFresh() {
      const taken = [...fresh];
      fresh.clear();
      return taken;
    },
    lanes,
    onReady: (listener) => void readyListeners.push(listener),
    onAdmitted: (listener) => void admittedListeners.push(listener),
    onDropped: (listener) => void droppedListeners.push(listener),
  };
}
