import { tokenContract } from "@sheaf/contracts";
import {
  type BaseContract,
  ContractFactory,
  hexlify,
  type InterfaceAbi,
  isError,
  JsonRpcProvider,
  type Log,
  Wallet,
  WebSocketProvider,
} from "ethers";
import { afterAll, expect, test } from "vitest";
import { CONTRACT_CODE, CONTRACTS } from "../support/contracts.ts";
import { testAccount, testGenesis } from "../support/genesis.ts";
import { startInstantChain } from "../support/instant-chain.ts";

const alice = testAccount("alice");
const bob = testAccount("bob");
const abi = tokenContract.abi as unknown as InterfaceAbi;

for (const baseFeePerGasWei of ["0", "1000000000"]) {
  const chain = await startInstantChain({
    genesis: testGenesis({
      balances: { [alice.address]: 10n ** 21n, [bob.address]: 10n ** 21n },
      code: CONTRACT_CODE,
      baseFeePerGasWei,
    }),
    automatic: true,
  });
  const provider = new JsonRpcProvider(chain.url, undefined, { pollingInterval: 50, cacheTimeout: -1 });
  const socket = new WebSocketProvider(chain.webSocketUrl);
  const wallet = new Wallet(hexlify(alice.key), provider);
  const title = `ethers 6, base fee ${baseFeePerGasWei}`;
  let token: BaseContract;

  afterAll(async () => {
    provider.destroy();
    await socket.destroy();
    await chain.close();
    expect(chain.defects).toEqual([]);
  });

  test(`${title}: deploys, sends, calls and reads back [RPC.17]`, async () => {
    const deployed = await new ContractFactory(abi, tokenContract.bytecode, wallet).deploy();
    token = await deployed.waitForDeployment();
    const minted = await token.getFunction("mintMany")([wallet.address], 1_000n);
    const receipt = await minted.wait();
    expect(receipt.status).toBe(1);
    expect(await token.getFunction("balanceOf")(wallet.address)).toBe(1_000n);
    expect(receipt.logs).toHaveLength(1);
    expect(await provider.getCode(await token.getAddress())).toBe(tokenContract.deployedBytecode);
    const block = await provider.getBlock(receipt.blockNumber, true);
    expect(block?.prefetchedTransactions.map(({ hash }) => hash)).toContain(minted.hash);
    expect(await provider.getTransactionCount(wallet.address)).toBe(2);
  });

  test(`${title}: all three types of transaction are mined as they were sent [RPC.17]`, async () => {
    for (const type of [0, 1, 2]) {
      const sent = await wallet.sendTransaction({ to: bob.address, value: 7n, type });
      const receipt = await sent.wait();
      const mined = await provider.getTransaction(sent.hash);
      expect(receipt?.gasUsed).toBe(21_000n);
      expect(mined?.type).toBe(type);
      expect(mined?.from).toBe(wallet.address);
      expect(mined?.signature.serialized).toBe(sent.signature.serialized);
    }
    expect(await provider.getBalance(bob.address)).toBe(10n ** 21n + 21n);
  });

  test(`${title}: access lists are counted in estimates and mined [RPC.5] [RPC.17]`, async () => {
    const slot = `0x${"00".repeat(31)}01`;
    const accessList = [{ address: CONTRACTS.keeper.address, storageKeys: [slot] }];
    for (const type of [1, 2]) {
      const plain = await wallet.sendTransaction({ to: bob.address, value: 1n, type, accessList });
      expect(plain.accessList?.map((entry) => ({ ...entry, address: entry.address.toLowerCase() }))).toEqual(
        accessList,
      );
      expect((await plain.wait())?.gasUsed).toBe(21_000n + 2_400n + 1_900n);
      const data = `0x${"00".repeat(31)}0${type}`;
      const keeping = await wallet.sendTransaction({ to: CONTRACTS.keeper.address, data, type, accessList });
      expect((await keeping.wait())?.status).toBe(1);
    }
    // A slot that holds something is changed for 2,900 gas when it is warm, for 5,000 when it is cold.
    const change = { from: wallet.address, to: CONTRACTS.keeper.address, data: `0x${"00".repeat(31)}03` };
    const cold = await provider.estimateGas(change);
    const warm = await provider.estimateGas({ ...change, accessList });
    expect(warm - cold).toBe(2_400n + 1_900n - 2_100n);
  });

  test(`${title}: errors are recognised [RPC.5] [RPC.10]`, async () => {
    const reverted = await token
      .getFunction("transfer")
      .staticCall(bob.address, 5_000n)
      .catch((error) => error);
    expect(isError(reverted, "CALL_EXCEPTION") && reverted.revert?.name).toBe("ERC20InsufficientBalance");
    const poor = new Wallet(hexlify(testAccount("poor").key), provider);
    const broke = await poor
      .sendTransaction({ to: bob.address, value: 1n, gasLimit: 21_000n })
      .catch((error) => error);
    expect(isError(broke, "INSUFFICIENT_FUNDS")).toBe(true);
    const stale = await wallet.sendTransaction({ to: bob.address, nonce: 0 }).catch((error) => error);
    expect(isError(stale, "NONCE_EXPIRED")).toBe(true);
    const reverting = await wallet
      .sendTransaction({ to: CONTRACTS.reverter.address, gasLimit: 50_000n })
      .then((sent) => sent.wait())
      .catch((error) => error);
    expect(isError(reverting, "CALL_EXCEPTION") && reverting.receipt?.status).toBe(0);
  });

  test(`${title}: logs are queried and subscribed to [RPC.8] [RPC.16]`, async () => {
    const address = await token.getAddress();
    const seen = new Promise<Log>((resolve) => void socket.once({ address }, resolve));
    const block = new Promise<number>((resolve) => void socket.once("block", resolve));
    await socket.getBlockNumber();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const sent = await token.getFunction("transfer")(bob.address, 5n);
    await sent.wait();
    expect((await seen).transactionHash).toBe(sent.hash);
    expect(await block).toBe(await provider.getBlockNumber());
    const transfers = await token.queryFilter("Transfer", 0, "latest");
    expect(transfers.map(({ transactionHash }) => transactionHash)).toContain(sent.hash);
  });

  test(`${title}: fee data is the chain's`, async () => {
    const { gasPrice, maxPriorityFeePerGas } = await provider.getFeeData();
    expect(gasPrice).toBe(BigInt(baseFeePerGasWei));
    expect(maxPriorityFeePerGas ?? 0n).toBe(0n);
    expect(await provider.estimateGas({ from: wallet.address, to: bob.address, value: 1n })).toBe(21_000n);
  });
}
