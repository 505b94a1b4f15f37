import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRandom, sleep } from "@sheaf/base";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { assertHolds } from "../../src/store/chain-store-suite.ts";
import type { Durability } from "../../src/store/lmdb-byte-store.ts";
import { createMemoryChainStore, openChainStore } from "../../src/store/open-chain-store.ts";
import { addBlocks, type RandomBlock, storeGenesis } from "../../src/store/suite/random-blocks.ts";

const CHILD = fileURLToPath(new URL("./commit-blocks.mjs", import.meta.url));
const SEED = "crash";
const KILLS = Number(process.env["SHEAF_STORE_KILLS"] ?? 12);

let dataDir = "";
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "sheaf-crash-"));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

/** Reads what the child says until it is gone. */
async function listen(
  child: ChildProcess,
): Promise<{ committed?: number; failed?: string; head?: number }[]> {
  let text = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  await new Promise((resolve) => child.once("close", resolve));
  const lines = text.split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as { committed?: number });
}

describe("a store whose process is killed", () => {
  it.each<Durability>(["process", "power"])(
    `holds whole blocks, all that were committed, after every one of ${KILLS} kills (%s) [STATE.11]`,
    { timeout: 120_000 },
    async (durability) => {
      const genesis = storeGenesis();
      const random = createRandom(`kills ${durability}`);
      // The same seed makes the same blocks: what the child commits is known here.
      const mirror = createMemoryChainStore(genesis);
      const expected: RandomBlock[] = [];
      for (let kill = 0; kill < KILLS; kill++) {
        const child = spawn(process.execPath, [CHILD, dataDir, durability, SEED], {
          stdio: ["ignore", "pipe", "inherit"],
        });
        const said = listen(child);
        await new Promise((resolve) => child.stdout?.once("data", resolve));
        await sleep(random.int(120));
        child.kill("SIGKILL");
        const committed = (await said).at(-1)?.committed ?? 0;

        const store = await openChainStore({ dataDir, genesis, durability });
        const head = store.head.block.header.number;
        expect(head).toBeGreaterThanOrEqual(committed);
        expected.push(...(await addBlocks(mirror, head - expected.length, SEED)));
        assertHolds(store, genesis, expected);
        expect(Number(Buffer.from(store.consensusRecord ?? []).toString())).toBeGreaterThanOrEqual(head);
        await store.close();
      }
      expect(expected.length).toBeGreaterThan(KILLS);
    },
  );
});

describe("a store whose disk is full", () => {
  it("says so, keeps what it has, and goes on when there is space again", { timeout: 60_000 }, async () => {
    // A limit on the size of files stands in for the end of the disk: the write is refused in the same place.
    const script = `trap '' XFSZ; ulimit -f 600; exec "$0" "$@"`;
    const child = spawn("bash", ["-c", script, process.execPath, CHILD, dataDir, "process", SEED], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const said = await listen(child);
    const last = said.at(-1);
    expect(last?.failed).toBe("STORAGE_FAILED");
    const committed = said.at(-2)?.committed ?? 0;
    expect(committed).toBeGreaterThan(10);
    expect(last?.head).toBe(committed);

    const genesis = storeGenesis();
    const expected = await addBlocks(createMemoryChainStore(genesis), committed + 5, SEED);
    const store = await openChainStore({ dataDir, genesis, durability: "process" });
    assertHolds(store, genesis, expected.slice(0, committed));
    await addBlocks(store, 5, SEED);
    assertHolds(store, genesis, expected);
    await store.close();
  });
});
