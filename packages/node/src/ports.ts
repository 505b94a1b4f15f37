import type { Hex } from "@sheaf/base";
import type {
  AccessListEntry,
  Address,
  Block,
  ExecutionDigest,
  Transaction,
  WireMessage,
} from "@sheaf/protocol";

// The seams inside a validator: `execution` and `store` stand behind these, `host`, `mempool` and
// `rpc` in front of them. No part imports another part's internals.

/** A transaction whose signature was checked: the sender is recovered once and carried along. */
export interface SenderTransaction {
  readonly transaction: Transaction;
  readonly sender: Address;
}

export interface Log {
  readonly address: Address;
  /** 0 to 4 topics, 32 bytes each. */
  readonly topics: readonly Hex[];
  readonly data: Uint8Array;
}

export interface Receipt {
  readonly transactionHash: Hex;
  readonly type: 0 | 1 | 2;
  readonly sender: Address;
  readonly to: Address | undefined;
  /** Set when the transaction created a contract. */
  readonly contractAddress: Address | undefined;
  readonly succeeded: boolean;
  readonly gasUsed: bigint;
  readonly cumulativeGasUsed: bigint;
  readonly effectiveGasPrice: bigint;
  readonly logs: readonly Log[];
}

export interface Account {
  readonly nonce: bigint;
  readonly balance: bigint;
  /** Keccak-256 of the code; of no code, the hash of nothing. */
  readonly codeHash: Hex;
}

/** The state after the head block. Missing accounts and slots read as empty. */
export interface StateReader {
  /** Rises with every commit: who reads over a pause can tell that the head has moved. */
  readonly version: number;
  account(address: Address): Account;
  /** Code by its hash; empty for the hash of nothing. */
  code(codeHash: Hex): Uint8Array;
  /** A storage slot: 32 bytes, zero when unset. `slot` is 32 bytes in hex. */
  storage(address: Address, slot: Hex): Uint8Array;
}

/** What one block changes in the state: the last value of each key, sorted by key [STATE.2]. */
export interface StateChanges {
  readonly accounts: readonly (readonly [Address, Account | undefined])[];
  readonly storage: readonly (readonly [Address, Hex, Uint8Array | undefined])[];
  /** Code that was not there before, by hash. */
  readonly code: readonly (readonly [Hex, Uint8Array])[];
}

/** The block around a transaction, as the EVM sees it. */
export interface BlockContext {
  readonly number: number;
  readonly timestampMs: number;
  readonly proposer: Address;
  readonly parentHash: Hex;
  /** Hash of block `number`, for BLOCKHASH of the 256 before. */
  readonly blockHash: (number: number) => Hex | undefined;
}

/** How likely each validator proposes in the epoch that follows a block [EPOCH.3]. */
export interface NextWeights {
  /** In the order of genesis; not all 0. */
  readonly weights: readonly number[];
  /** Why these are the weights of genesis and not the contract's [EPOCH.5]. */
  readonly fallback: string | undefined;
}

/** What executing a block gave; nothing is written until the store commits it. */
export interface ExecutedBlock {
  readonly receipts: readonly Receipt[];
  readonly changes: StateChanges;
  readonly result: ExecutionDigest;
  /** Of the last block of an epoch. */
  readonly next?: NextWeights | undefined;
}

export interface CallRequest {
  readonly from: Address;
  readonly to: Address | undefined;
  readonly gasLimit: bigint;
  readonly gasPrice: bigint;
  readonly value: bigint;
  readonly data: Uint8Array;
  /** Paid for and warm from the start, as in a transaction; nothing when left out. */
  readonly accessList?: readonly AccessListEntry[];
}

export interface CallOutcome {
  readonly succeeded: boolean;
  /** Returned data, or revert data. */
  readonly output: Uint8Array;
  readonly gasUsed: bigint;
  /** `revert`, or the EVM's name of the exception; undefined when it succeeded. */
  readonly failure: string | undefined;
}

