import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CodedError, createRandom } from "@sheaf/base";
import { afterAll, describe, expect, test } from "vitest";
import { readCsv } from "../../src/data/csv.ts";
import { DATA_LIMITS } from "../../src/data/limits.ts";

const folder = mkdtempSync(join(tmpdir(), "sheaf-csv-"));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function file(content: string | Uint8Array): string {
  const path = join(folder, `${files++}.csv`);
  writeFileSync(path, content);
  return path;
}

/** The place in the file and the text of the error; fails when there is none. */
async function fault(content: string | Uint8Array, limits = DATA_LIMITS): Promise<string> {
  const path = file(content);
  const error: unknown = await readCsv(path, limits).then(
    () => "read",
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof CodedError)) return String(error);
  expect(error.code).toBe("INVALID_INPUT");
  return error.message.replace(path, "FILE");
}

describe("a CSV file", () => {
  test("becomes columns of numbers, booleans and texts; empty cells are missing", async () => {
    const path = file('a,b,"c, d",e\n1,x,true,\n-2.5e3,"two\nlines",FALSE,7\n\n.5,"say ""yes""",NA,?\n');
    const { table, placeOf } = await readCsv(path);
    expect(table.columns).toEqual([
      { name: "a", values: [1, -2500, 0.5] },
      { name: "b", values: ["x", "two\nlines", 'say "yes"'] },
      { name: "c, d", values: [true, false, null] },
      { name: "e", values: [null, 7, null] },
    ]);
    expect([0, 1, 2].map(placeOf)).toEqual(["line 2", "line 4", "line 6"]);
  });

  test.each([",", ";", "\t", "|"])(
    "may be separated by %j, with a mark of byte order and Windows line ends",
    async (by) => {
      const rows = [
        ["x", "y, z; |"],
        ["1", "a"],
        ["2", "b"],
      ];
      const quoted = rows.map((row) => row.map((cell) => `"${cell}"`).join(by)).join("\r\n");
      const { table } = await readCsv(file(`\uFEFF${quoted}`));
      expect(table.columns).toEqual([
        { name: "x", values: [1, 2] },
        { name: "y, z; |", values: ["a", "b"] },
      ]);
    },
  );

  test("of many pieces is read whole, with every line in its place", async () => {
    const random = createRandom("csv");
    const names = Array.from({ length: 50 }, (_, index) => `n${index}`);
    const rows = Array.from({ length: 4_000 }, () => names.map(() => random.float().toFixed(6)));
    const { table, placeOf } = await readCsv(file([names, ...rows].map((row) => row.join(",")).join("\n")));
    expect(table.columns.map(({ name }) => name)).toEqual(names);
    for (const [index, { values }] of table.columns.entries())
      expect(values).toEqual(rows.map((row) => Number(row[index])));
    expect(placeOf(3_999)).toBe("line 4001");
  });
});

describe("a CSV file is refused", () => {
  const numbers = Array.from({ length: 30 }, (_, index) => `${index},1`).join("\n");

  test.each([
    ["empty", "", "FILE: is empty"],
    ["of a header alone", "a,b\n", "FILE: has a header at most, and no rows"],
    ["of blank lines", "\n\n\n", "FILE: has a header at most, and no rows"],
    ["with a name twice", "a,b,a\n1,2,3\n", 'FILE, line 1: column "a" is there twice'],
    ["with a column without a name", "a,,b\n1,2,3\n", "FILE, line 1: column 2 has no name"],
    ["without a header", "1,2\n3,4\n", "FILE, line 1: is no header: all its cells are numbers"],
    [
      "with too few cells in a line",
      "a,b\n1,2\n3\n",
      "FILE, line 3: has another number of cells than the header",
    ],
    [
      "with too many cells in a line",
      "a,b\n1,2,3\n",
      "FILE, line 2: has another number of cells than the header",
    ],
    ["cut off within quotes", 'a,b\n1,2\n3,"fou', "FILE, line 3: a quoted cell does not end"],
    [
      "with a text among numbers",
      `a,b\n${numbers}\n12,thirteen\n`,
      'FILE, line 32, column "b": "thirteen" is not a number, as the other cells of the column are',
    ],
  ])("%s", async (_, content, expected) => {
    expect(await fault(content)).toContain(expected);
  });

  test("that is binary, or no UTF-8", async () => {
    expect(await fault(createRandom("binary").bytes(10_000))).toContain("is no text in UTF-8");
    expect(await fault("a,b\n1,2\n\0\0\0")).toBe("FILE, after line 1: is no text in UTF-8");
    const latin = Buffer.from("name,age\nJosé,4\n", "latin1");
    expect(await fault(latin)).toBe("FILE, after line 1: is no text in UTF-8");
  });

  test("above the limits, before it is read whole", async () => {
    const limits = { fileBytes: 1_000, columns: 3, cells: 10 };
    expect(await fault("x".repeat(1_001), limits)).toContain("above the limit of 1000");
    expect(await fault("a,b,c,d\n1,2,3,4\n", limits)).toContain("has 4 columns, above the limit of 3");
    expect(await fault(`a,b\n${"1,2\n".repeat(6)}`, limits)).toContain("has more than 10 cells");
    expect(await fault(`a\n${"x".repeat(5 * 1024 * 1024)}\n`)).toContain("a line is longer");
  });

  test("that is not there, or a folder", async () => {
    for (const path of [join(folder, "none.csv"), folder])
      await expect(readCsv(path)).rejects.toMatchObject({ detail: { code: "INVALID_INPUT", at: path } });
  });
});
