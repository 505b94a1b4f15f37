// Runs a benchmark file of one's own from a program and reads the figures.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openRun } from "@sheaf/reports";

const folder = mkdtempSync(join(tmpdir(), "sheaf-example-"));
const out = join(folder, "run");
const bench = join(import.meta.dirname, "..", "bench");
const file = join(import.meta.dirname, "small-comparison.yaml");
const words = [bench, "run", file, "--out", out, "--json"];
const run = spawnSync(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"], encoding: "utf8" });
try {
  if (run.status !== 0) process.exit(run.status ?? 1);
  const { arms, comparison } = JSON.parse(run.stdout.trim().split("\n").at(-1));
  for (const { name, tps, latencyMs } of arms) {
    console.log(`${name}: ${tps.toFixed(0)} TPS, mean latency ${latencyMs.all.mean.toFixed(0)} ms`);
  }
  console.log(`speed-up ${comparison.speedup.toFixed(2)}`);

  // The raw rows are there for any other question: how many entered at each validator?
  const { data } = await openRun(out);
  const entered = [0, 0, 0, 0];
  for (const row of data.arms[0].transactions.rows()) entered[row.entryValidator] += 1;
  console.log(`entered at validators 0 to 3: ${entered.join(", ")}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