/**
 * An execution engine (`specs/state.md`). Every engine passes the suite exported from
 * `execution/executor-suite.ts`. Deterministic: equal blocks on equal states give equal results.
 */
export interface Executor {
  /** Executes a decided block's transactions in order upon the head state, without writing. */
  execute(
    context: BlockContext,
    transactions: readonly SenderTransaction[],
    parent: ExecutionDigest,
  ): Promise<ExecutedBlock>;
  /** Runs a message upon the head state and forgets what it changed. */
  call(context: BlockContext, request: CallRequest): Promise<CallOutcome>;
  /** Gas that a transaction needs before its first opcode; its gas limit must not be below. */
  intrinsicGas(transaction: Pick<Transaction, "to" | "data" | "accessList">): bigint;
}

/** A decided, executed, stored block. */
export interface StoredBlock {
  readonly block: Block;
  /** Commit certificate as `commit-certificate.ts` encodes it; empty for genesis. */
  readonly certificate: Uint8Array;
  readonly result: ExecutionDigest;
  /** Bytes of the encoded block. */
  readonly sizeBytes: number;
}

export interface TransactionLocation {
  readonly blockNumber: number;
  readonly index: number;
}

export interface LogFilter {
  readonly fromBlock: number;
  readonly toBlock: number;
  /** Any of these; empty means all. */
  readonly addresses: readonly Address[];
  /** By position: any of these; `undefined` matches all. */
  readonly topics: readonly (readonly Hex[] | undefined)[];
  /** Stops with `too-many` when more would be found. */
  readonly limit: number;
}

export interface FoundLog {
  readonly log: Log;
  readonly blockNumber: number;
  readonly blockHash: Hex;
  readonly transactionHash: Hex;
  readonly transactionIndex: number;
  /** Position among all logs of the block. */
  readonly logIndex: number;
}

/** All that a validator keeps: chain, receipts, state, and what consensus must not forget. */
export interface ChainStore {
  readonly state: StateReader;
  /** The newest block; genesis (number 0) at first. */
  readonly head: StoredBlock;
  block(number: number): StoredBlock | undefined;
  /** Hash of a stored block, without reading the block. */
  blockHash(number: number): Hex | undefined;
  blockNumber(hash: Hex): number | undefined;
  receipts(number: number): readonly Receipt[] | undefined;
  location(transactionHash: Hex): TransactionLocation | undefined;
  /** Weights of the validators in the epoch that follows block `number`, the last of its own [EPOCH.3]. */
  weightsAfter(number: number): readonly number[] | undefined;
  logs(filter: LogFilter): readonly FoundLog[] | "too-many";
  /** Writes a block with its outcome in one transaction: all of it or nothing. Its number is head + 1. */
  commit(
    block: StoredBlock,
    transactions: readonly SenderTransaction[],
    executed: ExecutedBlock,
  ): Promise<void>;
  /** The record that consensus persisted last, and replaces it; on return it survives a kill of the process. */
  readonly consensusRecord: Uint8Array | undefined;
  saveConsensusRecord(record: Uint8Array): void;
  close(): Promise<void>;
}

/** Why the pool refuses a transaction; `rpc` turns it into the messages that clients expect. */
export type PoolRefusal =
  | "already-known"
  | "nonce-too-low"
  | "nonce-too-high"
  | "insufficient-funds"
  | "intrinsic-gas-too-low"
  | "exceeds-block-gas-limit"
  | "fee-cap-below-base-fee"
  | "replacement-underpriced"
  | "pool-full"
  | "sender-full"
  | "oversized"
  | "wrong-chain"
  | "unprotected"
  | "initcode-too-large"
  | "invalid-sender"
  | "malformed"
  | "unsupported-type"
  | "tip-above-fee-cap";

export type PoolOutcome =
  | { readonly ok: true; readonly hash: Hex }
  | { readonly ok: false; readonly refusal: PoolRefusal; readonly detail?: string };

/** Why an admitted transaction left the pool otherwise than in a block. */
export type PoolDrop = "replaced" | "evicted" | "stale" | "unaffordable";

