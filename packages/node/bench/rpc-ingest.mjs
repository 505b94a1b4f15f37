// CPU time of `eth_sendRawTransaction` in batches over HTTP, client in another process.
// Run: node packages/node/bench/rpc-ingest.mjs [transactions] [batch] [connections]
import { fork } from "node:child_process";
import { systemClock } from "@sheaf/base";
import {
  createRpcClient,
  decodeTransaction,
  privateKeyToAddress,
  recoverSender,
  signTransaction,
} from "@sheaf/protocol";
import { Registry } from "prom-client";
import { createEvmExecutor } from "../dist/execution/evm-executor.js";
import { createMempool } from "../dist/mempool/mempool.js";
import { createRpcServer } from "../dist/rpc/server.js";
import { createMemoryChainStore } from "../dist/store/open-chain-store.js";

const total = Number(process.argv[2] ?? 20_000);
const batch = Number(process.argv[3] ?? 50);
const connections = Number(process.argv[4] ?? 4);
const SENDERS = 500;

const keys = Array.from({ length: SENDERS }, (_, index) => {
  const key = new Uint8Array(32).fill(1);
  new DataView(key.buffer).setUint32(0, index + 1);
  return key;
});

function signAll() {
  return Array.from({ length: total }, (_, index) =>
    signTransaction(
      {
        type: 2,
        chainId: 1337n,
        nonce: BigInt(Math.floor(index / SENDERS)),
        gasLimit: 60_000n,
        maxFeePerGas: 0n,
        maxPriorityFeePerGas: 0n,
        to: "0x1111111111111111111111111111111111111111",
        value: 0n,
        data: new Uint8Array(68).fill(9),
        accessList: [],
      },
      keys[index % SENDERS],
    ),
  );
}

async function client(url) {
  const rpc = createRpcClient(url, { connections });
  const raw = signAll().map((each) => `0x${Buffer.from(each).toString("hex")}`);
  process.send("signed");
  await new Promise((resolve) => process.once("message", resolve));
  let next = 0;
  let refused = 0;
  const worker = async () => {
    while (next < raw.length) {
      const part = raw.slice(next, next + batch);
      next += batch;
      const outcomes = await rpc.sendRawBatch(part);
      refused += outcomes.filter((each) => !each.ok).length;
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: connections }, worker));
  process.send({ seconds: (performance.now() - start) / 1_000, refused });
  process.disconnect();
  rpc.close();
}

async function server() {
  const genesis = {
    name: "bench",
    chainId: 1337,
    timestampMs: 0,
    consensus: { emptyBlockPeriodMs: 1_000, maxRoundTimeoutMs: 1_000 },
    limits: { gasPerBlock: 1e9, transactionBytes: 131_072, blockBytes: 4_194_304 },
    baseFeePerGasWei: "0",
    validators: [],
    alloc: Object.fromEntries(
      keys.map((key) => [
        privateKeyToAddress(key),
        { balanceWei: "1000", nonce: 0, code: "0x", storage: {} },
      ]),
    ),
  };
  const store = createMemoryChainStore(genesis);
  const executor = createEvmExecutor({ state: store.state, genesis });
  const pool = { maxTransactions: total, maxPerSender: total, replacementPercent: 10 };
  const mempool = createMempool({ genesis, config: pool, state: store.state, executor });
  const rpc = await createRpcServer({
    genesis,
    validator: "0x0000000000000000000000000000000000000000",
    version: "bench",
    durability: "process",
    store,
    executor,
    mempool,
    status: { consensus: { height: 1, round: 0 }, syncing: false, peers: [], commitTimes: [] },
    clock: systemClock,
    config: {
      host: "127.0.0.1",
      port: 0,
      maxBodyBytes: 5_242_880,
      maxBatch: 1_000,
      maxLogBlocks: 1_000,
      maxLogs: 1_000,
      maxConnections: 100,
    },
    registry: new Registry(),
    onDefect: (error) => console.error(error),
  });
  const decoded = signAll()
    .slice(0, 4_000)
    .map((raw) => decodeTransaction(raw));
  for (const each of decoded.slice(0, 1_000)) recoverSender(each);
  const child = fork(process.argv[1], [total, batch, connections].map(String), {
    env: { ...process.env, RPC_INGEST_URL: `http://127.0.0.1:${rpc.port}` },
  });
  await new Promise((resolve) => child.once("message", resolve));
  const before = process.cpuUsage();
  child.send("go");
  const { seconds, refused } = await new Promise((resolve) => child.once("message", resolve));
  const { user, system } = process.cpuUsage(before);
  const middle = process.cpuUsage();
  for (const each of decoded) recoverSender(each);
  const recovered = process.cpuUsage(middle);
  const each = (user + system) / total;
  const recovery = (recovered.user + recovered.system) / decoded.length;
  console.log(
    `${total} transactions in batches of ${batch} over ${connections} connections, ${refused} refused`,
  );
  console.log(`${(total / seconds).toFixed(0)} a second`);
  console.log(`${each.toFixed(1)} us of CPU each, of which recovery ${recovery.toFixed(1)} us`);
  await rpc.close();
  await store.close();
}

await (process.env.RPC_INGEST_URL ? client(process.env.RPC_INGEST_URL) : server());
