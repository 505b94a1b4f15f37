// `npm test`: Lerna runs every package's tests, one package after another; then one line with the sum.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const results = join(root, ".test-results");
rmSync(results, { recursive: true, force: true });

const lerna = join(root, "node_modules", "lerna", "dist", "cli.js");
const run = spawnSync(
  process.execPath,
  [lerna, "run", "test", "--concurrency", "1", "--stream", "--no-bail", ...process.argv.slice(2)],
  { cwd: root, stdio: "inherit", env: { ...process.env, NX_DAEMON: "false", NX_SKIP_NX_CACHE: "true" } },
);

const sum = { passed: 0, failed: 0, skipped: 0 };
for (const file of readdirSync(results, { withFileTypes: true })) {
  const report = JSON.parse(readFileSync(join(results, file.name), "utf8"));
  sum.passed += report.numPassedTests;
  sum.failed += report.numFailedTests;
  sum.skipped += report.numPendingTests + report.numTodoTests;
}
console.log(`\n${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
process.exit(run.status === 0 && sum.failed === 0 ? 0 : 1);
