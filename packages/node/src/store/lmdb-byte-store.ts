import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { open, type RootDatabase } from "lmdb";
import type { ByteStore } from "./byte-store.ts";
import { checkDatabaseFile } from "./check-database-file.ts";
import { storageFailed } from "./errors.ts";

/** What a write survives: `process` a kill of the process, `power` also a power cut (flushed before return). */
export type Durability = "process" | "power";

type Bytes = RootDatabase<Uint8Array, Uint8Array>;

// `noSync` and `noMetaSync` let the system write when it likes: a killed process loses nothing, as its writes
// are the system's already. Without them each commit waits for the disk (`overlappingSync` would wait later).
const OPTIONS = {
  noSubdir: true,
  keyEncoding: "binary",
  encoding: "binary",
  cache: false,
  overlappingSync: false,
} as const;

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
      const transaction = (): void =>
        database.transactionSync(() => {
          work({
            put: (key, value) => database.putSync(key, value),
            remove: (key) => database.removeSync(key),
          });
        });
      try {
        retryAborted(transaction);
      } catch (error) {
        throw storageFailed(path, "write", error);
      }
    },
    close: () => database.close(),
  };
}

/** MDB_BAD_TXN. */
const BAD_TRANSACTION = -30_782;
const ATTEMPTS = 5;

/**
 * When `lmdb` 3.5 saves its list of free pages it tests the size of an entry before it tests whether
 * there is one, and now and then aborts a sound transaction ("reserved freelist had a data entry with
 * zero-size", about one small transaction in 300 of some patterns). Nothing was written: the same again succeeds.
 */
function retryAborted(transaction: () => void): void {
  for (let attempt = 1; ; attempt++) {
    try {
      transaction();
      return;
    } catch (error) {
      const aborted = error instanceof Error && "code" in error && error.code === BAD_TRANSACTION;
      if (!aborted || attempt === ATTEMPTS) throw error;
    }
  }
}

function openDatabase(path: string, durability: Durability): Bytes {
  const flushes = durability === "power";
  checkDatabaseFile(path);
  try {
    mkdirSync(dirname(path), { recursive: true });
    return open<Uint8Array, Uint8Array>({ ...OPTIONS, path, noSync: !flushes, noMetaSync: !flushes });
  } catch (error) {
    throw storageFailed(path, "open", error);
  }
}