/** What is pooled of one sender, in order of nonce. */
export interface PoolLane {
  readonly sender: Address;
  /** Executable one after another from the account's nonce on. */
  readonly pending: readonly SenderTransaction[];
  /** Behind a gap. */
  readonly queued: readonly SenderTransaction[];
}

/** Transactions that wait for a block: one lane of nonces a sender (`specs/mempool.md`). */
export interface Mempool {
  /** Decodes, recovers and admits. Several at once: signatures are recovered in one pass. */
  add(raw: readonly Uint8Array[]): readonly PoolOutcome[];
  /** A pooled transaction by hash: its sender need not be recovered again. */
  get(hash: Hex): SenderTransaction | undefined;
  /** Executable transactions in a fair order (by price, then arrival; nonces in order), within the limits. */
  select(limits: {
    readonly transactions: number;
    readonly gas: bigint;
    readonly bytes: number;
  }): readonly SenderTransaction[];
  /** Next nonce of a sender, counting what is pooled. */
  pendingNonce(sender: Address): bigint;
  /** After a commit: drops what was included or made stale. */
  onCommitted(transactions: readonly SenderTransaction[]): void;
  readonly size: { readonly pending: number; readonly queued: number };
  /** Admitted since the last call, for gossip; own and gossiped ones alike are offered once. */
  takeFresh(): readonly SenderTransaction[];
  /** Called when something becomes executable in an empty pool: the host may propose. */
  onReady(listener: () => void): void;
  /** Called for every admitted transaction (`newPendingTransactions`). */
  onAdmitted(listener: (transaction: SenderTransaction) => void): void;
  /** Called for every admitted transaction that leaves otherwise than in a block. */
  onDropped(listener: (transaction: SenderTransaction, reason: PoolDrop) => void): void;
  /** All that is pooled (`txpool_content`). */
  lanes(): Iterable<PoolLane>;
}

/** What the host tells the RPC about the running validator. */
export interface NodeStatus {
  readonly consensus: { readonly height: number; readonly round: number };
  readonly syncing: boolean;
  readonly peers: readonly {
    readonly validator: Address;
    readonly connected: boolean;
    readonly height: number | undefined;
    readonly remote: string | undefined;
  }[];
  /** Commit times of the last 1,024 blocks, newest last (wall clock, ms). */
  readonly commitTimes: readonly {
    readonly number: number;
    readonly hash: Hex;
    readonly decidedAtMs: number;
    readonly availableAtMs: number;
  }[];
}

/** What went over the connections with one peer since the start. */
export interface PeerTraffic {
  readonly framesIn: number;
  readonly framesOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Frames that a full queue refused. */
  readonly framesDropped: number;
  /** How often a connection was opened. */
  readonly connects: number;
}

/** Another validator, connected or not. */
export interface Peer {
  readonly validator: Address;
  readonly connected: boolean;
  /** Height that it last announced on the present connection. */
  readonly height: number | undefined;
  readonly remote: string | undefined;
  readonly traffic: PeerTraffic;
}

/** What the host gives the network. Calls come from the event loop, one at a time, in order for each peer. */
export interface PeerListener {
  /** Height of the own head, announced in every `status`. */
  height(): number;
  /** A peer is authenticated and follows the same chain: messages may go out. */
  onConnected(validator: Address): void;
  onMessage(validator: Address, message: WireMessage): void;
}

/** The authenticated connections to the other validators (`specs/wire.md`). */
export interface PeerNetwork {
  readonly peers: readonly Peer[];
  /** The port it listens on, once started. */
  readonly port: number;
  start(listener: PeerListener): Promise<void>;
  /** Queues a message; `false` when the peer is not connected or its queue is full. Never blocks. */
  send(validator: Address, message: WireMessage): boolean;
  /** Encodes once and queues for every connected peer. */
  broadcast(message: WireMessage): void;
  /** Ends the connection of a peer that broke the protocol. */
  disconnect(validator: Address, reason: string): void;
  close(): Promise<void>;
}
