import type { Hex } from "@sheaf/base";
import type { Address } from "../crypto/secp256k1.ts";

/** Answer of `sheaf_status`. */
export interface SheafStatus {
  readonly version: string;
  readonly network: string;
  readonly chainId: number;
  readonly validator: Address;
  readonly height: number;
  readonly hash: Hex;
  /** Height and round that consensus works on. */
  readonly consensus: { readonly height: number; readonly round: number };
  /** Validators connected, this one not counted. */
  readonly peers: number;
  readonly validators: number;
  readonly mempool: { readonly pending: number; readonly queued: number };
  readonly syncing: boolean;
  /** `native` or `noble`. */
  readonly signatureEngine: string;
  /** What a committed block survives: `process` a kill, `power` a power cut. */
  readonly durability: "process" | "power";
}

/** Entry of `sheaf_peers`. */
export interface SheafPeer {
  readonly validator: Address;
  readonly connected: boolean;
  /** Height that it last announced. */
  readonly height: number | null;
  readonly remote: string | null;
}

/** Entry of `sheaf_validators`, with its weight at genesis, and of `sheaf_epoch`. */
export interface SheafValidator {
  readonly address: Address;
  readonly weight: number;
}

/** Answer of `sheaf_epoch`: who may propose in an epoch, and how likely (`specs/epochs.md`). */
export interface SheafEpoch {
  readonly epoch: number;
  readonly firstBlock: number;
  readonly lastBlock: number;
  /** Hash of the block before the first: proposers are drawn by it. */
  readonly seed: Hex;
  /** The contract that gave the weights, and is told of every block. */
  readonly contract: Address;
  /** In the order of genesis. */
  readonly weights: readonly SheafValidator[];
}

/** Answer of `sheaf_getCommitCertificate`: proof that a quorum committed a block. */
export interface SheafCommitCertificate {
  readonly number: number;
  readonly hash: Hex;
  readonly round: number;
  readonly seals: readonly { readonly validator: Address; readonly signature: Hex }[];
}

/** Entry of `sheaf_getCommitTimes`, on this validator's wall clock. */
export interface SheafCommitTime {
  readonly number: number;
  readonly hash: Hex;
  /** When the quorum of seals was complete, ms since the epoch, fractions kept. */
  readonly decidedAtMs: number;
  /** When the block was executed and stored: from then on every read shows it. */
  readonly availableAtMs: number;
}

/** Answer of `sheaf_getBlockOutcomes`: what a load generator needs of a block, in the least bytes. */
export interface SheafBlockOutcomes {
  readonly number: number;
  readonly hash: Hex;
  readonly parentHash: Hex;
  readonly timestampMs: number;
  readonly proposer: Address;
  readonly round: number;
  readonly gasUsed: number;
  readonly gasLimit: number;
  readonly sizeBytes: number;
  /** All transaction hashes, 32 bytes each, one after another. */
  readonly transactionHashes: Hex;
  /** One byte a transaction: 01 succeeded, 00 reverted. */
  readonly statuses: Hex;
}

/** Methods of our own, beside the Ethereum ones: parameters and result. */
export interface SheafMethods {
  sheaf_status: { readonly params: readonly []; readonly result: SheafStatus };
  sheaf_peers: { readonly params: readonly []; readonly result: readonly SheafPeer[] };
  sheaf_validators: { readonly params: readonly []; readonly result: readonly SheafValidator[] };
  /**
   * `[block?]`, a number as QUANTITY or a tag, `latest` when left out: the epoch of that block. `null` in
   * a chain without epochs, and when the block is not there.
   */
  sheaf_epoch: { readonly params: readonly [Hex | string] | readonly []; readonly result: SheafEpoch | null };
  /** `[number]` as QUANTITY; `null` when the block is not there. */
  sheaf_getCommitCertificate: {
    readonly params: readonly [Hex];
    readonly result: SheafCommitCertificate | null;
  };
  /** `[from, count]` as QUANTITY; the last 1,024 blocks are kept. */
  sheaf_getCommitTimes: { readonly params: readonly [Hex, Hex]; readonly result: readonly SheafCommitTime[] };
  /** `[number]` as QUANTITY; `null` when the block is not there. */
  sheaf_getBlockOutcomes: { readonly params: readonly [Hex]; readonly result: SheafBlockOutcomes | null };
}
