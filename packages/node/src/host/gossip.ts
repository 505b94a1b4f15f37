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
/** Received bytes that may wait for the pool [GOSSIP.3]. */
const MAX_WAITING_BYTES: ByteCount = 16 * 1024 * 1024;

export function createGossip({ clock, mempool, network, metrics }: GossipPorts): Gossip {
  let received: Uint8Array[] = [];
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
    const batch = received.slice(0, BATCH);
    received = received.slice(BATCH);
    for (const raw of batch) receivedBytes -= raw.length;
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
        if (receivedBytes + raw.length > MAX_WAITING_BYTES) break;
        received.push(raw);
        receivedBytes += raw.length;
      }
      if (received.length > 0) cancelAdmit ??= clock.schedule(0, admit);
    },
    close() {
      cancelSend?.();
      cancelAdmit?.();
    },
  };
}
