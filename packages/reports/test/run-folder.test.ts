import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { analyseRun } from "@sheaf/measure";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exportCsv, openRun, runFiles, writeRunData } from "../src/index.ts";
import { syntheticRun } from "./support/synthetic-run.ts";

let dir: string;
const run = syntheticRun("faulty", { transactions: 5000 });

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "sheaf-run-"));
  await writeRunData({ dir, ...run });
});
afterAll(() => rm(dir, { recursive: true }));

describe("a run's folder", () => {
  it("gives back every row, block and sample, and so the same figures", async () => {
    const opened = await openRun(dir);
    expect(opened.record).toEqual(run.record);
    for (const [index, arm] of run.data.arms.entries()) {
      const again = opened.data.arms[index];
      expect([...(again?.transactions.rows() ?? [])]).toEqual([...arm.transactions.rows()]);
      expect(again?.blocks).toEqual(arm.blocks);
      expect(again?.samples).toEqual(arm.samples);
    }
    expect(analyseRun(opened.record, opened.data)).toEqual(analyseRun(run.record, run.data));
  });

  it("leaves no temporary file", async () => {
    expect((await readdir(dir)).filter((name) => name.endsWith(".part"))).toEqual([]);
  });

  it("exports its rows as CSV, one line each, hashes in hex", async () => {
    const lines = (await readFile(await exportCsv(dir), "utf8")).trimEnd().split("\n");
    expect(lines).toHaveLength(1 + 10_000);
    expect(lines[0]).toMatch(/^arm_index,arm,.*,hash$/);
    expect(lines[1]).toMatch(/,0x[0-9a-f]{64}$/);
  });
});

describe("a folder that cannot be used", () => {
  it.each([runFiles.record, runFiles.transactions, runFiles.blocks])(
    "a disk that is full while %s is written gives REPORT_WRITE_FAILED with ENOSPC",
    async (file) => {
      const full = await mkdtemp(join(tmpdir(), "sheaf-full-"));
      await symlink("/dev/full", join(full, `${file}.part`));
      await expect(writeRunData({ dir: full, ...run })).rejects.toMatchObject({
        detail: { code: "REPORT_WRITE_FAILED", cause: "ENOSPC", file: join(full, file) },
      });
      await rm(full, { recursive: true });
    },
  );

  it("a file where the folder should be gives REPORT_WRITE_FAILED", async () => {
    await expect(writeRunData({ ...run, dir: join(dir, runFiles.record, "x") })).rejects.toMatchObject({
      detail: { code: "REPORT_WRITE_FAILED", cause: "ENOTDIR" },
    });
  });

  it("a missing or broken file is named", async () => {
    const other = await mkdtemp(join(tmpdir(), "sheaf-broken-"));
    await expect(openRun(other)).rejects.toMatchObject({ code: "RUN_UNREADABLE" });
    await writeFile(join(other, runFiles.record), "{");
    await expect(openRun(other)).rejects.toMatchObject({ code: "INVALID_INPUT" });
    await writeFile(join(other, runFiles.record), JSON.stringify(run.record));
    await expect(openRun(other)).rejects.toMatchObject({ code: "RUN_UNREADABLE" });
    await writeFile(join(other, runFiles.transactions), "not parquet");
    await expect(openRun(other)).rejects.toMatchObject({ code: "RUN_UNREADABLE" });
    await rm(other, { recursive: true });
  });
});
