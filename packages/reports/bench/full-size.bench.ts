// Writes, opens and renders a run of the largest size that is promised: 2 arms of 200,000 transactions.
// Run in this package: npx vitest bench --run
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { analyseRun } from "@sheaf/measure";
import { afterAll, bench, describe } from "vitest";
import { openRun, renderReport, runFiles, writeRunData } from "../src/index.ts";
import { syntheticRun } from "../test/support/synthetic-run.ts";

const dir = mkdtempSync(join(tmpdir(), "sheaf-bench-"));
const run = syntheticRun("comparison", { transactions: 200_000 });
const once = { iterations: 3, warmupIterations: 0, time: 0, warmupTime: 0 };

describe("200,000 transactions in each of two arms", () => {
  bench("analyse", () => void analyseRun(run.record, run.data), once);
  bench("write the rows", () => writeRunData({ dir, ...run }), once);
  bench("open the folder", async () => void (await openRun(dir)), once);
  bench("open the folder and make the report", async () => void (await renderReport(dir)), once);
});

afterAll(() => {
  for (const name of [runFiles.transactions, runFiles.blocks, runFiles.samples, runFiles.page]) {
    console.log(`${name}: ${(statSync(join(dir, name)).size / 1e6).toFixed(2)} MB`);
  }
  console.log(`resident memory: ${(process.memoryUsage.rss() / 1e6).toFixed(0)} MB`);
  rmSync(dir, { recursive: true });
});
