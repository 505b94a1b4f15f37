import { createHash } from "node:crypto";
import { closeSync, fdatasyncSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { errorCode } from "@sheaf/base";
import { storageFailed, storeCorrupt } from "./errors.ts";
import type { Durability } from "./lmdb-byte-store.ts";

/** Keeps one record, replaced often and whole. */
export interface RecordStore {
  /** The record saved last. */
  load(): Uint8Array | undefined;
  /** On return the record survives what the store was opened for. Raises `STORAGE_FAILED`. */
  save(record: Uint8Array): void;
  close(): void;
}

// Digest of the rest (32), serial number (8), length of the record (4), record.
const DIGEST_BYTES = 32;
const HEADER_BYTES = 44;

interface Entry {
  readonly serial: bigint;
  readonly record: Uint8Array;
}

/**
 * A record in two files that are written in turn, so that a write that is cut off leaves the one before.
 * Not in the database: replacing a record there costs a transaction, some ten times as much.
 */
export function openRecordFiles(dataDir: string, durability: Durability): RecordStore {
  const paths = [0, 1].map((index) => join(dataDir, `consensus.${index}`));
  const files = paths.map((path) => openFile(dataDir, path));
  if (durability === "power") flushFolder(dataDir);
  const entries = paths.map(readEntry);
  if (entries.every((entry) => entry === "broken"))
    throw storeCorrupt(dataDir, "has lost the consensus record");
  let newest = entries
    .filter((entry) => entry !== "broken" && entry !== undefined)
    .reduce<Entry | undefined>(
      (best, entry) => (best && best.serial > entry.serial ? best : entry),
      undefined,
    );
  return {
    load: () => newest?.record,
    save(record) {
      const serial = (newest?.serial ?? 0n) + 1n;
      const index = Number(serial % 2n);
      const file = files[index] as number;
      try {
        writeAll(file, encodeEntry(serial, record));
        if (durability === "power") fdatasyncSync(file);
      } catch (error) {
        throw storageFailed(paths[index] as string, "write", error);
      }
      newest = { serial, record: new Uint8Array(record) };
    },
    close: () => files.forEach(closeSync),
  };
}

/** A record that is gone with the process. */
export function createMemoryRecord(): RecordStore {
  let kept: Uint8Array | undefined;
  return {
    load: () => kept,
    save(record) {
      kept = new Uint8Array(record);
    },
    close() {},
  };
}

function openFile(dataDir: string, path: string): number {
  try {
    mkdirSync(dataDir, { recursive: true });
    try {
      return openSync(path, "r+");
    } catch (error) {
      if (errorCode(error) !== "ENOENT") throw error;
      return openSync(path, "w+", 0o600);
    }
  } catch (error) {
    throw storageFailed(path, "open", error);
  }
}

/** A file that was made is in its folder after a power cut only when the folder was flushed too. */
function flushFolder(dataDir: string): void {
  const folder = openSync(dataDir, "r");
  fsyncSync(folder);
  closeSync(folder);
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) {
    written += writeSync(file, bytes, written, bytes.length - written, written);
  }
}

function encodeEntry(serial: bigint, record: Uint8Array): Uint8Array {
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + record.length);
  bytes.writeBigUInt64BE(serial, DIGEST_BYTES);
  bytes.writeUInt32BE(record.length, DIGEST_BYTES + 8);
  bytes.set(record, HEADER_BYTES);
  createHash("sha256").update(bytes.subarray(DIGEST_BYTES)).digest().copy(bytes);
  return bytes;
}

/** What a file holds; a longer record may have left bytes behind it. */
function readEntry(path: string): Entry | "broken" | undefined {
  const bytes = readFileSync(path);
  if (bytes.length === 0) return undefined;
  if (bytes.length < HEADER_BYTES) return "broken";
  const end = HEADER_BYTES + bytes.readUInt32BE(DIGEST_BYTES + 8);
  const digest = createHash("sha256").update(bytes.subarray(DIGEST_BYTES, end)).digest();
  if (end > bytes.length || !digest.equals(bytes.subarray(0, DIGEST_BYTES))) return "broken";
  const record = new Uint8Array(bytes.subarray(HEADER_BYTES, end));
  return { serial: bytes.readBigUInt64BE(DIGEST_BYTES), record };
}
