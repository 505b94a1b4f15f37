import { bytesToHex } from "@sheaf/base";
import { toQuantity } from "@sheaf/protocol";
import { afterAll, expect, test } from "vitest";
import { signedTransfer } from "../support/accounts.ts";
import { CONTRACT_CODE, CONTRACTS } from "../support/contracts.ts";
import { testAccount, testGenesis } from "../support/genesis.ts";
import { ask, askError, startInstantChain } from "../support/instant-chain.ts";

const alice = testAccount("alice");
const chain = await startInstantChain({
  genesis: testGenesis({
    balances: { [alice.address]: 10n ** 20n },
    code: CONTRACT_CODE,
    baseFeePerGasWei: "7",
  }),
  rpc: { maxLogBlocks: 5, maxLogs: 6 },
});
afterAll(async () => {
  await chain.close();
  expect(chain.defects).toEqual([]);
});

const call = (method: string, ...params: unknown[]) => ask(chain.url, method, ...params);
const word = (value: number): string => value.toString(16).padStart(64, "0");
let nonce = 0n;

/** A transaction that logs `value` as its second topic. */
function logging(value: number): Uint8Array {
  return signedTransfer(alice, {
    nonce: nonce++,
    to: CONTRACTS.logger.address,
    data: Buffer.from(word(value) + word(0), "hex"),
    gasLimit: 60_000n,
    maxFeePerGas: 100n,
    maxPriorityFeePerGas: 3n,
  });
}

test("a block, its transactions and receipts agree however they are asked for [RPC.4]", async () => {
  chain.mempool.add([logging(1), logging(2)]);
  const { block } = await chain.mine();
  const full = (await call("eth_getBlockByNumber", "latest", true)) as {
    readonly transactions: readonly Record<string, string>[];
    readonly logsBloom: string;
  };
  const light = (await call("eth_getBlockByHash", block.hash, false)) as { transactions: string[] };
  expect(light).toEqual({ ...full, transactions: full.transactions.map((each) => each["hash"]) });
  expect(await call("eth_getBlockByNumber", "0x1")).toEqual(light);
  expect(await call("eth_getBlockTransactionCountByNumber", "latest")).toBe("0x2");
  expect(await call("eth_getBlockTransactionCountByHash", block.hash)).toBe("0x2");
  const receipts = (await call("eth_getBlockReceipts", "latest")) as Record<string, unknown>[];
  for (const [index, hash] of light.transactions.entries()) {
    const transaction = full.transactions[index];
    expect(await call("eth_getTransactionByHash", hash)).toEqual(transaction);
    expect(await call("eth_getTransactionByBlockNumberAndIndex", "0x1", toQuantity(index))).toEqual(
      transaction,
    );
    expect(await call("eth_getTransactionByBlockHashAndIndex", block.hash, toQuantity(index))).toEqual(
      transaction,
    );
    expect(await call("eth_getRawTransactionByHash", hash)).toBe(
      bytesToHex(block.transactions[index] as Uint8Array),
    );
    expect(await call("eth_getTransactionReceipt", hash)).toEqual(receipts[index]);
    expect(transaction).toMatchObject({ gasPrice: "0xa", maxFeePerGas: "0x64", maxPriorityFeePerGas: "0x3" });
    expect(receipts[index]).toMatchObject({
      effectiveGasPrice: "0xa",
      status: "0x1",
      logs: [{ logIndex: toQuantity(index), transactionIndex: toQuantity(index), removed: false }],
    });
  }
  expect(full.logsBloom).not.toMatch(/^0x0*$/);
});

test("what is not there is null [RPC.4]", async () => {
  const nowhere = `0x${"77".repeat(32)}`;
  expect(await call("eth_getBlockByNumber", "0xffff", true)).toBeNull();
  expect(await call("eth_getBlockByHash", nowhere, true)).toBeNull();
  expect(await call("eth_getTransactionByHash", nowhere)).toBeNull();
  expect(await call("eth_getTransactionReceipt", nowhere)).toBeNull();
  expect(await call("eth_getBlockReceipts", "0xffff")).toBeNull();
  expect(await call("eth_getTransactionByBlockNumberAndIndex", "0x1", "0x9")).toBeNull();
  expect(await call("eth_getUncleCountByBlockNumber", "latest")).toBe("0x0");
  expect(await call("eth_getUncleByBlockNumberAndIndex", "latest", "0x0")).toBeNull();
  expect(await call("sheaf_getBlockOutcomes", "0xffff")).toBeNull();
  expect(await call("sheaf_getCommitCertificate", "0x0")).toBeNull();
});

test("the genesis block can be read", async () => {
  expect(await call("eth_getBlockByNumber", "earliest", true)).toMatchObject({
    number: "0x0",
    transactions: [],
  });
  expect(await call("eth_getBlockReceipts", "0x0")).toEqual([]);
});

