// Four validator processes on this machine under a windowed load, driver included:
//   node --import ../consensus/bench/register-typescript.mjs bench/network-load.ts [token|transfer] [transactions] [window] [blockPeriodMs]
// CPU_PROF=DIR leaves a CPU profile of validator 0 there.
import { readFileSync } from "node:fs";
import { bytesToHex, concatBytes, hexToBytes } from "@sheaf/base";
import { tokenContract } from "@sheaf/contracts";
import { type Address, createRpcClient, keccak256 } from "@sheaf/protocol";
import { makeNetwork, transfer } from "../test/support/make-network.ts";
import { startReady } from "../test/support/processes.ts";

const [workload = "token", transactionsText = "20000", windowText = "4000", periodText = "1000"] =
  process.argv.slice(2);
const [count, window, blockPeriodMs] = [transactionsText, windowText, periodText].map(Number) as [
  number,
  number,
  number,
];
const SENDERS = 400;
const BATCH = 50;
const TOKEN: Address = `0x${"70".repeat(20)}`;
const BALANCE_SLOT = 2;

const word = (value: Uint8Array): Uint8Array => concatBytes(new Uint8Array(32 - value.length), value);
const tokenStorage = (funded: readonly Address[]): object =>
  Object.fromEntries(
    funded.map((address) => [
      bytesToHex(keccak256(concatBytes(word(hexToBytes(address)), word(Uint8Array.of(BALANCE_SLOT))))),
      bytesToHex(word(hexToBytes("0x0de0b6b3a7640000"))),
    ]),
  );

const network = await makeNetwork({
  accounts: SENDERS,
  logLevel: "warn",
  consensus: { blockPeriodMs, emptyBlockPeriodMs: 5_000, roundTimeoutMs: 5_000 },
  limits: { transactionsPerBlock: 4_000, gasPerBlock: 400_000_000 },
  alloc: (funded) => ({
    [TOKEN]: { nonce: 1, code: tokenContract.deployedBytecode, storage: tokenStorage(funded) },
  }),
});
const { genesis, accounts } = network;

function raw(index: number): string {
  const from = accounts[index % SENDERS] as (typeof accounts)[number];
  const to = accounts[(index * 7 + 1) % SENDERS] as (typeof accounts)[number];
  const nonce = Math.floor(index / SENDERS);
  if (workload === "transfer") return bytesToHex(transfer(genesis, from, nonce, { to: to.address }));
  const data = concatBytes(hexToBytes("0xa9059cbb"), word(hexToBytes(to.address)), word(Uint8Array.of(1)));
  return bytesToHex(transfer(genesis, from, nonce, { to: TOKEN, valueWei: 0n, gasLimit: 80_000n, data }));
}
const signed = Array.from({ length: count }, (_, index) => raw(index));

const cpuSeconds = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
};
const residentMb = (pid: number): number =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;

const profile = process.env["CPU_PROF"];
const profiling = profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`];
const first = await startReady(network, 0, profiling);
const validators = [first, ...(await Promise.all([1, 2, 3].map((index) => startReady(network, index))))];
const clients = validators.map(({ ready }) => createRpcClient(`http://127.0.0.1:${ready.rpcPort}`));
const pids = [...validators.map(({ pid }) => pid), process.pid];

while ((await validators[0]?.status())?.height === 0)
  await new Promise((resolve) => setTimeout(resolve, 100));
const before = pids.map(cpuSeconds);
const startedAt = performance.now();
let sent = 0;
let committed = 0;
let height = 0;
const blocks: number[] = [];
const slowest = Math.max(...validators.keys());
const lanes: Promise<unknown>[] = clients.map(() => Promise.resolve());

while (committed < count) {
  while (sent < count && sent - committed < window) {
    const batch = signed.slice(sent, sent + BATCH);
    // A sender keeps its validator, so that its nonces arrive in order.
    const target = Math.floor((sent % SENDERS) / BATCH) % clients.length;
    lanes[target] = (lanes[target] as Promise<unknown>).then(() => clients[target]?.sendRawBatch(batch));
    sent += batch.length;
  }
  await new Promise((resolve) => setTimeout(resolve, 20));
  const client = clients[slowest] as (typeof clients)[number];
  const next = await client.call("sheaf_getBlockOutcomes", [`0x${(height + 1).toString(16)}`]);
  if (next === null) continue;
  height += 1;
  const size = (next.transactionHashes.length - 2) / 64;
  committed += size;
  if (size > 0) blocks.push(size);
}
const seconds = (performance.now() - startedAt) / 1_000;
const used = pids.map((pid, index) => cpuSeconds(pid) - (before[index] ?? 0));
console.log(`${workload}: ${count} in ${seconds.toFixed(1)} s = ${(count / seconds).toFixed(0)} TPS`);
console.log(`transactions in blocks: ${blocks.join(" ")}`);
console.log(
  `CPU s: validators ${used
    .slice(0, 4)
    .map((each) => each.toFixed(1))
    .join(" ")}, driver ${used[4]?.toFixed(1)}`,
);
console.log(`peak MB: ${pids.map((pid) => residentMb(pid).toFixed(0)).join(" ")}`);
for (const client of clients) client.close();
await Promise.all(validators.map((validator) => validator.end("SIGTERM")));
network.remove();
