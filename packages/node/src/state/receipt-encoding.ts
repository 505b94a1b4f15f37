import { createHash } from "node:crypto";
import { bytesToHex, type Hex } from "@sheaf/base";
import type { Log, Receipt } from "../ports.ts";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";

const SUCCEEDED = 4;
const HAS_RECIPIENT = 8;
const HAS_CONTRACT = 16;

const encoded = new WeakMap<readonly Receipt[], Uint8Array>();

/**
 * The receipts of a block as bytes: what [STATE.4] hashes and what the store keeps. Encoded once per
 * list; the list must not change afterwards.
 */
export function encodeReceipts(receipts: readonly Receipt[]): Uint8Array {
  const known = encoded.get(receipts);
  if (known !== undefined) return known;
  const writer = new ByteWriter(4 + receipts.length * 320);
  writer.uint32(receipts.length);
  for (const receipt of receipts) writeReceipt(writer, receipt);
  const bytes = writer.finish();
  encoded.set(receipts, bytes);
  return bytes;
}

/** The receipts of a stored block. */
export function decodeReceipts(bytes: Uint8Array): readonly Receipt[] {
  const reader = new ByteReader(bytes);
  const receipts: Receipt[] = [];
  let cumulativeGasUsed = 0n;
  for (let left = reader.uint32(); left > 0; left--) {
    const receipt = readReceipt(reader, cumulativeGasUsed);
    cumulativeGasUsed = receipt.cumulativeGasUsed;
    receipts.push(receipt);
  }
  return receipts;
}

/** SHA-256 of the encoded receipts, in order [STATE.4]. */
export function receiptsDigest(receipts: readonly Receipt[]): Hex {
  return bytesToHex(createHash("sha256").update(encodeReceipts(receipts)).digest());
}

function writeReceipt(writer: ByteWriter, receipt: Receipt): void {
  const { to, contractAddress } = receipt;
  let flags: number = receipt.type;
  if (receipt.succeeded) flags |= SUCCEEDED;
  if (to !== undefined) flags |= HAS_RECIPIENT;
  if (contractAddress !== undefined) flags |= HAS_CONTRACT;
  writer.uint8(flags);
  writer.hex(receipt.transactionHash);
  writer.hex(receipt.sender);
  if (to !== undefined) writer.hex(to);
  if (contractAddress !== undefined) writer.hex(contractAddress);
  writer.uint64(receipt.gasUsed);
  writer.uint256(receipt.effectiveGasPrice);
  writer.uint32(receipt.logs.length);
  for (const log of receipt.logs) writeLog(writer, log);
}

function writeLog(writer: ByteWriter, log: Log): void {
  writer.hex(log.address);
  writer.uint8(log.topics.length);
  for (const topic of log.topics) writer.hex(topic);
  writer.uint32(log.data.length);
  writer.bytes(log.data);
}

function readReceipt(reader: ByteReader, gasBefore: bigint): Receipt {
  const flags = reader.uint8();
  const transactionHash = reader.hex(32);
  const sender = reader.hex(20);
  const to = flags & HAS_RECIPIENT ? reader.hex(20) : undefined;
  const contractAddress = flags & HAS_CONTRACT ? reader.hex(20) : undefined;
  const gasUsed = reader.uint64();
  const effectiveGasPrice = reader.uint256();
  const logs: Log[] = [];
  for (let left = reader.uint32(); left > 0; left--) logs.push(readLog(reader));
  return {
    transactionHash,
    type: (flags & 3) as Receipt["type"],
    sender,
    to,
    contractAddress,
    succeeded: (flags & SUCCEEDED) !== 0,
    gasUsed,
    cumulativeGasUsed: gasBefore + gasUsed,
    effectiveGasPrice,
    logs,
  };
}

function readLog(reader: ByteReader): Log {
  const address = reader.hex(20);
  const topics: Hex[] = [];
  for (let left = reader.uint8(); left > 0; left--) topics.push(reader.hex(32));
  return { address, topics, data: reader.bytes(reader.uint32()) };
}
