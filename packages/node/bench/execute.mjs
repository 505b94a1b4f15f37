// Microseconds per transaction of the executor, by workload: node bench/execute.mjs [workload...]
// `library` is the same EVM with the library's own instruction loop, messages alone (no fees, receipts, digests).
import { EVM, NobleBN254 } from "@ethereumjs/evm";
import { BlockState } from "../dist/execution/block-state.js";
import { chainRules } from "../dist/execution/chain-rules.js";
import { evmAddress } from "../dist/execution/evm-address.js";
import { createEvmExecutor } from "../dist/execution/evm-executor.js";
import { createStateManager } from "../dist/execution/state-manager.js";
import { plainState } from "./plain-state.mjs";
import { genesisOf, transactionsOf, workloads } from "./workloads.mjs";

const BLOCK = 500;
const BLOCKS = Number(process.env.BLOCKS ?? 24);
const ZERO = `0x${"0".repeat(64)}`;
const genesis = genesisOf();

/** Processor time, not wall time: other processes of the machine do not count. */
function cpuMs(started) {
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1_000;
}

const context = (number) => ({
  number,
  timestampMs: number * 1_000,
  proposer: `0x${"ee".repeat(20)}`,
  parentHash: ZERO,
  blockHash: () => undefined,
});

async function executor(workload) {
  const { state, apply } = plainState(genesis);
  const engine = createEvmExecutor({ state, genesis });
  let result = { stateDigest: ZERO, receiptsDigest: ZERO, gasUsed: 0n };
  const times = [];
  const blocks = Array.from({ length: BLOCKS }, (_, block) => transactionsOf(workload, BLOCK, block * BLOCK));
  for (const [block, transactions] of blocks.entries()) {
    const started = process.cpuUsage();
    const executed = await engine.execute(context(block + 1), transactions, result);
    times.push(cpuMs(started));
    if (!executed.receipts.every((receipt) => receipt.succeeded))
      throw new TypeError(`${workload}: a transaction failed`);
    apply(executed.changes);
    result = executed.result;
  }
  return times;
}

async function library(workload) {
  const { state: head } = plainState(genesis);
  const state = new BlockState(head);
  const manager = createStateManager(state);
  const evm = new EVM({ common: chainRules(genesis), stateManager: manager, bn254: new NobleBN254() });
  const times = [];
  for (let block = 0; block < 4; block++) {
    const transactions = transactionsOf(workload, BLOCK, block * BLOCK);
    const started = process.cpuUsage();
    for (const { transaction, sender } of transactions) {
      state.beginTransaction();
      const { to, data, value } = transaction;
      const { execResult } = await evm.runCall({
        caller: evmAddress(sender),
        to: evmAddress(to),
        gasLimit: 900_000n,
        data,
        value,
      });
      if (execResult.exceptionError) throw new TypeError(execResult.exceptionError.error);
      evm.journal.cleanJournal();
    }
    times.push(cpuMs(started));
  }
  return times;
}

/** The best block, in microseconds a transaction: the least disturbed by other work on the machine. */
function best(times) {
  return ((Math.min(...times) / BLOCK) * 1_000).toFixed(1);
}

const chosen = process.argv.slice(2);
for (const workload of chosen.length > 0 ? chosen : workloads) {
  const [own, theirs] = [
    best(await executor(workload)),
    process.env.ONLY_OWN ? "-" : best(await library(workload)),
  ];
  console.log(
    `${workload.padEnd(12)} executor ${own.padStart(8)} us/tx   library loop ${theirs.padStart(8)} us/tx`,
  );
}
