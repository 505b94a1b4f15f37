import { closeSync, openSync, readSync, statSync } from "node:fs";
import { errorCode } from "@sheaf/base";
import { storageFailed, storeCorrupt } from "./errors.ts";

// The two meta pages at the head of an LMDB file, as `lmdb` of npm writes them (little-endian): magic number at
// 24, page size at 48, last page in use at 144, serial number of the write at 152. The newer one counts.
const MAGIC = 0xbeefc0de;
const META_BYTES = 160;

/**
 * Raises `STORE_CORRUPT` for a file that is no database or is cut off: LMDB itself would end the process,
 * at its opening or at the first read beyond the end. A missing or empty file is a new database.
 */
export function checkDatabaseFile(path: string): void {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return;
    throw storageFailed(path, "open", error);
  }
  try {
    const { size } = statSync(path);
    if (size > 0) checkPages(path, file, size);
  } finally {
    closeSync(file);
  }
}

function checkPages(path: string, file: number, size: number): void {
  const first = readMeta(file, 0);
  const pageSize = first.readUInt32LE(48);
  if (first.readUInt32LE(24) !== MAGIC || pageSize < 512) {
    throw storeCorrupt(path, "is no database of this program");
  }
  const second = readMeta(file, pageSize);
  const newer = second.readBigUInt64LE(152) > first.readBigUInt64LE(152) ? second : first;
  const needed = (newer.readBigUInt64LE(144) + 1n) * BigInt(pageSize);
  if (BigInt(size) < needed) throw storeCorrupt(path, `is cut off: ${size} bytes of ${needed}`);
}

function readMeta(file: number, position: number): Buffer {
  const meta = Buffer.alloc(META_BYTES);
  readSync(file, meta, 0, META_BYTES, position);
  return meta;
}
