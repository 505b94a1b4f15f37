import type { Millis } from "@sheaf/base";
import type { RpcNode } from "./context.ts";

export interface Health {
  readonly healthy: boolean;
  /** `starting` until a block is there; `stalled` when none came for long. */
  readonly status: "ok" | "syncing" | "starting" | "stalled";
  readonly height: number;
  /** Connected validators, this one not counted. */
  readonly peers: number;
  readonly sinceLastBlockMs: Millis;
}

/** Rounds that may fail one after another before the chain counts as halted. */
const PATIENCE_ROUNDS = 4;

/** Whether the chain has been seen and goes on. A network without any load still makes empty blocks [RPC.15]. */
export function nodeHealth({ genesis, store, status, clock }: Omit<RpcNode, "executor">): Health {
  const { header } = store.head.block;
  const { emptyBlockPeriodMs, maxRoundTimeoutMs } = genesis.consensus;
  const seenAtMs = status.commitTimes.at(-1)?.availableAtMs ?? header.timestampMs;
  const sinceLastBlockMs = Math.max(0, clock.wallMs() - seenAtMs);
  const isStalled = sinceLastBlockMs > emptyBlockPeriodMs + PATIENCE_ROUNDS * maxRoundTimeoutMs;
  const word = (): Health["status"] => {
    if (status.syncing) return "syncing";
    if (header.number === 0) return "starting";
    return isStalled ? "stalled" : "ok";
  };
  const state = word();
  return {
    healthy: state === "ok" || state === "syncing",
    status: state,
    height: header.number,
    peers: status.peers.filter((peer) => peer.connected).length,
    sinceLastBlockMs,
  };
}
