import { type Hex, hexToBytes } from "@sheaf/base";
import type { Address, SheafMethods } from "@sheaf/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EPOCH_CONTRACT, epochContract, settingWeight } from "../support/epoch-contract.ts";
import { expectDrawnProposers, type SeenBlock } from "../support/expected-epochs.ts";
import { makeNetwork, type TestNetwork, transfer } from "../support/make-network.ts";
import { createProcessNetwork, type ProcessNetwork } from "../support/process-network.ts";
import type { ValidatorProcess } from "../support/processes.ts";

const BLOCKS = 4;
const AT_GENESIS = [3, 0, 1, 1];

let test: TestNetwork;
let net: ProcessNetwork;
let used = 0;

beforeEach(async () => {
  test = await makeNetwork({
    accounts: 30,
    consensus: { emptyBlockPeriodMs: 300, roundTimeoutMs: 1_000 },
    alloc: (_, validators) => ({ [EPOCH_CONTRACT]: epochContract(validators, AT_GENESIS) }),
    epochs: { contract: EPOCH_CONTRACT, blocks: BLOCKS },
  });
  net = createProcessNetwork(test);
  used = 0;
});
afterEach(async () => {
  await net.stop();
  test.remove();
});

function setWeights(index: number, ...weights: readonly number[]): Promise<void> | undefined {
  const raw = weights.map((weight, slot) =>
    transfer(test.genesis, test.accounts[used++] as TestNetwork["accounts"][number], 0, {
      to: EPOCH_CONTRACT,
      gasLimit: 100_000n,
      valueWei: 0n,
      data: settingWeight(slot, weight),
    }),
  );
  return net.running.get(index)?.send(raw);
}

const quantity = (number: number): Hex => `0x${number.toString(16)}`;

async function seenBlock(validator: ValidatorProcess, number: number): Promise<SeenBlock> {
  const block = await validator.call<{ hash: Hex; miner: Address; transactions: { input: Hex }[] }>(
    "eth_getBlockByNumber",
    quantity(number),
    true,
  );
  const outcomes = await validator.call<{ round: number }>("sheaf_getBlockOutcomes", quantity(number));
  const inputs = block.transactions.map(({ input }) => hexToBytes(input));
  return { number, hash: block.hash, proposer: block.miner, round: outcomes.round, inputs };
}

/** All have the same blocks, with proposers and weights as the model has them; gives the weights of every epoch. */
async function expectEpochs(): Promise<readonly (readonly number[])[]> {
  await net.expectAgreement();
  const common = Math.min(...(await net.heights()));
  const validators = [...net.running.values()];
  const blocks: SeenBlock[] = [];
  for (let number = 1; number <= common; number++) {
    blocks.push(await seenBlock(validators[number % validators.length] as ValidatorProcess, number));
  }
  const expected = expectDrawnProposers(test.genesis, AT_GENESIS, blocks);
  for (const validator of validators) {
    for (let number = 1; number <= common; number += BLOCKS) {
      const told = await validator.call<SheafMethods["sheaf_epoch"]["result"]>(
        "sheaf_epoch",
        quantity(number),
      );
      expect(told?.weights.map(({ weight }) => weight)).toEqual(expected[(number - 1) / BLOCKS]);
    }
  }
  return expected;
}

describe("four validator processes in a chain with epochs", () => {
  it("agree on weights and proposers, over a kill within an epoch and one that comes late [EPOCH.2] [EPOCH.3]", async () => {
    await net.start(0, 1, 2);
    await net.reach(BLOCKS + 2, 60_000);
    // within epoch 1: counts from epoch 2 on
    await setWeights(0, 0, 0, 2, 900);
    await net.reach(2 * BLOCKS + 1, 60_000);
    // the fourth, by now with most of the weight, fetches two epochs and more
    await net.start(3);
    await net.reach(3 * BLOCKS + 2, 60_000);
    await setWeights(1, 5, 6, 7, 0);
    await net.remember();
    await net.kill(2);
    await net.start(2);
    await net.reach(5 * BLOCKS + 2, 60_000);
    await setWeights(3, 0, 0, 0, 0);
    await net.reach(7 * BLOCKS + 1, 60_000);
    await net.expectNothingLost();
    const weights = (await expectEpochs()).map(String);
    expect(weights.slice(0, 3)).toEqual(["1,1,1,1", "3,0,1,1", "0,0,2,900"]);
    expect(weights).toContain("5,6,7,0");
    expect(weights.at(-1)).toBe("1,1,1,1");
  }, 240_000);
});
