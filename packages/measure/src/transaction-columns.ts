/** The columns of a transaction table. A time that is not known is `NaN`. */
export interface TransactionColumns {
  readonly chain: Uint16Array;
  readonly sender: Uint32Array;
  readonly nonce: Uint32Array;
  readonly entryValidator: Uint16Array;
  readonly logical: Uint32Array;
  readonly scheduledMs: Float64Array;
  readonly sentMs: Float64Array;
  readonly acceptedMs: Float64Array;
  readonly rejectedMs: Float64Array;
  readonly firstMs: Float64Array;
  readonly quorumMs: Float64Array;
  readonly allMs: Float64Array;
  /** Meaningful where `outcome` is not zero. */
  readonly blockNumber: Uint32Array;
  /** 0: not on chain, 1: committed, 2: failed. */
  readonly outcome: Uint8Array;
  /** 0: not rejected, else position in the table's `rejections`, from 1. */
  readonly rejection: Uint16Array;
  /** 32 bytes a row. */
  readonly hash: Uint8Array;
}

/** Columns of `capacity` rows, every time unknown. */
export function allocateColumns(capacity: number): TransactionColumns {
  const times = (): Float64Array => new Float64Array(capacity).fill(Number.NaN);
  return {
    chain: new Uint16Array(capacity),
    sender: new Uint32Array(capacity),
    nonce: new Uint32Array(capacity),
    entryValidator: new Uint16Array(capacity),
    logical: new Uint32Array(capacity),
    scheduledMs: times(),
    sentMs: times(),
    acceptedMs: times(),
    rejectedMs: times(),
    firstMs: times(),
    quorumMs: times(),
    allMs: times(),
    blockNumber: new Uint32Array(capacity),
    outcome: new Uint8Array(capacity),
    rejection: new Uint16Array(capacity),
    hash: new Uint8Array(capacity * 32),
  };
}

/** Copies every column into the beginning of a larger set. */
export function copyColumns(from: TransactionColumns, to: TransactionColumns): void {
  for (const name of Object.keys(from) as (keyof TransactionColumns)[]) to[name].set(from[name]);
}

/** Views of the first `length` rows over the same memory. */
export function trimColumns(columns: TransactionColumns, length: number): TransactionColumns {
  return {
    chain: columns.chain.subarray(0, length),
    sender: columns.sender.subarray(0, length),
    nonce: columns.nonce.subarray(0, length),
    entryValidator: columns.entryValidator.subarray(0, length),
    logical: columns.logical.subarray(0, length),
    scheduledMs: columns.scheduledMs.subarray(0, length),
    sentMs: columns.sentMs.subarray(0, length),
    acceptedMs: columns.acceptedMs.subarray(0, length),
    rejectedMs: columns.rejectedMs.subarray(0, length),
    firstMs: columns.firstMs.subarray(0, length),
    quorumMs: columns.quorumMs.subarray(0, length),
    allMs: columns.allMs.subarray(0, length),
    blockNumber: columns.blockNumber.subarray(0, length),
    outcome: columns.outcome.subarray(0, length),
    rejection: columns.rejection.subarray(0, length),
    hash: columns.hash.subarray(0, length * 32),
  };
}
