import { bytesToHex } from "@sheaf/base";
import { afterAll, expect, test } from "vitest";
import { signedTransfer } from "../support/accounts.ts";
import { EPOCH_CONTRACT, epochContract, settingWeight } from "../support/epoch-contract.ts";
import { testAccount, testGenesis } from "../support/genesis.ts";
import { ask, askError, startInstantChain } from "../support/instant-chain.ts";

const alice = testAccount("alice");
// the chain of one key, in a genesis with two validators
const validators = [testAccount("validator"), testAccount("another")];
const [first = "0x", second = "0x"] = validators.map(({ address }) => address);
const genesis = testGenesis({
  balances: { [alice.address]: 10n ** 18n },
  validators,
  alloc: { [EPOCH_CONTRACT]: epochContract([second, first], [4, 0]) },
  epochs: { contract: EPOCH_CONTRACT, blocks: 3 },
});
const chain = await startInstantChain({ genesis });
const plain = await startInstantChain({ genesis: testGenesis() });
afterAll(async () => {
  await chain.close();
  await plain.close();
});

const epoch = (...block: unknown[]): Promise<unknown> => ask(chain.url, "sheaf_epoch", ...block);

test("sheaf_epoch tells the epoch of a block, its seed and its weights, also of those past [RPC.18] [EPOCH.1]", async () => {
  const hashes = [await ask(chain.url, "eth_getBlockByNumber", "0x0", false)];
  const zero = {
    epoch: 0,
    firstBlock: 1,
    lastBlock: 3,
    seed: (hashes[0] as { hash: string }).hash,
    contract: EPOCH_CONTRACT,
    weights: [
      { address: first, weight: 1 },
      { address: second, weight: 1 },
    ],
  };
  expect(await epoch()).toEqual(zero);
  expect(await epoch("earliest")).toEqual(zero);
  const third = [await chain.mine(), await chain.mine(), await chain.mine()][2];
  expect(await epoch("latest")).toEqual(zero);
  const fields = { to: EPOCH_CONTRACT, data: settingWeight(1, 300), gasLimit: 100_000n };
  await ask(chain.url, "eth_sendRawTransaction", bytesToHex(signedTransfer(alice, fields)));
  await chain.mine();
  const one = {
    ...zero,
    epoch: 1,
    firstBlock: 4,
    lastBlock: 6,
    seed: third?.block.hash,
    weights: [
      { address: first, weight: 0 },
      { address: second, weight: 4 },
    ],
  };
  expect(await epoch()).toEqual(one);
  for (let block = 5; block <= 8; block++) await chain.mine();
  expect(await epoch()).toMatchObject({
    epoch: 2,
    firstBlock: 7,
    weights: [
      { address: first, weight: 300 },
      { address: second, weight: 4 },
    ],
  });
  expect(await epoch("0x4")).toEqual(one);
  expect(await epoch("0x6")).toEqual(one);
  expect(await epoch({ blockHash: third?.block.hash })).toEqual(zero);
}, 30_000);

test("sheaf_epoch is null for a block that is not there, and in a chain without epochs [RPC.18]", async () => {
  expect(await epoch("0xffff")).toBeNull();
  expect(await ask(plain.url, "sheaf_epoch")).toBeNull();
  expect(await ask(plain.url, "sheaf_epoch", "latest")).toBeNull();
  expect(await askError(chain.url, "sheaf_epoch", "soon")).toMatchObject({ code: -32602 });
  expect(await askError(chain.url, "sheaf_epoch", "0x1", "0x2")).toMatchObject({ code: -32602 });
});
