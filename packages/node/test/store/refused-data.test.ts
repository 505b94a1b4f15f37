import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errorCode, invariant } from "@sheaf/base";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ChainStore } from "../../src/ports.ts";
import { openLmdbByteStore } from "../../src/store/lmdb-byte-store.ts";
import { openChainStore } from "../../src/store/open-chain-store.ts";
import { addBlocks, storeGenesis } from "../../src/store/suite/random-blocks.ts";

let dataDir = "";
let file = "";
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "sheaf-refused-"));
  file = join(dataDir, "chain.mdb");
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const open = (genesis = storeGenesis()): Promise<ChainStore> =>
  openChainStore({ dataDir, genesis, durability: "process" });

async function codeOf(attempt: Promise<ChainStore>): Promise<string | undefined> {
  try {
    await (await attempt).close();
  } catch (error) {
    return errorCode(error);
  }
  return undefined;
}

async function fill(): Promise<void> {
  const store = await open();
  await addBlocks(store, 20, "refused");
  await store.close();
}

describe("a data directory is refused", () => {
  it("when it holds a chain of another genesis [STATE.1]", async () => {
    await fill();
    expect(await codeOf(open(storeGenesis("other")))).toBe("WRONG_CHAIN");
    expect(await codeOf(open())).toBeUndefined();
  });

  it("when another version of the program wrote it", async () => {
    await fill();
    const bytes = openLmdbByteStore(file, "process");
    bytes.write((batch) => batch.put(Buffer.from("m/schema"), Uint8Array.of(0, 0, 0, 9)));
    await bytes.close();
    expect(await codeOf(open())).toBe("STORE_SCHEMA");
  });

  it("when its file is cut off", async () => {
    await fill();
    const { size } = statSync(file);
    for (const part of [0.9, 0.5]) {
      truncateSync(file, Math.floor((size * part) / 4_096) * 4_096);
      expect(await codeOf(open())).toBe("STORE_CORRUPT");
    }
  });

  it("when its file is something else", async () => {
    writeFileSync(file, Buffer.alloc(40_000, "no database "));
    expect(await codeOf(open())).toBe("STORE_CORRUPT");
  });

  it("when it is another program's database", async () => {
    const bytes = openLmdbByteStore(file, "process");
    bytes.write((batch) => batch.put(Buffer.from("hello"), Buffer.from("world")));
    await bytes.close();
    expect(await codeOf(open())).toBe("STORE_CORRUPT");
  });

  it("when it has lost its newest block", async () => {
    await fill();
    const bytes = openLmdbByteStore(file, "process");
    const head = bytes.get(Buffer.from("m/head"));
    invariant(head !== undefined, "a head");
    bytes.write((batch) => batch.remove(Buffer.concat([Buffer.from("b"), head])));
    await bytes.close();
    expect(await codeOf(open())).toBe("STORE_CORRUPT");
  });

  it("when it cannot be made", async () => {
    writeFileSync(join(dataDir, "taken"), "");
    const attempt = openChainStore({
      dataDir: join(dataDir, "taken"),
      genesis: storeGenesis(),
      durability: "process",
    });
    expect(await codeOf(attempt)).toBe("STORAGE_FAILED");
  });
});