test("logs are found by address, topics, range and block [RPC.8]", async () => {
  chain.mempool.add([logging(1), logging(3)]);
  const { block } = await chain.mine();
  const values = async (query: object): Promise<number[]> => {
    const found = (await call("eth_getLogs", query)) as { topics: string[] }[];
    return found.map(({ topics }) => Number(topics[1]));
  };
  const [one, three] = [`0x${word(1)}`, `0x${word(3)}`];
  expect(await values({ fromBlock: "earliest" })).toEqual([1, 2, 1, 3]);
  expect(await values({})).toEqual([1, 3]);
  expect(await values({ fromBlock: "0x1", toBlock: "0x1" })).toEqual([1, 2]);
  expect(await values({ blockHash: block.hash })).toEqual([1, 3]);
  expect(await values({ fromBlock: "0x0", topics: [null, one] })).toEqual([1, 1]);
  expect(await values({ fromBlock: "0x0", topics: [[], [one, three]] })).toEqual([1, 1, 3]);
  expect(await values({ fromBlock: "0x0", topics: [null, null, null] })).toEqual([]);
  expect(await values({ fromBlock: "0x0", address: CONTRACTS.logger.address })).toHaveLength(4);
  expect(await values({ blockHash: block.hash, address: [alice.address] })).toEqual([]);
  expect(await values({ fromBlock: "0xff", toBlock: "0xfff" })).toEqual([]);
});

test("log queries are bounded [RPC.8]", async () => {
  chain.mempool.add([logging(4), logging(5), logging(6)]);
  await chain.mine();
  expect(await askError(chain.url, "eth_getLogs", { fromBlock: "0x0" })).toEqual({
    code: -32005,
    message: "query returned more than 6 results",
  });
  for (let block = 0; block < 3; block++) await chain.mine();
  expect(await askError(chain.url, "eth_getLogs", { fromBlock: "0x1" })).toEqual({
    code: -32005,
    message: "query exceeds max block range 5",
  });
  expect(await askError(chain.url, "eth_getLogs", { fromBlock: "0x2", toBlock: "0x1" })).toMatchObject({
    code: -32602,
  });
  expect(await askError(chain.url, "eth_getLogs", { blockHash: `0x${"00".repeat(32)}` })).toMatchObject({
    message: "unknown block",
  });
});

test("filters give what came since they were asked last, and are gone when removed [RPC.9]", async () => {
  const blocks = await call("eth_newBlockFilter");
  const pending = await call("eth_newPendingTransactionFilter");
  const logs = await call("eth_newFilter", { address: CONTRACTS.logger.address });
  expect(await call("eth_getFilterChanges", logs)).toEqual([]);
  chain.mempool.add([logging(9)]);
  const first = await chain.mine();
  const second = await chain.mine();
  expect(await call("eth_getFilterChanges", blocks)).toEqual([first.block.hash, second.block.hash]);
  expect(await call("eth_getFilterChanges", blocks)).toEqual([]);
  expect(await call("eth_getFilterChanges", pending)).toHaveLength(1);
  expect(await call("eth_getFilterChanges", logs)).toMatchObject([
    { topics: [`0x${word(42)}`, `0x${word(9)}`] },
  ]);
  expect(await call("eth_getFilterChanges", logs)).toEqual([]);
  expect(await call("eth_uninstallFilter", logs)).toBe(true);
  expect(await call("eth_uninstallFilter", logs)).toBe(false);
  expect(await askError(chain.url, "eth_getFilterChanges", logs)).toEqual({
    code: -32000,
    message: "filter not found",
  });
});

test("outcomes, certificate and commit times of a block [RPC.12]", async () => {
  chain.mempool.add([
    logging(9),
    signedTransfer(alice, {
      nonce: nonce++,
      maxFeePerGas: 7n,
      to: CONTRACTS.endless.address,
      gasLimit: 40_000n,
    }),
  ]);
  const { block, result, sizeBytes } = await chain.mine();
  const number = toQuantity(block.header.number);
  const { transactions } = (await call("eth_getBlockByNumber", number, false)) as { transactions: string[] };
  expect(await call("sheaf_getBlockOutcomes", number)).toEqual({
    number: block.header.number,
    hash: block.hash,
    parentHash: block.header.parentHash,
    timestampMs: block.header.timestampMs,
    proposer: block.header.proposer,
    round: 0,
    gasUsed: Number(result.gasUsed),
    gasLimit: 100_000_000,
    sizeBytes,
    transactionHashes: `0x${transactions.map((hash) => hash.slice(2)).join("")}`,
    statuses: "0x0100",
  });
  expect(await call("sheaf_getCommitCertificate", number)).toMatchObject({
    hash: block.hash,
    round: 0,
    seals: [{ validator: testAccount("validator").address }],
  });
  expect(await call("sheaf_getCommitTimes", number, "0x5")).toMatchObject([
    { number: block.header.number, hash: block.hash },
  ]);
  expect(await call("sheaf_validators")).toEqual([{ address: testAccount("validator").address, weight: 1 }]);
  expect(await call("sheaf_peers")).toEqual([]);
});
