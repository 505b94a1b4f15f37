import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRandom, errorCode } from "@sheaf/base";
import { afterAll, describe, expect, test } from "vitest";
import { DATA_LIMITS } from "../../src/data/limits.ts";
import { readParquet } from "../../src/data/parquet.ts";
import { readTable } from "../../src/data/read-table.ts";

// Written by DuckDB 1.x, four row groups each.
const fixture = (name: string): string => join(import.meta.dirname, "files", `${name}.parquet`);
const folder = mkdtempSync(join(tmpdir(), "sheaf-parquet-"));
afterAll(() => rmSync(folder, { recursive: true }));

const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2024, 0, 1);
const rows = Array.from({ length: 200 }, (_, row) => row);

describe("a Parquet file", () => {
  test.each(["uncompressed", "snappy", "gzip", "zstd", "lz4", "brotli"])(
    "compressed by %s is read as it was written",
    async (codec) => {
      const { table, placeOf } = await readTable(fixture(codec));
      expect(Object.fromEntries(table.columns.map(({ name, values }) => [name, values]))).toEqual({
        width: rows.map((row) => row * 0.25 - 3),
        big: rows,
        small: rows.map((row) => row % 7),
        gaps: rows.map((row) => (row % 5 === 0 ? null : row)),
        flag: rows.map((row) => row % 2 === 0),
        grade: rows.map((row) => ["low", "mid", "high"][row % 3]),
        day: rows.map((row) => START_MS + row * DAY_MS),
        at: rows.map((row) => START_MS + row * 3_600_000),
      });
      expect(placeOf(4)).toBe("row 5");
    },
  );

  test("is refused with nested columns, objects, no rows, or above the limits", async () => {
    const at = (name: string, limits = DATA_LIMITS) =>
      readParquet(fixture(name), limits).then(
        () => "read",
        (error: Error) => error.message.replace(fixture(name), "FILE"),
      );
    expect(await at("nested")).toBe('FILE, column "pair": is nested');
    expect(await at("json")).toBe('FILE, row 1, column "text": is neither number, text, boolean nor date');
    expect(await at("no-rows")).toBe("FILE: has no rows");
    expect(await at("snappy", { ...DATA_LIMITS, cells: 1_599 })).toContain("has more than 1599 cells");
    expect(await at("snappy", { ...DATA_LIMITS, columns: 7 })).toContain("above the limit of 7");
  });

  test("cut off anywhere is refused", async () => {
    const bytes = readFileSync(fixture("snappy"));
    for (const length of [4, 5, 8, 100, 1000, bytes.length / 2, bytes.length - 8, bytes.length - 1]) {
      const path = join(folder, "cut.parquet");
      writeFileSync(path, bytes.subarray(0, length));
      expect(await readTable(path).then(() => "read", errorCode), `${length} bytes`).toBe("INVALID_INPUT");
    }
  });

  test("damaged anywhere is refused, or read in its whole length; nothing else comes out", {
    timeout: 60_000,
  }, async () => {
    const random = createRandom("damage");
    const outcomes = new Map<string, number>();
    for (const codec of ["uncompressed", "snappy", "zstd"]) {
      const bytes = readFileSync(fixture(codec));
      for (let count = 0; count < 100; count++) {
        const damaged = Buffer.from(bytes);
        const at = 4 + random.int(bytes.length - 4);
        damaged[at] = random.int(256);
        const path = join(folder, "damaged.parquet");
        writeFileSync(path, damaged);
        const outcome = await readParquet(path).then(
          ({ table }) => `read ${table.columns.length} ${table.columns[0]?.values.length}`,
          errorCode,
        );
        outcomes.set(outcome ?? "no code", (outcomes.get(outcome ?? "no code") ?? 0) + 1);
      }
    }
    expect([...outcomes.keys()].sort()).toEqual(["INVALID_INPUT", "read 8 200"]);
    expect(outcomes.get("INVALID_INPUT")).toBeGreaterThan(30);
  });
});
