// Time from nothing to a ready network, and what an idle validator holds and burns.
//   node packages/launcher/bench/start-up.mjs [networks/file.yaml ...]
// Build first (npm run build).
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createNetwork, readTopology, sampleProcesses } from "../dist/index.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const program = join(root, "packages/node/dist/main.js");
const files = process.argv.slice(2);
const IDLE_MS = 10_000;

for (const file of files.length > 0 ? files : ["networks/single-chain.yaml", "networks/multi-chain.yaml"]) {
  const dir = mkdtempSync(join(tmpdir(), "sheaf-start-up-"));
  const marks = new Map();
  const origin = performance.now();
  const onProgress = ({ phase }) => marks.set(phase, performance.now() - origin);
  const network = await createNetwork(await readTopology(file), { program, dir, onProgress });
  try {
    const before = sampleProcesses(network.processes());
    await sleep(IDLE_MS);
    const after = sampleProcesses(network.processes());
    const rss = after.map(({ rssBytes }) => rssBytes / 1e6).sort((a, b) => a - b);
    const cpu = after.reduce((sum, { cpuSeconds }, index) => sum + cpuSeconds - before[index].cpuSeconds, 0);
    const seconds = (ms) => (ms / 1_000).toFixed(2);
    console.log(
      `${file}: ${after.length} validators; files ${seconds(marks.get("prepare"))} s, listening ${seconds(marks.get("start"))} s, ` +
        `ready ${seconds(network.startMs)} s; idle: ${rss[0].toFixed(0)} to ${rss.at(-1).toFixed(0)} MB each, ` +
        `${((100 * cpu * 1_000) / IDLE_MS / after.length).toFixed(1)} % of a core each`,
    );
  } finally {
    await network.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}
