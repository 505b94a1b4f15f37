import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRandom, type Random } from "@sheaf/base";
import { describe, expect, it } from "vitest";
import type { ByteStore } from "../../src/store/byte-store.ts";
import { openLmdbByteStore } from "../../src/store/lmdb-byte-store.ts";
import { createMemoryByteStore } from "../../src/store/memory-byte-store.ts";

const BATCHES = Number(process.env["SHEAF_STORE_BATCHES"] ?? 300);

const KEYS = Array.from({ length: 8_000 }, (_, index) => Buffer.from(createRandom(`key ${index}`).bytes(33)));

type Operation = readonly [key: Buffer, value: Buffer | undefined];

/** Some batches like those of empty blocks, some like those of full ones. */
function randomBatch(random: Random): Operation[] {
  const operations = random.chance(0.6) ? random.int(6) + 1 : random.int(1_500);
  const batch = Array.from({ length: operations }, (): Operation => {
    return [random.pick(KEYS), random.chance(0.1) ? undefined : Buffer.from(random.bytes(random.int(60)))];
  });
  batch.push([Buffer.from(`block ${random.uint32()}`), Buffer.alloc(random.int(100_000), 7)]);
  return batch;
}

describe("a byte store in LMDB", () => {
  it(`holds after ${BATCHES} random batches and many openings what a map holds`, {
    timeout: 120_000,
  }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "sheaf-bytes-"));
    const path = join(folder, "chain.mdb");
    const random = createRandom("batches");
    const expected = new Map<string, Buffer>();
    let store: ByteStore = openLmdbByteStore(path, "process");
    const differs = (key: Buffer): boolean => {
      const [found, wanted] = [store.get(key), expected.get(key.toString("latin1"))];
      return wanted === undefined ? found !== undefined : found === undefined || !wanted.equals(found);
    };
    const expectSame = (): void => {
      expect([...expected.keys()].map((key) => Buffer.from(key, "latin1")).filter(differs)).toEqual([]);
    };
    for (let left = BATCHES; left > 0; left--) {
      const batch = randomBatch(random);
      store.write(({ put, remove }) => {
        for (const [key, value] of batch) value === undefined ? remove(key) : put(key, value);
      });
      for (const [key, value] of batch) {
        if (value === undefined) expected.delete(key.toString("latin1"));
        else expected.set(key.toString("latin1"), value);
      }
      expect(batch.map(([key]) => key).filter(differs)).toEqual([]);
      if (!random.chance(0.03)) continue;
      await store.close();
      store = openLmdbByteStore(path, "process");
      expectSame();
    }
    expectSame();
    await store.close();
    rmSync(folder, { recursive: true });
  });
});

describe.each([
  ["in memory", createMemoryByteStore],
  ["in LMDB", openTemporary],
] as const)("a batch %s", (_, open) => {
  it("that fails leaves nothing behind", async () => {
    const store = open();
    const [one, two] = [Buffer.from("one"), Buffer.from("two")];
    store.write(({ put }) => put(one, Buffer.from("1")));
    expect(() =>
      store.write(({ put, remove }) => {
        put(two, Buffer.from("2"));
        remove(one);
        throw new TypeError("in the middle");
      }),
    ).toThrow("in the middle");
    expect(Buffer.from(store.get(one) ?? [])).toEqual(Buffer.from("1"));
    expect(store.get(two)).toBeUndefined();
    await store.close();
  });
});

function openTemporary(): ByteStore {
  const folder = mkdtempSync(join(tmpdir(), "sheaf-bytes-"));
  const store = openLmdbByteStore(join(folder, "chain.mdb"), "process");
  return {
    ...store,
    async close() {
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
}
