import {
  type Address,
  decodeTransaction,
  type Genesis,
  headerHash,
  signTransaction,
  type TransactionFields,
  transactionsDigest,
} from "@sheaf/protocol";
import type {
  BlockContext,
  ChainStore,
  ExecutedBlock,
  Executor,
  SenderTransaction,
} from "../../src/ports.ts";
import { createMemoryChainStore } from "../../src/store/open-chain-store.ts";
import type { TestAccount } from "../support/genesis.ts";

/** A signed transaction of a test account; what is not given is zero, empty or generous. */
export function signed(
  genesis: Genesis,
  from: TestAccount,
  fields: Partial<TransactionFields>,
): SenderTransaction {
  const type = fields.type ?? 2;
  const maxFeePerGas = fields.maxFeePerGas ?? 0n;
  const raw = signTransaction(
    {
      chainId: BigInt(genesis.chainId),
      nonce: 0n,
      gasLimit: 1_000_000n,
      maxPriorityFeePerGas: type === 2 ? 0n : maxFeePerGas,
      to: undefined,
      value: 0n,
      data: new Uint8Array(0),
      accessList: [],
      ...fields,
      type,
      maxFeePerGas,
    },
    from.key,
  );
  const transaction = decodeTransaction(raw);
  if ("fault" in transaction) throw new TypeError(transaction.fault);
  return { transaction, sender: from.address };
}

/** A chain of one: blocks are executed and stored without consensus. */
export interface TestChain {
  readonly store: ChainStore;
  readonly executor: Executor;
  /** The context of the next block. */
  next(): BlockContext;
  /** Executes and stores a block. */
  add(transactions: readonly SenderTransaction[]): Promise<ExecutedBlock>;
}

export const PROPOSER: Address = `0x${"ee".repeat(20)}`;

export function createTestChain(
  genesis: Genesis,
  createExecutor: (store: ChainStore) => Executor,
  store: ChainStore = createMemoryChainStore(genesis),
): TestChain {
  const executor = createExecutor(store);
  const next = (): BlockContext => ({
    number: store.head.block.header.number + 1,
    timestampMs: genesis.timestampMs + (store.head.block.header.number + 1) * 1_000,
    proposer: PROPOSER,
    parentHash: store.head.block.hash,
    blockHash: (number) => store.block(number)?.block.hash,
  });

  async function add(transactions: readonly SenderTransaction[]): Promise<ExecutedBlock> {
    const context = next();
    const { result } = store.head;
    const executed = await executor.execute(context, transactions, result);
    const header = {
      number: context.number,
      parentHash: context.parentHash,
      timestampMs: context.timestampMs,
      proposer: PROPOSER,
      transactionsDigest: transactionsDigest(transactions.map(({ transaction }) => transaction.hash)),
      transactionCount: transactions.length,
      parentResult: result,
    };
    const raw = transactions.map(({ transaction }) => transaction.raw);
    const block = { header, hash: headerHash(header), transactions: raw };
    const stored = { block, certificate: new Uint8Array([1, 2, 3]), result: executed.result, sizeBytes: 0 };
    await store.commit(stored, transactions, executed);
    return executed;
  }

  return { store, executor, next, add };
}
