import { type Clock, errorMessage, type Millis } from "@sheaf/base";
import type { NonceRepair, Threshold } from "@sheaf/measure";
import type { RpcClient } from "@sheaf/protocol";
import type { Accounts } from "../accounts.ts";
import type { RepairOptions, SendOptions } from "../load-options.ts";
import { type ChainSender, createChainSender } from "../sending/chain-sender.ts";
import { createFillers } from "../sending/fillers.ts";
import type { LaneProgress } from "../sending/lane-progress.ts";
import { createLaneRepair } from "../sending/lane-repair.ts";
import type { SigningChain } from "../signing/sign-job.ts";
import type { ReadBlock } from "../watching/chain-watcher.ts";
import type { HashIndex } from "../watching/hash-index.ts";
import { createInclusions, type Inclusions } from "./inclusions.ts";
import type { PreparedLoad } from "./prepare-load.ts";

/** One chain under load: what is sent into it, what its blocks held, and the mending of its lanes. */
export interface LoadedChain {
  readonly sender: ChainSender;
  readonly inclusions: Inclusions;
  read(block: ReadBlock): void;
  reached(block: ReadBlock, threshold: Threshold): void;
  close(): void;
}

export interface LoadedChainOptions {
  readonly chain: number;
  readonly prepared: PreparedLoad;
  readonly signing: SigningChain;
  readonly accounts: Accounts;
  readonly index: HashIndex;
  readonly progress: LaneProgress;
  readonly sendClients: readonly RpcClient[];
  readonly readClients: readonly RpcClient[];
  readonly clock: Clock;
  readonly originMs: Millis;
  readonly send: SendOptions;
  readonly repair: RepairOptions;
}

export interface LoadedChainEvents {
  /** Transactions of the chain reached a threshold. */
  reached(rows: Uint32Array, threshold: Threshold): void;
  /** A transaction was refused for good. */
  rejected(row: number): void;
  repaired(repair: NonceRepair): void;
  warn(code: string, message: string): void;
}

export function createLoadedChain(options: LoadedChainOptions, events: LoadedChainEvents): LoadedChain {
  const { chain, prepared, accounts, progress, clock, originMs } = options;
  const { plan, table, signed, baseNonces } = prepared;
  const fillers = createFillers(accounts, options.signing, options.readClients, clock);
  const inclusions = createInclusions({ ...options, plan, table, fillers });
  const sender = createChainSender({
    plan,
    table,
    rawHex: signed.rawHex,
    clients: options.sendClients,
    clock,
    originMs,
    maxBatch: options.send.maxBatch,
    connections: options.send.connections,
    onRejected(row, reason) {
      if (reason === "stale") progress.skipped(plan.lane[row] as number);
      else void fill(row).catch((error: unknown) => events.warn("LANE_DEAD", errorMessage(error)));
      events.rejected(row);
    },
  });
  const repair = createLaneRepair({
    ...options,
    ...options.repair,
    plan,
    baseNonces,
    sender,
    onRepair: events.repaired,
  });

  /** Takes the nonce of a transaction that was refused for good. */
  async function fill(row: number): Promise<void> {
    const account = plan.sender[row] as number;
    const nonce = (baseNonces[plan.lane[row] as number] as number) + (plan.sequence[row] as number);
    if (await fillers.fill(account, nonce)) {
      events.repaired({ timeMs: clock.now() - originMs, chain, sender: account, nonce, resent: 0 });
    } else {
      events.warn("LANE_DEAD", `sender ${account} stands still at nonce ${nonce}: a filler was refused too`);
    }
  }

  return {
    sender,
    inclusions,
    read(block) {
      inclusions.read(block);
      repair.blockSeen();
    },
    reached(block, threshold) {
      // Written when it is read and when it is complete; what lies between is written at the end.
      if (threshold === "all" || (threshold === "first" && block.seen.allMs === null))
        inclusions.commit(block);
      const rows = inclusions.rowsOf(block);
      if (rows.length > 0) events.reached(rows, threshold);
    },
    close() {
      repair.stop();
      fillers.stop();
      sender.close();
      inclusions.finish();
    },
  };
}
