import type { Clock } from "@sheaf/base";
import type { Genesis } from "@sheaf/protocol";
import type { Executor, Mempool, SenderTransaction, StateReader } from "../ports.ts";
import type { Candidate } from "./build-block.ts";
import { type BlockExpectation, type BlockFault, checkBlock, namesTransactions } from "./check-block.ts";
import { createTransactionRules, hashTransactions, resolveTransactions } from "./check-transactions.ts";
import { createBreathe } from "./time-slice.ts";

/** Decides whether blocks upon the head are valid (`specs/chain.md`). */
export interface BlockChecker {
  /** The block, ready to execute, or what is wrong with it. Its parent must be the head until this ends. */
  check(payload: Uint8Array, expected: BlockExpectation): Promise<Candidate | BlockFault>;
  /** What is wrong with a block of these transactions upon the head. */
  checkTransactions(transactions: readonly SenderTransaction[]): Promise<BlockFault | undefined>;
}

export interface BlockCheckerPorts {
  readonly clock: Clock;
  readonly state: StateReader;
  readonly executor: Pick<Executor, "intrinsicGas">;
  readonly mempool: Pick<Mempool, "get">;
  /** Lets the event loop turn. */
  readonly yieldTurn: () => Promise<void>;
}

export function createBlockChecker(genesis: Genesis, ports: BlockCheckerPorts): BlockChecker {
  const { clock, state, executor, mempool, yieldTurn } = ports;
  const rules = createTransactionRules(genesis, state, executor);
  return {
    async check(payload, expected) {
      const block = checkBlock(payload, expected, genesis);
      if (typeof block === "string") return block;
      const breathe = createBreathe(clock, yieldTurn);
      const hashes = await hashTransactions(block.transactions, breathe);
      if (!namesTransactions(block, hashes)) return "transactions-digest";
      const transactions = await resolveTransactions(block.transactions, hashes, mempool, breathe);
      if (typeof transactions === "string") return transactions;
      const fault = await rules.check(transactions, breathe);
      return fault ?? { block, transactions, payload };
    },
    checkTransactions: (transactions) => rules.check(transactions, createBreathe(clock, yieldTurn)),
  };
}
