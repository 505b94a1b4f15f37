// CPU time of the mempool by part. Run: node packages/node/bench/mempool.mjs [transactions] [senders]

import { decodeTransaction, privateKeyToAddress, recoverSender, signTransaction } from "@sheaf/protocol";
import { createMempool } from "../dist/mempool/mempool.js";

const total = Number(process.argv[2] ?? 100_000);
const senders = Number(process.argv[3] ?? 10_000);
const BATCH = 100;
const EMPTY = "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470";

const keys = Array.from({ length: senders }, (_, index) => {
  const key = new Uint8Array(32).fill(1);
  new DataView(key.buffer).setUint32(0, index + 1);
  return key;
});
const accounts = new Map(
  keys.map((key) => [privateKeyToAddress(key), { nonce: 0n, balance: 10n ** 20n, codeHash: EMPTY }]),
);
const data = new Uint8Array(68).fill(9);
const raw = Array.from({ length: total }, (_, index) =>
  signTransaction(
    {
      type: 2,
      chainId: 1337n,
      nonce: BigInt(Math.floor(index / senders)),
      gasLimit: 60_000n,
      maxFeePerGas: 0n,
      maxPriorityFeePerGas: 0n,
      to: "0x1111111111111111111111111111111111111111",
      value: 0n,
      data,
      accessList: [],
    },
    keys[index % senders],
  ),
);
const batches = Array.from({ length: Math.ceil(total / BATCH) }, (_, index) =>
  raw.slice(index * BATCH, (index + 1) * BATCH),
);
const genesis = {
  chainId: 1337,
  baseFeePerGasWei: "0",
  limits: { gasPerBlock: 1e9, transactionBytes: 131_072, blockBytes: 4_194_304 },
};
const state = { account: (address) => accounts.get(address) };
const config = { maxTransactions: total, maxPerSender: 4_096, replacementPercent: 10 };
const pool = createMempool({ genesis, config, state, executor: { intrinsicGas: () => 21_000n } });

function measure(name, count, action) {
  const before = process.cpuUsage();
  action();
  const { user, system } = process.cpuUsage(before);
  const micros = (user + system) / count;
  console.log(`${name.padEnd(44)} ${micros.toFixed(2).padStart(8)} us each`);
}

for (const each of raw.slice(0, 2_000)) recoverSender(decodeTransaction(each));
let recovery = 0;
let admission = 0;
for (const batch of batches) {
  const decoded = batch.map((each) => decodeTransaction(each));
  const start = process.cpuUsage();
  for (const each of decoded) recoverSender(each);
  const middle = process.cpuUsage();
  pool.add(batch);
  const end = process.cpuUsage();
  recovery += middle.user + middle.system - start.user - start.system;
  admission += end.user + end.system - middle.user - middle.system;
}
const show = (name, micros) => console.log(`${name.padEnd(44)} ${micros.toFixed(2).padStart(8)} us each`);
show(`admission of ${total} (${senders} senders)`, admission / total);
show("sender recovery alone", recovery / total);
show("admission without recovery", (admission - recovery) / total);
measure("decoding alone", 5_000, () => raw.slice(0, 5_000).forEach(decodeTransaction));
measure("known transactions again", total, () => {
  for (const batch of batches) pool.add(batch);
});
const room = { transactions: 2_000, gas: 10n ** 9n, bytes: 4_194_304 };
measure("select 2,000", 20 * 2_000, () => {
  for (let index = 0; index < 20; index++) pool.select(room);
});
measure("take fresh", total, () => pool.takeFresh());
measure("select and commit until empty, 2,000 a block", total, () => {
  for (;;) {
    const block = pool.select(room);
    if (block.length === 0) break;
    for (const { sender } of block) accounts.get(sender).nonce += 1n;
    pool.onCommitted(block);
  }
});
const tight = createMempool({
  genesis,
  config: { ...config, maxTransactions: total / 4 },
  state: { account: () => ({ nonce: 0n, balance: 10n ** 20n, codeHash: EMPTY }) },
  executor: { intrinsicGas: () => 21_000n },
});
measure("a pool of a quarter of the size, overfilled", total, () => {
  for (const batch of batches) tight.add(batch);
});
