import { bytesToHex } from "@sheaf/base";
import { tokenContract } from "@sheaf/contracts";
import { afterAll, expect, test } from "vitest";
import { type ContractAbi, Web3 } from "web3";
import { testAccount, testGenesis } from "../support/genesis.ts";
import { startInstantChain } from "../support/instant-chain.ts";

const alice = testAccount("alice");
const bob = testAccount("bob");
const chain = await startInstantChain({
  genesis: testGenesis({ balances: { [alice.address]: 10n ** 21n }, baseFeePerGasWei: "1000" }),
  automatic: true,
});
const web3 = new Web3(chain.url);
const live = new Web3(chain.webSocketUrl);
const from = web3.eth.accounts.wallet.add(bytesToHex(alice.key))[0]?.address as string;

afterAll(async () => {
  live.provider?.disconnect();
  await chain.close();
  expect(chain.defects).toEqual([]);
});

test("web3 4 deploys, sends, calls and reads back [RPC.17]", async () => {
  const contract = new web3.eth.Contract(tokenContract.abi as unknown as ContractAbi);
  const deployment = contract.deploy({ data: tokenContract.bytecode });
  const gas = String(await deployment.estimateGas({ from }));
  const token = await deployment.send({ from, gas });
  const method = (name: string) => token.methods[name] as NonNullable<(typeof token.methods)[string]>;
  const receipt = await method("mintMany")([from], 500n).send({ from });
  expect(receipt.status).toBe(1n);
  expect(await method("balanceOf")(from).call()).toBe(500n);
  const events = await token.getPastEvents("allEvents", { fromBlock: 0n });
  expect(events).toHaveLength(1);
  const block = await web3.eth.getBlock(receipt.blockNumber, true);
  expect(block.transactions).toHaveLength(1);
  expect(await web3.eth.getTransactionReceipt(receipt.transactionHash)).toMatchObject({ status: 1n });
  await expect(method("transfer")(bob.address, 501n).call({ from })).rejects.toMatchObject({
    cause: { data: expect.stringMatching(/^0xe450d38c/) },
  });
});

test("web3 4 sends all three types and reads balances, nonces and fees [RPC.17]", async () => {
  for (const type of ["0x0", "0x1", "0x2"]) {
    const receipt = await web3.eth.sendTransaction({ from, to: bob.address, value: "3", type });
    expect(receipt.status).toBe(1n);
    expect(receipt.type).toBe(BigInt(type));
  }
  expect(await web3.eth.getBalance(bob.address)).toBe(9n);
  expect(await web3.eth.getTransactionCount(from)).toBe(5n);
  expect(await web3.eth.getGasPrice()).toBe(1_000n);
  expect(await web3.eth.getFeeHistory(2, "latest", [50])).toMatchObject({
    baseFeePerGas: [1_000n, 1_000n, 1_000n],
  });
  expect(await web3.eth.net.getId()).toBe(1337n);
  expect(await web3.eth.isSyncing()).toBe(false);
});

test("web3 4 follows heads over a WebSocket [RPC.16]", async () => {
  const heads = await live.eth.subscribe("newBlockHeaders");
  const head = new Promise<{ number?: unknown }>((resolve) => heads.on("data", resolve));
  const receipt = await web3.eth.sendTransaction({ from, to: bob.address, value: "1" });
  expect((await head).number).toBe(receipt.blockNumber);
  await heads.unsubscribe();
});
