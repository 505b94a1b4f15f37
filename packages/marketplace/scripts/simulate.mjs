// Plays more markets than the tests do: node packages/marketplace/scripts/simulate.mjs [--seeds N] [--first SEED] [--every-crash]
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    /** Markets, from seed `first` on. */
    seeds: { type: "string", default: "1000" },
    first: { type: "string", default: "1" },
    /** Also a crash of each agent between any two of its outputs, for good and with a return: some minutes. */
    "every-crash": { type: "boolean", default: false },
  },
});
const whole = /^[1-9][0-9]{0,8}$/;
if (!whole.test(values.seeds) || !whole.test(values.first)) {
  process.stderr.write("--seeds and --first are positive integers\n");
  process.exit(2);
}

const folder = join(dirname(fileURLToPath(import.meta.url)), "..");
const vitest = join(folder, "..", "..", "node_modules", "vitest", "vitest.mjs");
const files = [
  "test/simulation/simulation.test.ts",
  ...(values["every-crash"] ? ["test/simulation/crashes.test.ts"] : []),
];
const { status } = spawnSync(process.execPath, [vitest, "run", ...files], {
  cwd: folder,
  stdio: "inherit",
  env: {
    ...process.env,
    SHEAF_SEEDS: values.seeds,
    SHEAF_SEED: values.first,
    ...(values["every-crash"] ? { SHEAF_EVERY_CRASH: "1" } : {}),
  },
});
process.exit(status ?? 1);
