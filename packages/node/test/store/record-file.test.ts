import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRandom, errorCode } from "@sheaf/base";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openRecordFiles, type RecordStore } from "../../src/store/record-file.ts";

let dataDir = "";
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "sheaf-record-"));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const file = (index: number): string => join(dataDir, `consensus.${index}`);
const open = (): RecordStore => openRecordFiles(dataDir, "process");

/** Saves the records and closes. */
function save(...records: readonly Uint8Array[]): void {
  const store = open();
  for (const record of records) store.save(record);
  store.close();
}

function load(): Uint8Array | undefined {
  const store = open();
  const record = store.load();
  store.close();
  return record;
}

describe("record files", () => {
  it("give the record saved last, of any size, in any order of sizes", () => {
    const random = createRandom("records");
    expect(load()).toBeUndefined();
    for (let round = 0; round < 20; round++) {
      const records = Array.from({ length: random.int(4) + 1 }, () => random.bytes(random.int(20_000)));
      save(...records);
      expect(load()).toEqual(records.at(-1));
    }
  });

  it("give the record before when the last write was cut off at any place", () => {
    const before = Uint8Array.of(1, 2, 3);
    save(new Uint8Array(100).fill(7), before, new Uint8Array(200).fill(9));
    // The third record went to the file of odd serial numbers, over the first.
    const whole = readFileSync(file(1));
    for (const length of [1, 20, 43, 44, 100, whole.length - 1]) {
      // Behind what was written stands what was there: here zeros.
      const torn = Buffer.alloc(whole.length);
      whole.copy(torn, 0, 0, length);
      writeFileSync(file(1), torn);
      expect(load()).toEqual(before);
      truncateSync(file(1), length);
      expect(load()).toEqual(before);
    }
    save(Uint8Array.of(5));
    expect(load()).toEqual(Uint8Array.of(5));
  });

  it("are refused when both are broken: a validator that forgot its votes could vote twice", () => {
    save(Uint8Array.of(1), Uint8Array.of(2));
    writeFileSync(file(0), "nothing");
    writeFileSync(file(1), "nothing");
    let code: string | undefined;
    try {
      open();
    } catch (error) {
      code = errorCode(error);
    }
    expect(code).toBe("STORE_CORRUPT");
  });
});
