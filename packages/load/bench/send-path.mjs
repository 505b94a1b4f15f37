// CPU of the driver for a transaction, from the barrier to its last commit, against a chain that costs nothing.
//   node packages/load/bench/send-path.mjs [transactions] [window | rate in /s, as r1000]
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWorkload, runLoad } from "../dist/index.js";

const transactions = Number(process.argv[2] ?? 50_000);
const given = process.argv[3] ?? "4000";
const mode = given.startsWith("r")
  ? { kind: "open-loop", arrivals: "poisson", ratePerSecond: Number(given.slice(1)) }
  : { kind: "windowed", window: Number(given) };

const child = spawn(process.execPath, [new URL("./null-chain.mjs", import.meta.url).pathname], {
  stdio: ["pipe", "pipe", "inherit"],
});
const [port] = await once(child.stdout, "data");
const address = `127.0.0.1:${String(port).trim()}`;
// Four names for one server: entry points are spread, and heads are watched four times.
const validator = { rpcUrl: `http://${address}`, wsUrl: `ws://${address}` };
const fundedKey = `0x${"11".repeat(32)}`;
const workload = await createWorkload({ name: "transfer", transactions, senders: 400, seed: "bench" });

let before;
let peak = 0;
let used;
const result = await runLoad(
  {
    chains: [{ name: "null", validators: Array(4).fill(validator), fundedKey }],
    workload,
    mode,
    seed: "bench",
  },
  {
    onBarrier: () => {
      before = process.cpuUsage();
    },
  },
  ({ phase }) => {
    peak = Math.max(peak, process.memoryUsage.rss());
    if (phase === "check") used ??= process.cpuUsage(before);
  },
);
child.stdin.end();

const { columns, length } = result.transactions;
const committed = columns.outcome.reduce((sum, each) => sum + (each === 1 ? 1 : 0), 0);
const lags = columns.sentMs.map((sent, row) => sent - columns.scheduledMs[row]).sort();
const microseconds = (used.user + used.system) / length;
console.log(`${committed} of ${length} committed in ${(result.drainEndMs / 1000).toFixed(1)} s`);
console.log(`driver CPU: ${microseconds.toFixed(1)} us a transaction, ${result.sending.batches} batches`);
console.log(
  `lag of the sender: p50 ${lags[length >> 1].toFixed(1)} ms, p99 ${lags[Math.floor(length * 0.99)].toFixed(1)} ms`,
);
console.log(
  `longest stall ${result.clockAudit.maxStallMs.toFixed(0)} ms, peak memory ${(peak / 1e6).toFixed(0)} MB`,
);
