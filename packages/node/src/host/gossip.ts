import type { ByteCount, Cancel, Clock, Millis } from "@sheaf/base";
import type { Mempool, PeerNetwork } from "../ports.ts";
import type { HostMetrics } from "./host-metrics.ts";

/** Spreads transactions: those admitted here go to every peer, those of peers into the pool. */
export interface Gossip {
  /** Transactions of a peer; beyond what may wait, they are dropped. */
  receive(transactions: readonly Uint8Array[]): void;
  close(): void;
}

export interface GossipPorts {
  readonly clock: Clock;
  readonly mempool: Mempool;
  readonly network: PeerNetwork;
  readonly metrics: HostMetrics;
}

/** How long admitted transactions are collected before they are sent [GOSSIP.1]. */
const COLLECT_MS: Millis = 5;
const FRAME_BYTES: ByteCount = 64 * 1024;
/** How many received transactions enter the pool at once, so that votes need not wait long. */
const BATCH = 128;
/** Received bytes that may wait for the pool, with what each transaction costs beside its length [GOSSIP.3]. */
const MAX_WAITING_BYTES: ByteCount = 16 * 1024 * 1024;
const OVERHEAD_BYTES: ByteCount = 256;
/** Shorter than any transaction with a signature of ordinary length [GOSSIP.3]. */
const MIN_TRANSACTION_BYTES: ByteCount = 64;

const waitingBytes = (raw: Uint8Array): ByteCount => raw.length + OVERHEAD_BYTES;

export function createGossip({ clock, mempool, network, metrics }: GossipPorts): Gossip {
  let received: Uint8Array[] = [];
  /** How many of `received`, from its start, are in the pool already. */
  let taken = 0;
  let receivedBytes = 0;
  let cancelSend: Cancel | undefined;
  let cancelAdmit: Cancel | undefined;
  let admitting = false;

  mempool.onAdmitted(() => {
    if (!admitting) cancelSend ??= clock.schedule(COLLECT_MS, sendFresh);
  });

  /** Offers what was admitted here to every peer, once [GOSSIP.1]. */
  function sendFresh(): void {
    cancelSend?.();
    cancelSend = undefined;
    let frame: Uint8Array[] = [];
    let bytes = 0;
    const flush = (): void => {
      if (frame.length === 0) return;
      network.broadcast({ kind: "transactions", transactions: frame });
      metrics.gossiped("out", frame.length);
      frame = [];
      bytes = 0;
    };
    for (const { transaction } of mempool.takeFresh()) {
      frame.push(transaction.raw);
      bytes += transaction.raw.length;
      if (bytes >= FRAME_BYTES) flush();
    }
    flush();
  }

  function admit(): void {
    cancelAdmit = undefined;
    // What came from a peer has been sent to all by whoever admitted it first: it goes no further [GOSSIP.2].
    sendFresh();
    const batch = received.slice(taken, taken + BATCH);
    taken += batch.length;
    // Cut only when half is taken, so that the cost of a transaction does not depend on how many wait.
    if (taken * 2 >= received.length) {
      received = received.slice(taken);
      taken = 0;
    }
    for (const raw of batch) receivedBytes -= waitingBytes(raw);
    admitting = true;
    mempool.add(batch);
    mempool.takeFresh();
    admitting = false;
    if (received.length > 0) cancelAdmit = clock.schedule(0, admit);
  }

  return {
    receive(transactions) {
      metrics.gossiped("in", transactions.length);
      for (const raw of transactions) {
        if (raw.length < MIN_TRANSACTION_BYTES) continue;
        if (receivedBytes + waitingBytes(raw) > MAX_WAITING_BYTES) break;
        received.push(raw);
        receivedBytes += waitingBytes(raw);
      }
      if (received.length > 0) cancelAdmit ??= clock.schedule(0, admit);
    },
    close() {
      cancelSend?.();
      cancelAdmit?.();
    },
  };
}
