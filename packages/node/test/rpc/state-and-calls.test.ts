import { bytesToHex } from "@sheaf/base";
import { toQuantity } from "@sheaf/protocol";
import { AbiCoder } from "ethers";
import { afterAll, expect, test } from "vitest";
import { signedTransfer } from "../support/accounts.ts";
import { CONTRACT_CODE, CONTRACTS } from "../support/contracts.ts";
import { testAccount, testGenesis } from "../support/genesis.ts";
import { ask, askError, startInstantChain } from "../support/instant-chain.ts";

const alice = testAccount("alice");
const bob = testAccount("bob");
const carol = testAccount("carol");
const chain = await startInstantChain({
  genesis: testGenesis({
    balances: { [alice.address]: 10n ** 20n, [carol.address]: 10n ** 20n },
    code: CONTRACT_CODE,
  }),
});
afterAll(async () => {
  await chain.close();
  expect(chain.defects).toEqual([]);
});

const word = (value: bigint): string => toQuantity(value).slice(2).padStart(64, "0");
const call = (method: string, ...params: unknown[]) => ask(chain.url, method, ...params);
const callError = (method: string, ...params: unknown[]) => askError(chain.url, method, ...params);

test("balances, nonces, code and storage are those after the head block [RPC.3]", async () => {
  const { address } = CONTRACTS.keeper;
  chain.mempool.add([
    signedTransfer(alice, { to: bob.address, value: 5n }),
    signedTransfer(alice, {
      nonce: 1n,
      to: address,
      gasLimit: 100_000n,
      data: Buffer.from(word(77n), "hex"),
    }),
    signedTransfer(alice, { nonce: 3n }),
  ]);
  expect(await call("eth_getTransactionCount", alice.address, "latest")).toBe("0x0");
  expect(await call("eth_getTransactionCount", alice.address, "pending")).toBe("0x2");
  await chain.mine();
  expect(await call("eth_getBalance", bob.address)).toBe("0x5");
  expect(await call("eth_getBalance", bob.address.toUpperCase().replace("0X", "0x"), "latest")).toBe("0x5");
  expect(await call("eth_getTransactionCount", alice.address, "safe")).toBe("0x2");
  expect(await call("eth_getCode", address, "finalized")).toBe(CONTRACTS.keeper.code);
  expect(await call("eth_getCode", bob.address, "latest")).toBe("0x");
  expect(await call("eth_getStorageAt", address, "0x1", "latest")).toBe(`0x${word(77n)}`);
  expect(await call("eth_getStorageAt", address, `0x${word(1n)}`, { blockNumber: "0x1" })).toBe(
    `0x${word(77n)}`,
  );
  expect(await call("eth_getStorageAt", address, "0x2")).toBe(`0x${word(0n)}`);
});

test("state of another block than the head is refused with what is kept [RPC.3]", async () => {
  const head = Number(await call("eth_blockNumber"));
  await chain.mine();
  const kept = {
    code: -32000,
    message: `historical state is not kept: asked for block ${head}, the head is ${head + 1}`,
  };
  expect(await callError("eth_getBalance", bob.address, toQuantity(head))).toEqual(kept);
  expect(await callError("eth_call", { to: bob.address }, toQuantity(head))).toEqual(kept);
  expect(await callError("eth_getCode", bob.address, "0xffffff")).toMatchObject({
    message: "header not found",
  });
  const hash = `0x${"ab".repeat(32)}`;
  expect(await callError("eth_getCode", bob.address, { blockHash: hash })).toMatchObject({
    message: "header for hash not found",
  });
  expect(await call("eth_getBalance", bob.address, toQuantity(head + 1))).toBe("0x5");
});

test("a call sees the head block, and changes nothing", async () => {
  const number = await call("eth_blockNumber");
  expect(await call("eth_call", { to: CONTRACTS.blockNumber.address }, "latest")).toBe(
    `0x${word(BigInt(String(number)))}`,
  );
  await call("eth_call", { to: CONTRACTS.keeper.address, data: `0x${word(5n)}` }, "latest");
  expect(await call("eth_getStorageAt", CONTRACTS.keeper.address, "0x1", "latest")).toBe(`0x${word(77n)}`);
});

