import { join } from "node:path";
import type { Genesis } from "@sheaf/protocol";
import type { ChainStore } from "../ports.ts";
import { createChainStore } from "./chain-store.ts";
import { type Durability, openLmdbByteStore } from "./lmdb-byte-store.ts";
import { createMemoryByteStore } from "./memory-byte-store.ts";
import { createMemoryRecord, openRecordFiles } from "./record-file.ts";

export interface ChainStoreOptions {
  /** Made when it is not there. */
  readonly dataDir: string;
  readonly genesis: Genesis;
  readonly durability: Durability;
}

/**
 * Opens the chain of a validator, at its first opening with genesis as its state. One process at a time.
 * Raises `WRONG_CHAIN`, `STORE_SCHEMA`, `STORE_CORRUPT`, `STORAGE_FAILED`.
 */
export async function openChainStore(options: ChainStoreOptions): Promise<ChainStore> {
  const bytes = openLmdbByteStore(join(options.dataDir, "chain.mdb"), options.durability);
  try {
    const record = openRecordFiles(options.dataDir, options.durability);
    return createChainStore(bytes, record, options.genesis);
  } catch (error) {
    await bytes.close();
    throw error;
  }
}

/** A chain store that is gone with the process: for tests and simulations. */
export function createMemoryChainStore(genesis: Genesis): ChainStore {
  return createChainStore(createMemoryByteStore(), createMemoryRecord(), genesis);
}
