import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { open, type RootDatabase } from "lmdb";
import type { ByteStore } from "./byte-store.ts";
import { storageFailed, storeCorrupt } from "./errors.ts";

/** What a write survives: `process` a kill of the process, `power` also a power cut (flushed before return). */
export type Durability = "process" | "power";

type Bytes = RootDatabase<Uint8Array, Uint8Array>;

/** A byte store in one LMDB file. Raises `STORAGE_FAILED` and `STORE_CORRUPT`. */
export function openLmdbByteStore(path: string, durability: Durability): ByteStore {
  const database = openDatabase(path, durability);

  return {
    at: path,
    get isEmpty() {
      return (database.getStats() as { entryCount: number }).entryCount === 0;
    },
    get(key) {
      try {
        return database.getBinary(key);
      } catch (error) {
        throw storageFailed(path, "read", error);
      }
    },
    write(work) {
      try {
        database.transactionSync(() => {
          work({
            put: (key, value) => database.putSync(key, value),
            remove: (key) => database.removeSync(key),
          });
        });
      } catch (error) {
        throw storageFailed(path, "write", error);
      }
    },
    close: () => database.close(),
  };
}

function openDatabase(path: string, durability: Durability): Bytes {
  let database: Bytes;
  try {
    mkdirSync(dirname(path), { recursive: true });
    const flushes = durability === "power";
    database = open<Uint8Array, Uint8Array>({
      path,
      noSubdir: true,
      keyEncoding: "binary",
      encoding: "binary",
      cache: false,
      // Without the flags each commit waits for the disk. With them the system writes when it likes:
      // a killed process loses nothing, as its writes are the system's already.
      noSync: !flushes,
      noMetaSync: !flushes,
      overlappingSync: false,
    } as Parameters<typeof open>[0]);
  } catch (error) {
    if (String(error).includes("MDB_INVALID"))
      throw storeCorrupt(path, "is no database of this program", error);
    throw storageFailed(path, "open", error);
  }
  refuseCutFile(path, database);
  return database;
}

/** A file shorter than its last page would end the process with a bus error at the first read beyond. */
function refuseCutFile(path: string, database: Bytes): void {
  const { pageSize, lastPageNumber } = database.getStats() as { pageSize: number; lastPageNumber: number };
  const needed = pageSize * (lastPageNumber + 1);
  const { size } = statSync(path);
  if (size > 0 && size < needed) throw storeCorrupt(path, `is cut off: ${size} bytes of ${needed}`);
}
