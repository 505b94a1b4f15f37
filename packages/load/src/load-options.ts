import type { Clock, Hex, Millis } from "@sheaf/base";
import type {
  BlockEvent,
  ClockAudit,
  LoadMode,
  NonceRepair,
  StateCheck,
  Threshold,
  TransactionTable,
  Warning,
  WorkloadRecord,
} from "@sheaf/measure";
import type { SendCounts } from "./sending/chain-sender.ts";
import type { Route, Workload } from "./workloads/workload.ts";

/** Where one validator is reached. Without `wsUrl` its heads are polled. */
export interface LoadEndpoint {
  readonly rpcUrl: string;
  readonly wsUrl?: string | undefined;
}

/** A chain to load: every validator that is to be observed, and an account with funds. */
export interface LoadChain {
  readonly name: string;
  readonly validators: readonly LoadEndpoint[];
  /** Private key of an account that can pay for the set-up. */
  readonly fundedKey: Hex;
  /** Validators that make a quorum; default ceil(2n/3) of those observed [LATENCY.3]. */
  readonly quorum?: number;
}

/** Longest times of the phases of a run. */
export interface LoadDeadlines {
  /** Connecting, deploying, minting, funding. */
  readonly setUpMs: Millis;
  /** Until every validator of every chain shows its head. */
  readonly readyMs: Millis;
  /** From the barrier to the last submission; an open loop takes what its schedule says. */
  readonly loadMs: Millis;
  /** Without any settlement for so long, the load or the drain ends and what is under way is lost. */
  readonly drainMs: Millis;
  /** The check of the final state. */
  readonly checkMs: Millis;
}

/** How transactions are handed over. */
export interface SendOptions {
  /** Transactions of one JSON-RPC batch, at most. */
  readonly maxBatch: number;
  /** How often queues are emptied: bounds what batching adds to the send time. */
  readonly flushMs: Millis;
  /** Batches under way at once to one validator, at most. 1 keeps the nonces of a lane in strict order. */
  readonly connections: number;
  /** A batch without answer for so long goes to another validator. */
  readonly timeoutMs: Millis;
}

/** When a lane that stands still is looked at. */
export interface RepairOptions {
  readonly stallMs: Millis;
  /** Blocks that the chain must have made in that time. */
  readonly stallBlocks: number;
}

export interface LoadOptions {
  readonly chains: readonly LoadChain[];
  /** Chains under load; all are observed. Default: all. */
  readonly activeChains?: readonly number[];
  readonly workload: Workload;
  readonly mode: LoadMode;
  /** Seed of the arrivals; the workload has been made with its own. */
  readonly seed: string;
  readonly route?: Route;
  /** When a windowed slot becomes free. Default `all`: the transaction is on every required validator. */
  readonly slotFreesAt?: Threshold;
  readonly deadlines?: Partial<LoadDeadlines>;
  readonly send?: Partial<SendOptions>;
  readonly repair?: Partial<RepairOptions>;
  /** Threads that sign. Default: one a core, at most 4. */
  readonly signingThreads?: number;
}

export interface LoadPorts {
  readonly clock?: Clock;
  /** Whether a validator is down by the fault schedule at this moment: it is not waited for. */
  readonly isDown?: (chain: number, validator: number) => boolean;
  /** Called at the start barrier, with the clock's time that becomes zero. */
  readonly onBarrier?: (originMs: Millis) => void;
}

export type LoadPhase = "set-up" | "sign" | "connect" | "load" | "drain" | "check";

/** `done` of `total` steps; in `load` and `drain`, transactions settled. */
export interface LoadProgress {
  readonly phase: LoadPhase;
  readonly done: number;
  readonly total: number;
}

/** What a load leaves: rows, blocks, and what an `ArmRecord` wants to know of it. */
export interface LoadResult {
  readonly transactions: TransactionTable;
  readonly blocks: readonly BlockEvent[];
  readonly loadedChains: readonly number[];
  readonly workload: WorkloadRecord;
  /** Wall-clock time of the start barrier, ISO 8601. */
  readonly startedAt: string;
  /** When watching ended, ms after the barrier. */
  readonly drainEndMs: Millis;
  readonly interrupted: boolean;
  /** `null` when the run ended before the check. */
  readonly stateCheck: StateCheck | null;
  readonly warnings: readonly Warning[];
  readonly nonceRepairs: readonly NonceRepair[];
  readonly clockAudit: ClockAudit;
  readonly sending: SendCounts;
}

/** Errors of the set-up. */
export type LoadErrorDetail =
  /** A transaction of the set-up was refused or reverted. */
  { readonly code: "SET_UP_FAILED"; readonly chain: string; readonly reason: string };
