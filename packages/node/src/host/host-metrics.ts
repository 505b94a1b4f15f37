import type { Millis } from "@sheaf/base";
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { Peer } from "../ports.ts";

/** What the host counts, for `/metrics`. */
export interface HostMetrics {
  committed(transactions: number, times: { readonly executeMs: Millis; readonly storeMs: Millis }): void;
  /** From the proposal, received or made, to the decision. */
  decided(round: number, sinceProposalMs: Millis): void;
  roundTimedOut(): void;
  /** A message of consensus that a correct validator would not have sent. */
  rejected(code: string): void;
  gossiped(direction: "in" | "out", transactions: number): void;
  synced(blocks: number): void;
}

const MILLISECONDS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];

/** Registers the metrics of the host and of its peers; both are read when scraped. */
export function createHostMetrics(registry: Registry, peers: () => readonly Peer[]): HostMetrics {
  const registers = [registry];
  const counter = (name: string, help: string, labelNames: string[] = []): Counter =>
    new Counter({ name, help, labelNames, registers });
  const timing = (name: string, help: string): Histogram =>
    new Histogram({ name, help, buckets: MILLISECONDS, registers });

  const blocks = counter("sheaf_blocks_total", "Blocks committed");
  const transactions = counter("sheaf_transactions_total", "Transactions committed");
  const timeouts = counter("sheaf_round_timeouts_total", "Rounds that ended without a decision");
  const rejected = counter("sheaf_rejected_messages_total", "Consensus messages refused", ["code"]);
  const gossip = counter("sheaf_gossip_transactions_total", "Transactions gossiped", ["direction"]);
  const synced = counter("sheaf_synced_blocks_total", "Blocks fetched from peers");
  const round = new Gauge({ name: "sheaf_decided_round", help: "Round of the last decision", registers });
  const execute = timing("sheaf_block_execute_milliseconds", "Execution of a block");
  const store = timing("sheaf_block_store_milliseconds", "Writing of a block");
  const decide = timing("sheaf_block_decide_milliseconds", "From proposal to decision");
  registerPeerMetrics(registry, peers);

  return {
    committed(count, { executeMs, storeMs }) {
      blocks.inc();
      transactions.inc(count);
      execute.observe(executeMs);
      store.observe(storeMs);
    },
    decided(decidedRound, sinceProposalMs) {
      round.set(decidedRound);
      decide.observe(sinceProposalMs);
    },
    roundTimedOut: () => timeouts.inc(),
    rejected: (code) => rejected.inc({ code }),
    gossiped: (direction, count) => gossip.inc({ direction }, count),
    synced: (count) => synced.inc(count),
  };
}

function registerPeerMetrics(registry: Registry, peers: () => readonly Peer[]): void {
  const perPeer = (name: string, help: string, read: (peer: Peer) => number): void => {
    const gauge = new Gauge({
      name,
      help,
      labelNames: ["peer"],
      registers: [registry],
      collect: () => {
        for (const peer of peers()) gauge.set({ peer: peer.validator }, read(peer));
      },
    });
  };
  perPeer("sheaf_peer_connected", "1 when connected", ({ connected }) => (connected ? 1 : 0));
  perPeer("sheaf_peer_connections", "Connections opened", ({ traffic }) => traffic.connects);
  perPeer("sheaf_peer_frames_in", "Frames received", ({ traffic }) => traffic.framesIn);
  perPeer("sheaf_peer_frames_out", "Frames sent", ({ traffic }) => traffic.framesOut);
  perPeer("sheaf_peer_bytes_in", "Bytes received", ({ traffic }) => traffic.bytesIn);
  perPeer("sheaf_peer_bytes_out", "Bytes sent", ({ traffic }) => traffic.bytesOut);
  perPeer(
    "sheaf_peer_frames_dropped",
    "Frames that a full queue refused",
    ({ traffic }) => traffic.framesDropped,
  );
}
