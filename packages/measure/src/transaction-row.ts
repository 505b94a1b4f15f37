import type { Millis } from "@sheaf/base";

/**
 * How a physical transaction ended.
 *
 * - `committed`: on chain, receipt status 1.
 * - `failed`: on chain, reverted. Never in throughput.
 * - `rejected`: the entry validator answered with a JSON-RPC error, and no block ever held it.
 * - `lost`: sent, and neither on chain nor rejected when the drain time was over [LOST.1].
 * - `unsent`: never handed to a validator (the run was interrupted, or the sender fell too far behind).
 */
export type TransactionStatus = "committed" | "failed" | "rejected" | "lost" | "unsent";

/** Why an entry validator refused: a JSON-RPC error code and the class of its message ("nonce too low"). */
export interface Rejection {
  readonly code: number;
  readonly message: string;
}

/**
 * One physical transaction. Times are milliseconds on the driver's one monotonic clock; zero is the
 * arm's common start barrier. `null` means that it did not happen or was not seen.
 */
export interface TransactionRow {
  /** Position in the table. */
  readonly index: number;
  /** Chain of the arm, from 0. */
  readonly chain: number;
  /** Sender account of the workload, from 0. */
  readonly sender: number;
  readonly nonce: number;
  /** Validator of the chain to which it was handed, from 0. */
  readonly entryValidator: number;
  /** The logical transaction it belongs to; its own index unless several rows share one. */
  readonly logical: number;
  /**
   * When the schedule wanted it sent [LATENCY.1]: the arrival in an open loop, the moment its slot
   * became free in windowed mode. `null` when its turn never came.
   */
  readonly scheduledMs: Millis | null;
  /** First hand-over to the operating system. */
  readonly sentMs: Millis | null;
  /** The entry validator's positive answer. */
  readonly acceptedMs: Millis | null;
  /** The entry validator's refusal. */
  readonly rejectedMs: Millis | null;
  /** Its block seen on the first validator [LATENCY.2]. */
  readonly firstMs: Millis | null;
  /** Its block seen on a quorum of the chain's validators. */
  readonly quorumMs: Millis | null;
  /** Its block seen on every observed validator of the chain. */
  readonly allMs: Millis | null;
  readonly blockNumber: number | null;
  readonly status: TransactionStatus;
  readonly rejection: Rejection | null;
  /** 32 bytes: a view into the table, valid until the next `add`. */
  readonly hash: Uint8Array;
}

/** What is known of a transaction when it has been signed. */
export interface NewTransaction {
  readonly chain: number;
  readonly sender: number;
  readonly nonce: number;
  readonly entryValidator: number;
  readonly hash: Uint8Array;
  /** Default: the row's own index. */
  readonly logical?: number;
}

/** Where and when a transaction was seen on chain. */
export interface Inclusion {
  readonly blockNumber: number;
  /** Receipt status 1. */
  readonly success: boolean;
  readonly firstMs: Millis;
  readonly quorumMs: Millis | null;
  readonly allMs: Millis | null;
}
