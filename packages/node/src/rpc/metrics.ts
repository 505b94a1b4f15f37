import { Counter, Gauge, type Registry } from "prom-client";
import type { RpcNode } from "./context.ts";

/** What `/metrics` says of the RPC, the pool and the chain. */
export interface RpcMetrics {
  answered(method: string, ok: boolean): void;
}

export interface RpcMetricsPorts {
  readonly node: Pick<RpcNode, "store" | "mempool" | "status">;
  readonly connections: () => { readonly http: number; readonly webSocket: number };
}

/** Registers the metrics of one RPC server in `registry`; gauges are read when scraped. */
export function createRpcMetrics(registry: Registry, { node, connections }: RpcMetricsPorts): RpcMetrics {
  const registers = [registry];
  const { store, mempool, status } = node;
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  };
  gauge("sheaf_height", "Number of the newest stored block", () => store.head.block.header.number);
  gauge("sheaf_consensus_height", "Height that consensus works on", () => status.consensus.height);
  gauge("sheaf_consensus_round", "Round that consensus works on", () => status.consensus.round);
  gauge("sheaf_syncing", "1 while blocks are fetched from peers", () => (status.syncing ? 1 : 0));
  gauge("sheaf_peers", "Validators connected", () => status.peers.filter((peer) => peer.connected).length);
  gauge("sheaf_pool_pending", "Executable transactions in the pool", () => mempool.size.pending);
  gauge("sheaf_pool_queued", "Transactions in the pool behind a gap", () => mempool.size.queued);
  gauge("sheaf_block_available_delay_seconds", "From decision to availability of the newest block", () => {
    const last = status.commitTimes.at(-1);
    return last === undefined ? 0 : (last.availableAtMs - last.decidedAtMs) / 1_000;
  });
  gauge("sheaf_rpc_http_connections", "Open connections", () => connections().http);
  gauge("sheaf_rpc_websockets", "Open WebSockets", () => connections().webSocket);

  const dropped = new Counter({
    name: "sheaf_pool_dropped_total",
    help: "Transactions that left the pool otherwise than in a block",
    labelNames: ["reason"],
    registers,
  });
  mempool.onDropped((_, reason) => dropped.inc({ reason }));
  const requests = new Counter({
    name: "sheaf_rpc_requests_total",
    help: "Calls answered",
    labelNames: ["method", "outcome"],
    registers,
  });
  const children = new Map<string, Counter.Internal>();
  return {
    answered(method, ok) {
      const key = ok ? method : `${method} failed`;
      let child = children.get(key);
      if (child === undefined) {
        child = requests.labels({ method, outcome: ok ? "ok" : "error" });
        children.set(key, child);
      }
      child.inc();
    },
  };
}
