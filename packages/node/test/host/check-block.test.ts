import { bytesToHex, concatBytes, createVirtualClock } from "@sheaf/base";
import {
  decodeTransaction,
  encodeBlock,
  type Header,
  headerHash,
  keccak256,
  signTransaction,
  type TransactionFields,
  transactionsDigest,
} from "@sheaf/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEvmExecutor } from "../../src/execution/evm-executor.ts";
import { type BlockChecker, createBlockChecker } from "../../src/host/block-checker.ts";
import { buildBlock, type Candidate, fitTransactions } from "../../src/host/build-block.ts";
import { CLOCK_TOLERANCE_MS } from "../../src/host/check-block.ts";
import { createMempool } from "../../src/mempool/mempool.ts";
import type { ChainStore, Mempool } from "../../src/ports.ts";
import { createMemoryChainStore } from "../../src/store/open-chain-store.ts";
import { makeNetwork, type TestAccount, type TestNetwork, transfer } from "../support/make-network.ts";

let test: TestNetwork;
let store: ChainStore;
let mempool: Mempool;
let checker: BlockChecker;
const clock = createVirtualClock();

beforeAll(async () => {
  test = await makeNetwork({
    baseFeePerGasWei: "7",
    limits: { transactionsPerBlock: 5, gasPerBlock: 100_000, blockBytes: 2_048, transactionBytes: 1_024 },
  });
  const { genesis } = test;
  store = createMemoryChainStore(genesis);
  const executor = createEvmExecutor({ state: store.state, genesis });
  const config = test.validators[0]?.config.mempool;
  mempool = createMempool({
    genesis,
    config: config as NonNullable<typeof config>,
    state: store.state,
    executor,
  });
  const yieldTurn = () => Promise.resolve();
  checker = createBlockChecker(genesis, { clock, state: store.state, executor, mempool, yieldTurn });
});
afterAll(() => test.remove());

const account = (index: number): TestAccount => test.accounts[index] as TestAccount;
const proposer = (): `0x${string}` => test.validators[0]?.address ?? "0x";
const firstMs = (): number => test.genesis.timestampMs + test.genesis.consensus.blockPeriodMs;

/** A block of raw transactions, pooled or not, valid but for what `change` breaks. */
function blockOf(raw: readonly Uint8Array[], change: Partial<Header> = {}): Candidate {
  const blank = buildBlock(store.head, proposer(), firstMs(), []);
  const hashes = raw.map((bytes) => transferHash(bytes));
  const header: Header = {
    ...blank.block.header,
    transactionCount: raw.length,
    transactionsDigest: transactionsDigest(hashes),
    ...change,
  };
  const block = { header, hash: headerHash(header), transactions: raw };
  return { block, transactions: [], payload: encodeBlock(block) };
}

function transferHash(raw: Uint8Array): `0x${string}` {
  const decoded = decodeTransaction(raw);
  return "fault" in decoded ? bytesToHex(keccak256(raw)) : decoded.hash;
}

function judge(candidate: Candidate, change: { nowMs?: number | undefined; payload?: Uint8Array } = {}) {
  return checker.check(change.payload ?? candidate.payload, {
    parent: store.head,
    digest: candidate.block.hash,
    proposers: new Set([proposer()]),
    nowMs: "nowMs" in change ? change.nowMs : firstMs(),
  });
}

