import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, it } from "vitest";
import type { ChainStore } from "../../src/ports.ts";
import { chainStoreSuite, type OpenStore } from "../../src/store/chain-store-suite.ts";
import type { Durability } from "../../src/store/lmdb-byte-store.ts";
import { createMemoryChainStore, openChainStore } from "../../src/store/open-chain-store.ts";

const openStores: ChainStore[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const store of openStores.splice(0)) await store.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const openLmdb =
  (durability: Durability): OpenStore =>
  async (genesis) => {
    const dataDir = mkdtempSync(join(tmpdir(), "sheaf-store-"));
    folders.push(dataDir);
    const store = await openChainStore({ dataDir, genesis, durability });
    openStores.push(store);
    return {
      store,
      async reopen() {
        await store.close();
        openStores.splice(openStores.indexOf(store), 1);
        const again = await openChainStore({ dataDir, genesis, durability });
        openStores.push(again);
        return again;
      },
    };
  };

const openMemory: OpenStore = async (genesis) => ({
  store: createMemoryChainStore(genesis),
  reopen: undefined,
});

describe.each([
  ["in memory", openMemory],
  ["in LMDB that survives a kill", openLmdb("process")],
  ["in LMDB that survives a power cut", openLmdb("power")],
] as const)("a chain store %s", (_, open) => {
  for (const { title, check } of chainStoreSuite) it(title, () => check(open), 30_000);
});