const errorText = AbiCoder.defaultAbiCoder().encode(["string"], ["not today"]).slice(2);
const reverts: readonly [string, string, string][] = [
  ["a text", `0x08c379a0${errorText}`, "execution reverted: not today"],
  ["a panic", `0x4e487b71${word(0x11n)}`, "execution reverted: arithmetic underflow or overflow"],
  ["an unknown panic", `0x4e487b71${word(0x77n)}`, "execution reverted: unknown panic code: 0x77"],
  ["a custom error", "0xdeadbeef", "execution reverted"],
  ["nothing", "0x", "execution reverted"],
  ["a text that is cut short", `0x08c379a0${errorText.slice(0, 128)}`, "execution reverted"],
];

test.each(reverts)("a call that reverts with %s gives data and reason [RPC.5]", async (_, data, message) => {
  const message_ = { to: CONTRACTS.reverter.address, input: data };
  expect(await callError("eth_call", message_, "latest")).toEqual({ code: 3, message, data });
  expect(await callError("eth_estimateGas", message_)).toEqual({ code: 3, message, data });
});

test("calls are bounded by gas, and others are answered meanwhile [RPC.6]", async () => {
  const endless = { to: CONTRACTS.endless.address };
  const running = callError("eth_call", endless, "latest");
  expect(await call("eth_chainId")).toBe("0x539");
  expect(await running).toEqual({ code: -32000, message: "out of gas" });
  expect(await callError("eth_estimateGas", { ...endless, gas: "0x186a0" })).toEqual({
    code: -32000,
    message: "gas required exceeds allowance (100000)",
  });
});

test("an estimate is what the transaction then needs [RPC.7]", async () => {
  expect(await call("eth_estimateGas", { from: carol.address, to: bob.address, value: "0x1" })).toBe(
    "0x5208",
  );
  const data = `0x${word(12345n)}`;
  const message = { from: carol.address, to: CONTRACTS.keeper.address, data };
  const estimate = BigInt(String(await call("eth_estimateGas", message)));
  const nonce = BigInt(String(await call("eth_getTransactionCount", carol.address, "latest")));
  const fields = { to: CONTRACTS.keeper.address, data: Buffer.from(data.slice(2), "hex") };
  const raw = [
    signedTransfer(carol, { ...fields, nonce, gasLimit: estimate }),
    signedTransfer(carol, { ...fields, nonce: nonce + 1n, gasLimit: 21_500n }),
  ].map(bytesToHex);
  const hashes = [];
  for (const each of raw) hashes.push(await call("eth_sendRawTransaction", each));
  await chain.mine();
  expect(await call("eth_getTransactionReceipt", hashes[0])).toMatchObject({ status: "0x1" });
  expect(await call("eth_getTransactionReceipt", hashes[1])).toMatchObject({
    status: "0x0",
    gasUsed: "0x53fc",
  });
});

test("calls that cannot be paid say so [RPC.7]", async () => {
  const poor = testAccount("poor").address;
  const message = { from: poor, to: bob.address, value: "0x1" };
  expect(await callError("eth_call", message, "latest")).toEqual({
    code: -32000,
    message: "insufficient funds for gas * price + value",
  });
  expect(await callError("eth_estimateGas", message)).toEqual({
    code: -32000,
    message: "insufficient funds for transfer",
  });
  const dear = { from: bob.address, to: alice.address, gasPrice: "0x1" };
  expect(await callError("eth_estimateGas", dear)).toEqual({
    code: -32000,
    message: "gas required exceeds allowance (5)",
  });
});

test("fee data is the constant price of gas", async () => {
  expect(await call("eth_gasPrice")).toBe("0x0");
  expect(await call("eth_maxPriorityFeePerGas")).toBe("0x0");
  const history = (await call("eth_feeHistory", "0x2", "latest", [25, 75])) as Record<string, unknown[]>;
  expect(history["baseFeePerGas"]).toEqual(["0x0", "0x0", "0x0"]);
  expect(history["gasUsedRatio"]).toHaveLength(2);
  expect(history["reward"]).toEqual([
    ["0x0", "0x0"],
    ["0x0", "0x0"],
  ]);
  expect(await callError("eth_feeHistory", "0x2", "latest", [75, 25])).toMatchObject({ code: -32602 });
});
