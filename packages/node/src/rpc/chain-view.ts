import type { Hex } from "@sheaf/base";
import { invariant } from "@sheaf/base";
import { decodeTransaction, type Transaction } from "@sheaf/protocol";
import type { ChainStore, FoundLog, Receipt, StoredBlock } from "../ports.ts";
import { logsBloom } from "./bloom.ts";
import type { BlockRef } from "./parameters.ts";
import { serverFault } from "./rpc-fault.ts";

/** A stored block with everything that answers are made of, each part made when it is first asked for. */
export interface BlockView {
  readonly number: number;
  readonly hash: Hex;
  readonly stored: StoredBlock;
  readonly receipts: readonly Receipt[];
  readonly transactions: readonly Transaction[];
  /** Bloom filter of all logs. */
  readonly bloom: Hex;
  /** All logs with their places. */
  readonly logs: readonly FoundLog[];
  /** Number of logs before each transaction's. */
  readonly firstLogIndex: readonly number[];
}

/** The chain as methods read it. Blocks never change, so those read last are kept. */
export interface ChainView {
  readonly head: StoredBlock;
  block(number: number): BlockView | undefined;
  /** The block that a parameter names; `undefined` when it is not there. */
  find(ref: BlockRef): BlockView | undefined;
  /** Its number alone, without reading it. */
  numberOf(ref: BlockRef): number | undefined;
  /**
   * Makes sure that `ref` is the head: no other state is kept [RPC.3]. Raises `RPC_FAULT` with the message that
   * Geth gives for a block that is not there, or one that says what is kept.
   */
  requireHead(ref: BlockRef): void;
}

/** Blocks kept decoded. */
const KEPT_BLOCKS = 8;

export function createChainView(store: ChainStore): ChainView {
  const kept = new Map<number, BlockView>();

  function keep(view: BlockView): BlockView {
    kept.set(view.number, view);
    if (kept.size > KEPT_BLOCKS) kept.delete(kept.keys().next().value as number);
    return view;
  }

  function block(number: number): BlockView | undefined {
    const known = kept.get(number);
    if (known !== undefined) {
      kept.delete(number);
      kept.set(number, known);
      return known;
    }
    const stored = store.block(number);
    return stored && keep(createBlockView(stored, () => store.receipts(number) ?? []));
  }

  function numberOf(ref: BlockRef): number | undefined {
    const head = store.head.block.header.number;
    switch (ref.kind) {
      case "head":
      case "pending":
        return head;
      case "number":
        return ref.number <= head ? ref.number : undefined;
      case "hash":
        return store.blockNumber(ref.hash);
    }
  }

  return {
    get head() {
      return store.head;
    },
    block,
    find(ref) {
      const number = numberOf(ref);
      return number === undefined ? undefined : block(number);
    },
    numberOf,
    requireHead(ref) {
      const number = numberOf(ref);
      if (number === undefined) {
        throw serverFault(ref.kind === "hash" ? "header for hash not found" : "header not found");
      }
      const head = store.head.block.header.number;
      if (number !== head) {
        throw serverFault(`historical state is not kept: asked for block ${number}, the head is ${head}`);
      }
    },
  };
}

function createBlockView(stored: StoredBlock, readReceipts: () => readonly Receipt[]): BlockView {
  const { header, hash } = stored.block;
  const receipts = lazy(readReceipts);
  const transactions = lazy(() => stored.block.transactions.map(decodeStored));
  const bloom = lazy(() => logsBloom(receipts().flatMap(({ logs }) => logs)));
  const firstLogIndex = lazy(() => {
    let count = 0;
    return receipts().map(({ logs }) => {
      count += logs.length;
      return count - logs.length;
    });
  });
  const logs = lazy(() =>
    receipts().flatMap((receipt, transactionIndex) =>
      receipt.logs.map((log, index) => ({
        log,
        blockNumber: header.number,
        blockHash: hash,
        transactionHash: receipt.transactionHash,
        transactionIndex,
        logIndex: (firstLogIndex()[transactionIndex] as number) + index,
      })),
    ),
  );
  return {
    number: header.number,
    hash,
    stored,
    get receipts() {
      return receipts();
    },
    get transactions() {
      return transactions();
    },
    get bloom() {
      return bloom();
    },
    get logs() {
      return logs();
    },
    get firstLogIndex() {
      return firstLogIndex();
    },
  };
}

function decodeStored(raw: Uint8Array): Transaction {
  const decoded = decodeTransaction(raw);
  invariant(!("fault" in decoded), "a stored block holds bytes that are no transaction");
  return decoded;
}

function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
