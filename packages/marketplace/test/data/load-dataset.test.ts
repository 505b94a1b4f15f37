import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeDataset } from "@sheaf/federated";
import { afterAll, describe, expect, test } from "vitest";
import { loadDataset } from "../../src/data/load-dataset.ts";

const folder = mkdtempSync(join(tmpdir(), "sheaf-dataset-"));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function file(content: string | Uint8Array): string {
  const path = join(folder, String(files++));
  writeFileSync(path, content);
  return path;
}

const messageOf = (source: Parameters<typeof loadDataset>[0]): Promise<string> =>
  loadDataset(source).then(
    () => "loaded",
    (error: Error) => error.message.replace(source.file, "FILE"),
  );

describe("a data file", () => {
  test("of either form of table becomes samples; another file of the study is encoded alike", async () => {
    const first = await loadDataset({ file: file("x,y\n0,no\n4,yes\n2,no\n"), label: "y", scale: "minmax" });
    expect(first.dataset).toMatchObject({
      task: { kind: "classification", classes: 2 },
      shape: [1],
      count: 3,
    });
    expect([...first.dataset.features]).toEqual([0, 1, 0.5]);
    const encodingFile = file(JSON.stringify(first.encoding));
    const second = await loadDataset({ file: file("y,x\nyes,8\n"), encodingFile });
    expect([...second.dataset.features, ...second.dataset.labels]).toEqual([2, 1]);
    const parquet = join(import.meta.dirname, "files", "zstd.parquet");
    const { dataset } = await loadDataset({ file: parquet, label: "grade", exclude: ["gaps", "day", "at"] });
    expect(dataset).toMatchObject({ count: 200, shape: [4], task: { classes: 3 } });
  });

  test("of samples is taken as it is, and refused when it is cut", async () => {
    const { dataset } = await loadDataset({ file: file("x,y\n0,no\n4,yes\n"), label: "y" });
    const bytes = encodeDataset(dataset);
    expect((await loadDataset({ file: file(bytes) })).dataset).toEqual(dataset);
    expect(await messageOf({ file: file(bytes.subarray(0, bytes.length - 4)) })).toMatch(
      /^FILE: has \d+ bytes/,
    );
  });

  test("with a bad cell is refused with the line of the file and the column", async () => {
    const encodingFile = file(
      JSON.stringify((await loadDataset({ file: file("x,y\n1,a\n2,b\n"), label: "y" })).encoding),
    );
    expect(await messageOf({ file: file('x,y\n1,a\n\n,"b"\n'), label: "y" })).toBe(
      'FILE, line 4, column "x": the value is missing',
    );
    expect(await messageOf({ file: file("x,y\n1,a\n2,c\n"), encodingFile })).toMatch(
      /^FILE, line 3, column "y": /,
    );
    expect(await messageOf({ file: file("x,z\n1,a\n2,c\n"), encodingFile })).toBe(
      'FILE, column "y": is not in the table',
    );
    expect(await messageOf({ file: file("x,y\n1,a\n"), label: "z" })).toBe(
      'FILE, column "z": is not in the table',
    );
    expect(await messageOf({ file: file("x,y\n1,a\n") })).toBe("FILE: needs the name of the column to learn");
    expect(await messageOf({ file: file("x,y\n1,a\n2,b\n"), encodingFile: file("{}") })).toContain(
      "is no encoding of a table",
    );
  });
});
