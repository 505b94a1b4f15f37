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
  const flushes = durability === "power";
  checkDatabaseFile(path);
  try {
    mkdirSync(dirname(path), { recursive: true });
    return open<Uint8Array, Uint8Array>({ ...OPTIONS, path, noSync: !flushes, noMetaSync: !flushes });
  } catch (error) {
    throw storageFailed(path, "open", error);
  }
}
