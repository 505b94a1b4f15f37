import { invariant } from "@sheaf/base";
import { decodeHeader, encodeHeader } from "@sheaf/protocol";
import type { Account, StoredBlock, TransactionLocation } from "../ports.ts";
import { EMPTY_CODE_HASH } from "../state/account.ts";
import { ByteReader } from "../state/byte-reader.ts";
import { ByteWriter } from "../state/byte-writer.ts";

/** An account's value; the code hash is left out of accounts without code. */
export function encodeAccount({ nonce, balance, codeHash }: Account): Uint8Array {
  const writer = new ByteWriter(72);
  writer.uint64(nonce);
  writer.uint256(balance);
  if (codeHash !== EMPTY_CODE_HASH) writer.hex(codeHash);
  return writer.finish();
}

export function decodeAccount(bytes: Uint8Array): Account {
  const reader = new ByteReader(bytes);
  const nonce = reader.uint64();
  const balance = reader.uint256();
  return { nonce, balance, codeHash: bytes.length > 40 ? reader.hex(32) : EMPTY_CODE_HASH };
}

export function encodeLocation({ blockNumber, index }: TransactionLocation): Uint8Array {
  const writer = new ByteWriter(8);
  writer.uint32(blockNumber);
  writer.uint32(index);
  return writer.finish();
}

export function decodeLocation(bytes: Uint8Array): TransactionLocation {
  const reader = new ByteReader(bytes);
  return { blockNumber: reader.uint32(), index: reader.uint32() };
}

export function encodeNumber(number: number): Uint8Array {
  const writer = new ByteWriter(4);
  writer.uint32(number);
  return writer.finish();
}

export function decodeNumber(bytes: Uint8Array): number {
  return new ByteReader(bytes).uint32();
}

/** Integers below 2^53. */
export function encodeWeights(weights: readonly number[]): Uint8Array {
  const writer = new ByteWriter(weights.length * 8);
  for (const weight of weights) writer.uint64(BigInt(weight));
  return writer.finish();
}

export function decodeWeights(bytes: Uint8Array): readonly number[] {
  const reader = new ByteReader(bytes);
  return Array.from({ length: bytes.length / 8 }, () => Number(reader.uint64()));
}

/** A stored block's bytes; the block itself is kept in parts, so that it need not be encoded again. */
export function encodeStoredBlock({ block, certificate, result, sizeBytes }: StoredBlock): Uint8Array {
  const header = encodeHeader(block.header);
  const writer = new ByteWriter(512 + certificate.length + sizeBytes);
  writer.hex(block.hash);
  writer.uint32(header.length);
  writer.bytes(header);
  writer.hex(result.stateDigest);
  writer.hex(result.receiptsDigest);
  writer.uint64(result.gasUsed);
  writer.uint32(sizeBytes);
  writer.uint32(certificate.length);
  writer.bytes(certificate);
  writer.uint32(block.transactions.length);
  for (const transaction of block.transactions) {
    writer.uint32(transaction.length);
    writer.bytes(transaction);
  }
  return writer.finish();
}

export function decodeStoredBlock(bytes: Uint8Array): StoredBlock {
  const reader = new ByteReader(bytes);
  const hash = reader.hex(32);
  const header = decodeHeader(reader.view(reader.uint32()));
  invariant(header !== undefined, "a stored header is none");
  const result = { stateDigest: reader.hex(32), receiptsDigest: reader.hex(32), gasUsed: reader.uint64() };
  const sizeBytes = reader.uint32();
  const certificate = reader.view(reader.uint32());
  const transactions: Uint8Array[] = [];
  for (let left = reader.uint32(); left > 0; left--) transactions.push(reader.view(reader.uint32()));
  return { block: { header, hash, transactions }, certificate, result, sizeBytes };
}