describe("a proposed block", () => {
  it("is taken, with pooled and unknown transactions alike [BLOCK.8]", async () => {
    const pooled = transfer(test.genesis, account(0), 0);
    expect(mempool.add([pooled])[0]?.ok).toBe(true);
    const raw = [pooled, transfer(test.genesis, account(0), 1), transfer(test.genesis, account(1), 0)];
    const checked = await judge(blockOf(raw));
    expect(checked).toMatchObject({ block: { hash: blockOf(raw).block.hash } });
    expect((checked as Candidate).transactions.map(({ sender }) => sender)).toEqual(
      [0, 0, 1].map((index) => account(index).address),
    );
    expect((checked as Candidate).transactions[0]).toBe(mempool.get(transferHash(pooled)));
  });

  it("is taken empty, and as the builder made it [BLOCK.6]", async () => {
    expect(await judge(blockOf([]))).toMatchObject({ transactions: [] });
    const built = buildBlock(
      store.head,
      proposer(),
      firstMs(),
      mempool.select({ transactions: 5, gas: 100_000n, bytes: 2_000 }),
    );
    expect(await judge(built)).toMatchObject({ block: built.block });
  });

  it("names its parent, number, proposer and the parent's results [BLOCK.5] [BLOCK.9]", async () => {
    const other = `0x${"12".repeat(32)}` as const;
    const result = { ...store.head.result, gasUsed: 1n };
    expect(await judge(blockOf([], { number: 2 }))).toBe("number");
    expect(await judge(blockOf([], { parentHash: other }))).toBe("parent");
    expect(await judge(blockOf([], { proposer: account(0).address }))).toBe("proposer");
    expect(await judge(blockOf([], { parentResult: result }))).toBe("parent-result");
  });

  it("is a block period after its parent, and not ahead of our clock unless prepared [BLOCK.4]", async () => {
    expect(await judge(blockOf([], { timestampMs: firstMs() - 1 }))).toBe("timestamp-early");
    const ahead = blockOf([], { timestampMs: firstMs() + CLOCK_TOLERANCE_MS + 1 });
    expect(await judge(ahead)).toBe("timestamp-ahead");
    expect(await judge(ahead, { nowMs: firstMs() + 1 })).toMatchObject({ transactions: [] });
    expect(await judge(ahead, { nowMs: undefined })).toMatchObject({ transactions: [] });
  });

  it("is what its digest names, and carries what its header names [BLOCK.6]", async () => {
    const candidate = blockOf([transfer(test.genesis, account(2), 0)]);
    const others = blockOf([transfer(test.genesis, account(3), 0)]).payload;
    const swapped = encodeBlock({
      header: candidate.block.header,
      transactions: [transfer(test.genesis, account(3), 0)],
    });
    expect(await judge(candidate, { payload: others })).toBe("digest");
    expect(await judge(candidate, { payload: swapped })).toBe("transactions-digest");
    expect(await judge(candidate, { payload: concatBytes(candidate.payload, Uint8Array.of(0)) })).toBe(
      "malformed",
    );
    expect(await judge(candidate, { payload: new Uint8Array(0) })).toBe("malformed");
    expect(await judge(blockOf([], { transactionCount: 1 }))).toBe("count");
  });

  it("keeps the limits of genesis; gas counts by limit [BLOCK.7]", async () => {
    const chain = (count: number, gasLimit: bigint) =>
      Array.from({ length: count }, (_, nonce) => transfer(test.genesis, account(4), nonce, { gasLimit }));
    expect(await judge(blockOf(chain(4, 25_000n)))).toMatchObject({});
    expect(await judge(blockOf(chain(4, 25_001n)))).toBe("gas-limit");
    expect(await judge(blockOf(chain(6, 21_000n)))).toBe("count");
    const large = (bytes: number) => signed({ data: new Uint8Array(bytes), gasLimit: 40_000n });
    expect(await judge(blockOf([large(1_000)]))).toBe("transaction-size");
    expect(await judge(blockOf([large(900), large(900), large(900)]))).toBe("size");
  });

  it("holds only transactions that can be executed [BLOCK.8]", async () => {
    const balance = store.state.account(account(5).address).balance;
    const tx = (nonce: number, change = {}) => transfer(test.genesis, account(5), nonce, change);
    const cases: [Uint8Array[], string][] = [
      [[Uint8Array.of(1, 2, 3)], "transaction-malformed"],
      [[signed({ chainId: 999n })], "transaction-chain"],
      [[signed({ type: 0, chainId: undefined })], "transaction-chain"],
      [[signed({ maxFeePerGas: 6n })], "transaction-fee"],
      [[tx(0, { gasLimit: 20_999n })], "transaction-intrinsic-gas"],
      [[tx(1)], "transaction-nonce"],
      [[tx(0), tx(0, { valueWei: 2n })], "transaction-nonce"],
      [[tx(0), tx(2)], "transaction-nonce"],
      [[tx(0, { valueWei: balance })], "transaction-balance"],
      [[tx(0, { valueWei: balance / 2n }), tx(1, { valueWei: balance / 2n })], "transaction-balance"],
    ];
    for (const [raw, fault] of cases) expect(await judge(blockOf(raw))).toBe(fault);
    expect(await judge(blockOf([tx(0, { valueWei: balance - 21_000n * 7n })]))).toMatchObject({});
  });
});

describe("building", () => {
  it("leaves out what would not fit into the bytes of a block [BLOCK.7]", async () => {
    const senders = [6, 7].flatMap((index) =>
      [0, 1].map((nonce) => transfer(test.genesis, account(index), nonce)),
    );
    mempool.add(senders);
    const selected = mempool.select({ transactions: 5, gas: 1_000_000n, bytes: 100_000 });
    expect(selected.length).toBeGreaterThan(3);
    for (let bytes = 250; bytes < 1_000; bytes += 7) {
      const fitting = fitTransactions(selected, bytes, store.head);
      const { payload } = buildBlock(store.head, proposer(), firstMs(), fitting);
      expect(payload.length).toBeLessThanOrEqual(bytes);
      const next = selected[fitting.length];
      if (next !== undefined)
        expect(payload.length + next.transaction.raw.length + 80).toBeGreaterThan(bytes);
    }
  });
});

function signed(change: Partial<TransactionFields>): Uint8Array {
  return signTransaction(
    {
      type: 2,
      chainId: BigInt(test.genesis.chainId),
      nonce: 0n,
      gasLimit: 30_000n,
      maxFeePerGas: 7n,
      maxPriorityFeePerGas: 0n,
      to: account(0).address,
      value: 0n,
      data: new Uint8Array(0),
      accessList: [],
      ...change,
    },
    account(8).privateKey,
  );
}
