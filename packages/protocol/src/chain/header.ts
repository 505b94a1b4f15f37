import { bigintToBytes, bytesToBigint, bytesToHex, type Hex, hexToBytes } from "@sheaf/base";
import { keccak256 } from "../crypto/keccak.ts";
import type { Address } from "../crypto/secp256k1.ts";
import { decodeRlp, encodeRlp, isBytes } from "../rlp.ts";

/** What executing a block gave; the header of the next block carries it [STATE.3]. */
export interface ExecutionDigest {
  /** Digest of the state and its whole history of changes, 32 bytes [STATE.2]. */
  readonly stateDigest: Hex;
  /** Digest of the receipts, in order, 32 bytes [STATE.4]. */
  readonly receiptsDigest: Hex;
  readonly gasUsed: bigint;
}

/** A block's header. Blocks are ordered first and executed after: `parentResult` is the parent's outcome. */
export interface Header {
  readonly number: number;
  /** Hash of the parent's header; of block 1, the genesis hash. */
  readonly parentHash: Hex;
  /** Milliseconds since the Unix epoch, strictly above the parent's. */
  readonly timestampMs: number;
  readonly proposer: Address;
  /** Keccak-256 over the transactions' hashes, in order [STATE.5]. */
  readonly transactionsDigest: Hex;
  readonly transactionCount: number;
  readonly parentResult: ExecutionDigest;
}

/** Header and raw transactions: the value that consensus agrees on. */
export interface Block {
  readonly header: Header;
  /** Keccak-256 of the encoded header. */
  readonly hash: Hex;
  readonly transactions: readonly Uint8Array[];
}

/** Canonical bytes of a header (RLP). */
export function encodeHeader(header: Header): Uint8Array {
  return encodeRlp([
    bigintToBytes(BigInt(header.number)),
    hexToBytes(header.parentHash),
    bigintToBytes(BigInt(header.timestampMs)),
    hexToBytes(header.proposer),
    hexToBytes(header.transactionsDigest),
    bigintToBytes(BigInt(header.transactionCount)),
    hexToBytes(header.parentResult.stateDigest),
    hexToBytes(header.parentResult.receiptsDigest),
    bigintToBytes(header.parentResult.gasUsed),
  ]);
}

/** The block's hash: what validators vote on. */
export function headerHash(header: Header): Hex {
  return bytesToHex(keccak256(encodeHeader(header)));
}

/** The digest of a list of transaction hashes [STATE.5]. */
export function transactionsDigest(hashes: readonly Hex[]): Hex {
  const all = new Uint8Array(32 * hashes.length);
  for (const [index, hash] of hashes.entries()) all.set(hexToBytes(hash), 32 * index);
  return bytesToHex(keccak256(all));
}

/** Bytes of a block for the wire and the store. */
export function encodeBlock(block: Pick<Block, "header" | "transactions">): Uint8Array {
  return encodeRlp([encodeHeader(block.header), block.transactions]);
}

/** The block of its bytes, or `undefined` when they are none. Transactions are not decoded here. */
export function decodeBlock(bytes: Uint8Array): Block | undefined {
  const outer = decodeRlp(bytes);
  if (outer === undefined || isBytes(outer) || outer.length !== 2) return undefined;
  const [headerBytes, transactions] = outer;
  if (!isBytes(headerBytes) || transactions === undefined || isBytes(transactions)) return undefined;
  if (!transactions.every(isBytes)) return undefined;
  const header = decodeHeader(headerBytes);
  return header && { header, hash: bytesToHex(keccak256(headerBytes)), transactions };
}

/** The header of its bytes, or `undefined`: wrong lengths, leading zeros and trailing bytes are refused. */
export function decodeHeader(bytes: Uint8Array): Header | undefined {
  const items = decodeRlp(bytes);
  if (items === undefined || isBytes(items) || items.length !== 9 || !items.every(isBytes)) return undefined;
  const [number, parentHash, timestamp, proposer, transactions, count, state, receipts, gas] =
    items as readonly Uint8Array[] as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
  const hashes = [parentHash, transactions, state, receipts];
  if (hashes.some((hash) => hash.length !== 32) || proposer.length !== 20) return undefined;
  if ([number, timestamp, count].some((each) => each.length > 6) || gas.length > 8) return undefined;
  if ([number, timestamp, count, gas].some((each) => each[0] === 0)) return undefined;
  return {
    number: Number(bytesToBigint(number)),
    parentHash: bytesToHex(parentHash),
    timestampMs: Number(bytesToBigint(timestamp)),
    proposer: bytesToHex(proposer),
    transactionsDigest: bytesToHex(transactions),
    transactionCount: Number(bytesToBigint(count)),
    parentResult: {
      stateDigest: bytesToHex(state),
      receiptsDigest: bytesToHex(receipts),
      gasUsed: bytesToBigint(gas),
    },
  };
}
