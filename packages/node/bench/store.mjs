// Executes and stores blocks of 500 token transfers: node bench/store.mjs [transactions=20000] [process|power]
// Prints the processor time of execution and of the commit, the time of a consensus record, and memory.
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseGenesis } from "@sheaf/protocol";
import { createEvmExecutor } from "../dist/execution/evm-executor.js";
import { openChainStore } from "../dist/store/open-chain-store.js";
import { genesisOf, transactionsOf } from "./workloads.mjs";

const BLOCK = 500;
const total = Number(process.argv[2] ?? 20_000);
const durability = process.argv[3] ?? "process";
const workload = process.argv[4] ?? "token";

const { alloc } = genesisOf();
const genesis = parseGenesis(
  {
    schema: "sheaf.genesis/1",
    name: "bench",
    chainId: 1337,
    timestampMs: 0,
    consensus: {
      blockPeriodMs: 1,
      emptyBlockPeriodMs: 1,
      roundTimeoutMs: 1,
      roundTimeoutFactor: 1,
      maxRoundTimeoutMs: 1,
    },
    limits: {
      transactionsPerBlock: 1_000,
      gasPerBlock: 1e12,
      blockBytes: 1_000_000,
      transactionBytes: 10_000,
    },
    baseFeePerGasWei: "0",
    validators: [{ address: `0x${"ee".repeat(20)}`, weight: 1, tlsKeyHash: `0x${"01".repeat(32)}` }],
    authorityCertificate: "-----BEGIN CERTIFICATE-----",
    alloc,
  },
  "bench",
);

const dataDir = mkdtempSync(join(tmpdir(), "sheaf-bench-"));
const store = await openChainStore({ dataDir, genesis, durability });
const executor = createEvmExecutor({ state: store.state, genesis });

const spent = { execute: { cpu: 0, wall: 0 }, commit: { cpu: 0, wall: 0 }, record: { cpu: 0, wall: 0 } };
async function measured(name, work) {
  const cpu = process.cpuUsage();
  const started = performance.now();
  const result = await work();
  spent[name].wall += performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  spent[name].cpu += (user + system) / 1_000;
  return result;
}

const record = new Uint8Array(1_500);
let peak = 0;
const blocks = total / BLOCK;
for (let number = 1; number <= blocks; number++) {
  const transactions = transactionsOf(workload, BLOCK, (number - 1) * BLOCK);
  const { block, result } = store.head;
  const context = {
    number,
    timestampMs: number,
    proposer: `0x${"ee".repeat(20)}`,
    parentHash: block.hash,
    blockHash: () => undefined,
  };
  const executed = await measured("execute", () => executor.execute(context, transactions, result));
  const header = { ...block.header, number, timestampMs: number, transactionCount: BLOCK };
  const hash = `0x${number.toString(16).padStart(64, "0")}`;
  const stored = {
    block: { header, hash, transactions: transactions.map(({ transaction }) => transaction.raw) },
    certificate: new Uint8Array(300),
    result: executed.result,
    sizeBytes: 90_000,
  };
  for (let message = 0; message < 3; message++)
    await measured("record", () => store.saveConsensusRecord(record));
  await measured("commit", () => store.commit(stored, transactions, executed));
  peak = Math.max(peak, process.memoryUsage().rss);
}
for (const [name, { cpu, wall }] of Object.entries(spent)) {
  const times = name === "record" ? blocks * 3 : blocks;
  const each =
    name === "record" ? "a record" : `a block, ${((cpu * 1_000) / total).toFixed(1)} us cpu a transaction`;
  console.log(
    `${durability} ${name}: ${(wall / times).toFixed(3)} ms, ${(cpu / times).toFixed(3)} ms cpu ${each}`,
  );
}
const megabytes = (bytes) => Math.round(bytes / 2 ** 20);
console.log(
  `peak rss ${megabytes(peak)} MB, file ${megabytes(statSync(join(dataDir, "chain.mdb")).size)} MB`,
);
await store.close();
rmSync(dataDir, { recursive: true });
