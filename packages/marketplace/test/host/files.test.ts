import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRandom, createVirtualClock, errorCode, sleep, utf8 } from "@sheaf/base";
import { afterAll, describe, expect, test } from "vitest";
import { openEventLog } from "../../src/host/event-log.ts";
import { openSavedState } from "../../src/host/saved-state.ts";
import { lockFolder } from "../../src/host/state-lock.ts";

const folder = mkdtempSync(join(tmpdir(), "sheaf-files-"));
afterAll(() => rmSync(folder, { recursive: true }));
let folders = 0;
const fresh = (): string => join(folder, String(folders++));

describe("the saved state", () => {
  test("holds the last value of each key, under any name", async () => {
    const path = fresh();
    const store = await openSavedState(path);
    const random = createRandom("saved state");
    const names = ["a", "a/b", "..", "a%2Fb", "Ä ö", "job/1/x", "bulk/model/1"];
    const expected = new Map<string, Uint8Array>();
    for (let count = 0; count < 60; count++) {
      const key = random.pick(names);
      const value = random.chance(0.2) ? undefined : random.bytes(random.int(5_000));
      await store.save(key, value);
      if (value === undefined) expected.delete(key);
      else expected.set(key, value);
      expect(await store.load(key)).toEqual(value);
    }
    const reopened = await openSavedState(path);
    expect(await reopened.load("bulk/model/1")).toEqual(expected.get("bulk/model/1"));
    expected.delete("bulk/model/1");
    const loaded = await reopened.loadAll();
    expect(new Map([...loaded].sort())).toEqual(new Map([...expected].sort()));
  });

  test("that was damaged is refused by name", async () => {
    const path = fresh();
    const store = await openSavedState(path);
    await store.save("key", utf8("value"));
    for (const spoil of ["", "short", "x".repeat(100)]) {
      writeFileSync(join(path, "state", "key-key"), spoil);
      const error: unknown = await store.loadAll().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        code: "STATE_CORRUPT",
        detail: { file: join(path, "state", "key-key") },
      });
    }
  });

  test("is old or new, never in between, when its process is killed", { timeout: 60_000 }, async () => {
    const path = fresh();
    const program = `
      import { openSavedState } from ${JSON.stringify(join(import.meta.dirname, "../../dist/host/saved-state.js"))};
      const store = await openSavedState(${JSON.stringify(path)});
      for (let count = 1; ; count++) {
        await store.save("first", new Uint8Array(200_000).fill(count));
        await store.save("second", Uint8Array.of(count));
        if (count === 1) console.log("begun");
      }`;
    for (let round = 0; round < 8; round++) {
      const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      await once(child.stdout, "data");
      await sleep(20 + 30 * round);
      child.kill("SIGKILL");
      await once(child, "exit");
      const values = await (await openSavedState(path)).loadAll();
      const [first, second] = [values.get("first"), values.get("second")];
      expect(first).toHaveLength(200_000);
      expect(new Set(first).size).toBe(1);
      // Saves are in order: the first is as old as the second, or one ahead.
      expect(((first?.[0] ?? 0) - (second?.[0] ?? 0) + 256) % 256).toBeLessThanOrEqual(1);
      expect(readdirSync(join(path, "state")).every((name) => name.startsWith("key-"))).toBe(true);
    }
  });
});

describe("the log of events", () => {
  test("has one object a line, and goes on after half a line that a killed process left", () => {
    const path = join(folder, "events.jsonl");
    const clock = createVirtualClock(1_000);
    const first = openEventLog(path, clock);
    first.record({ kind: "paid", job: 7n, amountWei: 12_345_678_901_234_567_890n });
    clock.runUntil(2_000);
    first.record({ kind: "link", link: "bus", up: false }, 500);
    first.close();
    appendFileSync(path, '{"at":3000,"kind":"half');
    const second = openEventLog(path, clock);
    second.record({ kind: "link", link: "bus", up: true });
    second.close();
    second.record({ kind: "link", link: "bus", up: false });
    const lines = readFileSync(path, "utf8").split("\n");
    expect(lines.pop()).toBe("");
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { at: 1_000, mono: 1_000, kind: "paid", job: "7", amountWei: "12345678901234567890" },
      { at: 1_500, mono: 1_500, kind: "link", link: "bus", up: false },
      { at: 2_000, mono: 2_000, kind: "link", link: "bus", up: true },
    ]);
  });
});

test("a folder has one process at a time; a dead one does not hold it", () => {
  const path = fresh();
  const free = lockFolder(path);
  writeFileSync(join(path, "lock"), String(process.ppid));
  let code: string | undefined;
  try {
    lockFolder(path);
  } catch (error) {
    code = errorCode(error);
  }
  expect(code).toBe("INVALID_INPUT");
  for (const stale of ["999999999", "", "nobody"]) {
    writeFileSync(join(path, "lock"), stale);
    lockFolder(path)();
  }
  free();
  expect(readdirSync(path)).toEqual([]);
});
