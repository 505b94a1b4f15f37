// Transactions signed a second, all threads together: node packages/load/bench/sign-rate.mjs [transactions] [threads]

import { createWorkload } from "../dist/index.js";
import { planTransactions } from "../dist/plan.js";
import { signAll } from "../dist/signing/sign-all.js";

const transactions = Number(process.argv[2] ?? 200_000);
const threads = process.argv[3] === undefined ? {} : { threads: Number(process.argv[3]) };
const workload = await createWorkload({ name: "token", transactions, senders: 400, seed: "bench" });
const plan = planTransactions(workload, { validatorsPerChain: [4], activeChains: [0], route: "sender" });
const begun = performance.now();
const signed = await signAll({
  workload,
  plan,
  context: {
    privateKeys: workload.accounts.privateKeys,
    chains: [{ chainId: 1337, gasPriceWei: 0n, gasLimit: workload.gasLimit }],
  },
  baseNonces: new Uint32Array(400),
  contracts: [new Uint8Array(20).fill(7)],
  ...threads,
});
const seconds = (performance.now() - begun) / 1_000;
console.log(
  `${signed.length} signed in ${seconds.toFixed(1)} s: ${Math.round(signed.length / seconds)}/s, ` +
    `${Math.round(signed.totalBytes / signed.length)} bytes each, ` +
    `${Math.round(process.memoryUsage.rss() / 1e6)} MB resident`,
);
