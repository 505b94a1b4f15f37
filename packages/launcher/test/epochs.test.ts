import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Hex, sleep } from "@sheaf/base";
import { createRpcClient, parseGenesis, type RpcClient, type SheafEpoch } from "@sheaf/protocol";
import { expect, onTestFinished, test } from "vitest";
import { createNetwork, parseTopology } from "../src/index.ts";
import { fastNetwork, PROGRAM, temporaryFolder } from "./support/program.ts";

const CONTRACT: Hex = `0x${"e0".repeat(20)}`;
const SLOT: Hex = `0x${"0".repeat(64)}`;
const NOBODY: Hex = `0x${"0".repeat(40)}`;

/** `onBlock` keeps COINBASE in slot 0; `proposerWeights` gives the account in slot 0 all the weight, 7. */
const KEEPS_PROPOSER = [
  "0x36600414602857", // if CALLDATASIZE is 4, jump to 0x28
  "60405f52", // miners at 64
  "6080602052", // weights at 128
  "6001604052", // one miner:
  "5f54606052", // SLOAD(0)
  "6001608052", // one weight:
  "600760a052", // 7
  "60c05ff3", // return 192 bytes
  "5b415f5500", // 0x28: SSTORE(0, COINBASE)
].join("");

async function epochsSeen(client: RpcClient, blocks: number): Promise<readonly SheafEpoch[]> {
  const seen: SheafEpoch[] = [];
  while (seen.length < 4) {
    const epoch = await client.call("sheaf_epoch", [`0x${(seen.length * blocks + 1).toString(16)}`]);
    if (epoch === null) await sleep(100);
    else seen.push(epoch);
  }
  return seen;
}

test("a network whose weights a contract of its alloc gives: each epoch is the last proposer's [EPOCH.1] [EPOCH.3]", async () => {
  const topology = fastNetwork({
    name: "a",
    weights: [1, 2, 3, 4],
    alloc: { [CONTRACT]: { code: KEEPS_PROPOSER, nonce: 1, balanceWei: 12, storage: { [SLOT]: SLOT } } },
    epochs: { contract: CONTRACT, blocks: 2 },
  });
  const network = await createNetwork(topology, { program: PROGRAM, dir: temporaryFolder() });
  onTestFinished(() => network.stop());
  const client = createRpcClient(network.chains[0]?.endpoints[2]?.rpcUrl ?? "");
  onTestFinished(() => client.close());
  const [first, ...others] = await epochsSeen(client, 2);
  expect(first).toMatchObject({ epoch: 0, firstBlock: 1, lastBlock: 2, contract: CONTRACT });
  expect(first?.weights.map(({ weight }) => weight)).toEqual([1, 2, 3, 4]);
  for (const { firstBlock, seed, weights } of others) {
    const before = await client.call("sheaf_getBlockOutcomes", [`0x${(firstBlock - 1).toString(16)}`]);
    expect(seed).toBe(before?.hash);
    expect(weights.filter(({ weight }) => weight > 0)).toEqual([{ address: before?.proposer, weight: 7 }]);
  }
  expect(await client.call("eth_getBalance", [CONTRACT, "latest"])).toBe("0xc");

  const text = readFileSync(join(network.dir, "a/genesis.json"), "utf8");
  const { epochs, alloc } = parseGenesis(JSON.parse(text), "genesis");
  expect(epochs).toEqual({ contract: CONTRACT, blocks: 2 });
  expect(alloc[CONTRACT]).toEqual({
    balanceWei: "12",
    nonce: 1,
    code: KEEPS_PROPOSER,
    storage: { [SLOT]: SLOT },
  });
}, 90_000);

test("balances and whole accounts stand side by side in alloc; addresses and code may be in capitals", () => {
  const topology = parseTopology(
    JSON.stringify({
      schema: "sheaf.network/1",
      chains: [
        {
          name: "a",
          alloc: {
            [NOBODY]: 5,
            [CONTRACT.toUpperCase().replace("X", "x")]: { code: "0xFE" },
            [`0x${"aa".repeat(20)}`]: { balanceWei: "7", nonce: 3 },
          },
          epochs: { contract: CONTRACT.toUpperCase().replace("X", "x"), blocks: 9 },
        },
      ],
    }),
    "x.json",
  );
  expect(topology.chains[0]).toMatchObject({
    alloc: {
      [NOBODY]: "5",
      [CONTRACT]: { balanceWei: "0", nonce: 0, code: "0xfe", storage: {} },
      [`0x${"aa".repeat(20)}`]: { balanceWei: "7", nonce: 3, code: "0x", storage: {} },
    },
    epochs: { contract: CONTRACT, blocks: 9 },
  });
});
