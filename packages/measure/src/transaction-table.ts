import { invariant, type Millis } from "@sheaf/base";
import { allocateColumns, copyColumns, type TransactionColumns, trimColumns } from "./transaction-columns.ts";
import type {
  Inclusion,
  NewTransaction,
  Rejection,
  TransactionRow,
  TransactionStatus,
} from "./transaction-row.ts";

/**
 * The rows of one arm, column by column in typed arrays: 79 bytes a row and 32 for its hash, so that
 * 200,000 rows take about 22 MB (twice that while growing).
 *
 * A row starts as `unsent`. `sent` makes it `lost` until something better is known, so a table is
 * correct at any moment, also when the run is interrupted [LOST.1].
 */
export interface TransactionTable {
  readonly length: number;
  /** Adds a signed transaction and gives its row index. */
  add(transaction: NewTransaction): number;
  /** The moment the schedule wanted the row sent. */
  scheduled(row: number, ms: Millis): void;
  /** Handed to the operating system. The first call counts; a later one (a repair) only lifts a rejection. */
  sent(row: number, ms: Millis): void;
  /** The entry validator took it. The first call counts. */
  accepted(row: number, ms: Millis): void;
  /** The entry validator refused it. An inclusion, earlier or later, overrides it. */
  rejected(row: number, ms: Millis, reason: Rejection): void;
  /** Seen on chain. Called again as more validators show the block: the last call counts. */
  included(row: number, inclusion: Inclusion): void;
  status(row: number): TransactionStatus;
  row(row: number): TransactionRow;
  rows(): IterableIterator<TransactionRow>;
  /** The distinct rejections; `columns.rejection` points into it, counted from 1. */
  readonly rejections: readonly Rejection[];
  /** Live views of the first `length` entries: read them, do not keep them across `add`. */
  readonly columns: TransactionColumns;
}

/** The numbers in `columns.outcome`. */
export const outcome = { none: 0, committed: 1, failed: 2 } as const;

/** An empty table with room for `capacity` rows; it grows by doubling. */
export function createTransactionTable(options: { readonly capacity?: number } = {}): TransactionTable {
  let capacity = Math.max(16, options.capacity ?? 1024);
  let store = allocateColumns(capacity);
  let views: TransactionColumns | undefined;
  let length = 0;
  const rejections: Rejection[] = [];
  const rejectionIndex = new Map<string, number>();

  function grow(): void {
    capacity *= 2;
    const larger = allocateColumns(capacity);
    copyColumns(store, larger);
    store = larger;
  }

  function intern(reason: Rejection): number {
    const key = `${reason.code} ${reason.message}`;
    const known = rejectionIndex.get(key);
    if (known !== undefined) return known;
    invariant(rejections.length < 65_535, "rejection messages are classes, not texts that differ every time");
    const index = rejections.push({ code: reason.code, message: reason.message });
    rejectionIndex.set(key, index);
    return index;
  }

  function check(row: number): void {
    invariant(row >= 0 && row < length, "the transaction row exists");
  }

  function status(row: number): TransactionStatus {
    check(row);
    if (store.outcome[row] === outcome.committed) return "committed";
    if (store.outcome[row] === outcome.failed) return "failed";
    if (store.rejection[row] !== 0) return "rejected";
    return Number.isNaN(store.sentMs[row]) ? "unsent" : "lost";
  }

  function row(index: number): TransactionRow {
    check(index);
    return {
      index,
      chain: store.chain[index] as number,
      sender: store.sender[index] as number,
      nonce: store.nonce[index] as number,
      entryValidator: store.entryValidator[index] as number,
      logical: store.logical[index] as number,
      scheduledMs: nullable(store.scheduledMs[index]),
      sentMs: nullable(store.sentMs[index]),
      acceptedMs: nullable(store.acceptedMs[index]),
      rejectedMs: nullable(store.rejectedMs[index]),
      firstMs: nullable(store.firstMs[index]),
      quorumMs: nullable(store.quorumMs[index]),
      allMs: nullable(store.allMs[index]),
      blockNumber: store.outcome[index] === outcome.none ? null : (store.blockNumber[index] as number),
      status: status(index),
      rejection: rejections[(store.rejection[index] as number) - 1] ?? null,
      hash: store.hash.subarray(index * 32, index * 32 + 32),
    };
  }

  return {
    get length() {
      return length;
    },
    add(transaction) {
      invariant(transaction.hash.length === 32, "a transaction hash has 32 bytes");
      if (length === capacity) grow();
      const index = length++;
      views = undefined;
      store.chain[index] = transaction.chain;
      store.sender[index] = transaction.sender;
      store.nonce[index] = transaction.nonce;
      store.entryValidator[index] = transaction.entryValidator;
      store.logical[index] = transaction.logical ?? index;
      store.hash.set(transaction.hash, index * 32);
      return index;
    },
    scheduled(index, ms) {
      check(index);
      store.scheduledMs[index] = ms;
    },
    sent(index, ms) {
      check(index);
      if (Number.isNaN(store.sentMs[index])) store.sentMs[index] = ms;
      store.rejection[index] = 0;
      store.rejectedMs[index] = Number.NaN;
    },
    accepted(index, ms) {
      check(index);
      if (Number.isNaN(store.acceptedMs[index])) store.acceptedMs[index] = ms;
    },
    rejected(index, ms, reason) {
      check(index);
      store.rejection[index] = intern(reason);
      store.rejectedMs[index] = ms;
    },
    included(index, inclusion) {
      check(index);
      store.outcome[index] = inclusion.success ? outcome.committed : outcome.failed;
      store.blockNumber[index] = inclusion.blockNumber;
      store.firstMs[index] = inclusion.firstMs;
      store.quorumMs[index] = inclusion.quorumMs ?? Number.NaN;
      store.allMs[index] = inclusion.allMs ?? Number.NaN;
    },
    status,
    row,
    *rows() {
      for (let index = 0; index < length; index++) yield row(index);
    },
    rejections,
    get columns() {
      views ??= trimColumns(store, length);
      return views;
    },
  };
}

function nullable(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}
