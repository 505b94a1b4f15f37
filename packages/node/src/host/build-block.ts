import type { ByteCount, Millis } from "@sheaf/base";
import {
  type Address,
  type Block,
  encodeBlock,
  encodeHeader,
  type Header,
  headerHash,
  transactionsDigest,
} from "@sheaf/protocol";
import type { SenderTransaction, StoredBlock } from "../ports.ts";

/** A block with its transactions decoded and its bytes: what consensus votes on, ready to execute. */
export interface Candidate {
  readonly block: Block;
  readonly transactions: readonly SenderTransaction[];
  /** As `encodeBlock` gives it. */
  readonly payload: Uint8Array;
}

/** The block of `transactions` after `parent`. */
export function buildBlock(
  parent: StoredBlock,
  proposer: Address,
  timestampMs: Millis,
  transactions: readonly SenderTransaction[],
): Candidate {
  const header: Header = {
    number: parent.block.header.number + 1,
    parentHash: parent.block.hash,
    timestampMs,
    proposer,
    transactionsDigest: transactionsDigest(transactions.map(({ transaction }) => transaction.hash)),
    transactionCount: transactions.length,
    parentResult: parent.result,
  };
  const block = {
    header,
    hash: headerHash(header),
    transactions: transactions.map(({ transaction }) => transaction.raw),
  };
  return { block, transactions, payload: encodeBlock(block) };
}

/** As many of the first transactions as fit into a block of `blockBytes` after encoding [BLOCK.7]. */
export function fitTransactions(
  transactions: readonly SenderTransaction[],
  blockBytes: ByteCount,
  parent: StoredBlock,
): readonly SenderTransaction[] {
  let room = blockBytes - HEADER_ROOM - encodeHeader(parent.block.header).length;
  let count = 0;
  for (const { transaction } of transactions) {
    room -= transaction.raw.length + prefixBytes(transaction.raw.length);
    if (room < 0) break;
    count += 1;
  }
  return count === transactions.length ? transactions : transactions.slice(0, count);
}

/** By how much a header may be longer than its parent's, with the prefixes of the lists. */
const HEADER_ROOM = 64;

/** Bytes of the prefix that RLP gives a string of more than one byte. */
function prefixBytes(length: number): number {
  if (length < 56) return 1;
  if (length < 0x100) return 2;
  return length < 0x10000 ? 3 : 4;
}
