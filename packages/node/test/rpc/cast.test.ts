import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { bytesToHex, CodedError } from "@sheaf/base";
import { tokenContract } from "@sheaf/contracts";
import { afterAll, expect, test } from "vitest";
import { CONTRACT_CODE, CONTRACTS } from "../support/contracts.ts";
import { testAccount, testGenesis } from "../support/genesis.ts";
import { startInstantChain } from "../support/instant-chain.ts";

const alice = testAccount("alice");
const bob = testAccount("bob");
const chain = await startInstantChain({
  genesis: testGenesis({
    balances: { [alice.address]: 10n ** 21n },
    code: CONTRACT_CODE,
    baseFeePerGasWei: "1000",
  }),
  automatic: true,
});
afterAll(async () => {
  await chain.close();
  expect(chain.defects).toEqual([]);
});

const program = fileURLToPath(new URL("../../../../node_modules/.bin/cast", import.meta.url));
const run = promisify(execFile);
const key = ["--private-key", bytesToHex(alice.key)];

/** What cast prints. Its npm wrapper ends with 0 whatever happened: an error is what stands on stderr alone. */
async function cast(...args: string[]): Promise<string> {
  const [command, ...rest] = args as [string, ...string[]];
  const { stdout, stderr } = await run(program, [command, "--rpc-url", chain.url, ...rest], {
    timeout: 30_000,
  });
  if (stdout === "") throw new CodedError(stderr, { code: "CAST_FAILED" });
  return stdout.trim();
}

const send = async (...args: string[]) =>
  JSON.parse(await cast("send", ...key, "--json", ...args)) as Record<string, string>;

test("cast reads the chain [RPC.17]", async () => {
  expect(await cast("chain-id")).toBe("1337");
  expect(await cast("balance", alice.address)).toBe(String(10n ** 21n));
  expect(await cast("gas-price")).toBe("1000");
  expect(await cast("code", CONTRACTS.keeper.address)).toBe(CONTRACTS.keeper.code);
  expect(await cast("client")).toContain("Sheaf/v");
  expect(await cast("block", "latest", "--field", "number")).toBe("0");
  expect(await cast("nonce", alice.address)).toBe("0");
}, 60_000);

test("cast deploys, sends, calls, estimates and reads receipts and logs [RPC.17]", async () => {
  const { contractAddress, status } = await send("--create", tokenContract.bytecode);
  expect(status).toBe("0x1");
  const token = contractAddress as string;
  const minted = await send(token, "mintMany(address[],uint256)", `[${alice.address}]`, "90");
  expect(await cast("call", token, "balanceOf(address)(uint256)", alice.address)).toBe("90");
  const legacy = await send("--legacy", token, "transfer(address,uint256)", bob.address, "30");
  expect(legacy["type"]).toBe("0x0");
  const listed = await send("--value", "5", "--access-list", "[]", bob.address);
  expect(listed["status"]).toBe("0x1");
  const receipt = JSON.parse(await cast("receipt", legacy["transactionHash"] as string, "--json")) as {
    readonly logs: readonly { readonly address: string }[];
  };
  expect(receipt.logs[0]?.address).toBe(token.toLowerCase());
  expect(await cast("tx", minted["transactionHash"] as string, "nonce")).toBe("1");
  const logs = JSON.parse(await cast("logs", "--address", token, "--from-block", "0", "--json")) as unknown[];
  expect(logs).toHaveLength(2);
  expect(Number(await cast("estimate", "--from", alice.address, bob.address, "--value", "1"))).toBe(21_000);
  await expect(
    cast("call", token, "transfer(address,uint256)", bob.address, "1", "--from", testAccount("poor").address),
  ).rejects.toThrow(/execution reverted|ERC20InsufficientBalance/);
}, 60_000);
