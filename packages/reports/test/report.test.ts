import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunSummary, summarize } from "@sheaf/measure";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { renderReport, runFiles, writeRun } from "../src/index.ts";
import { syntheticRun } from "./support/synthetic-run.ts";

vi.setConfig({ testTimeout: 60_000 });

let dir: string;
let summary: RunSummary;
const run = syntheticRun("faulty", { transactions: 12_000 });
const read = (name: string): Promise<string> => readFile(join(dir, name), "utf8");

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "sheaf-report-"));
  summary = await writeRun(dir, run.record, run.data);
}, 60_000);
afterAll(() => rm(dir, { recursive: true }));

describe("a written run", () => {
  it("has every file of a run's folder, and a picture of every chart of the page", async () => {
    const names = await readdir(dir);
    const made = Object.values(runFiles).filter((name) => !name.endsWith(".csv"));
    expect(names.sort()).toEqual([...made].sort());
    const charts = [...(await read(runFiles.page)).matchAll(/canvas data-chart="([^"]+)"/g)].map(
      (m) => `${m[1]}.png`,
    );
    expect((await readdir(join(dir, runFiles.charts))).sort()).toEqual(charts.sort());
  });

  it("returns and stores the object that --json prints, with the whole analysis beside it", async () => {
    expect(summary).toEqual(summarize(run.record, run.data, dir));
    const { detail, ...stored } = JSON.parse(await read(runFiles.summary)) as RunSummary & { detail: object };
    expect(stored).toEqual(summary);
    expect(Object.keys(detail)).toEqual(["valid", "problems", "warnings", "arms", "comparisons"]);
  });

  it("is made again from the folder alone, byte for byte", async () => {
    const files = [runFiles.summary, runFiles.markdown, runFiles.page, `${runFiles.charts}/cpu-multi.png`];
    const before = await Promise.all(files.map((name) => readFile(join(dir, name))));
    await rm(join(dir, runFiles.charts), { recursive: true });
    await renderReport(dir);
    const after = await Promise.all(files.map((name) => readFile(join(dir, name))));
    for (const [i, content] of after.entries())
      expect(content.equals(before[i] as Buffer), files[i]).toBe(true);
  });

  it("says in page and text alike that it is not valid, and why", async () => {
    for (const name of [runFiles.page, runFiles.markdown]) {
      const text = await read(name);
      expect(text).toMatch(/not valid/i);
      for (const problem of summary.problems) expect(text).toContain(problem);
      expect(text).toContain("≥");
    }
  });

  it("the text has no broken table", async () => {
    const lines = (await read(runFiles.markdown)).split("\n");
    const tables = lines.flatMap((line, i) => (/^\| -/.test(line) ? [i] : []));
    expect(tables.length).toBeGreaterThan(6);
    const cells = (line: string | undefined): number => (line ?? "").replaceAll("\\|", "").split("|").length;
    for (const rule of tables) {
      let row = rule + 1;
      while (lines[row]?.startsWith("|")) expect(cells(lines[row++])).toBe(cells(lines[rule]));
      expect(cells(lines[rule - 1])).toBe(cells(lines[rule]));
      expect(row).toBeGreaterThan(rule + 1);
    }
  });
});

describe("a run that was interrupted before its first arm", () => {
  it("is written and opened all the same", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sheaf-nothing-"));
    const record = { ...run.record, arms: [], interrupted: true };
    const written = await writeRun(folder, record, { arms: [] });
    expect(written).toMatchObject({ valid: false, arms: [], comparison: null });
    expect(await renderReport(folder)).toEqual(written);
    expect(await readFile(join(folder, runFiles.page), "utf8")).toContain("Nothing was run.");
    await rm(folder, { recursive: true });
  });
});

describe("hostile names", () => {
  it("cannot leave their place in the page", async () => {
    const attack = '</script><script>alert(1)</script><img src=x onerror="alert(2)">';
    const { record, data } = syntheticRun("single", { transactions: 3000 });
    const arms = record.arms.map((arm) => ({ ...arm, name: attack, chainNames: [attack], topology: attack }));
    const folder = await mkdtemp(join(tmpdir(), "sheaf-hostile-"));
    await writeRun(
      folder,
      { ...record, arms, command: attack, benchmark: { ...record.benchmark, title: attack } },
      data,
    );
    const page = await readFile(join(folder, runFiles.page), "utf8");
    expect(page.match(/<script[ >]/g)).toHaveLength(3);
    expect(page.match(/<\/script>/g)).toHaveLength(3);
    expect(page).not.toContain("<img");
    await rm(folder, { recursive: true });
  });
});
