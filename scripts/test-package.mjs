// Runs one package's tests (Lerna calls it in the package's folder) and leaves the counts for scripts/test.mjs.
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const results = join(root, ".test-results");
mkdirSync(results, { recursive: true });
const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
const outcome = spawnSync(
  process.execPath,
  [
    vitest,
    "run",
    "--reporter=default",
    "--reporter=json",
    // A deadline is for what hangs: machines are shared, and a slow one is no fault.
    "--testTimeout=120000",
    "--hookTimeout=120000",
    `--outputFile.json=${join(results, `${basename(process.cwd())}.json`)}`,
    ...process.argv.slice(2),
  ],
  { stdio: "inherit" },
);
process.exit(outcome.status ?? 1);
