import { expect, it } from "vitest";
import type { Chain, Deployed, Outcome } from "../evm.ts";
import {
  authority,
  config,
  consent,
  contribution,
  createWorld,
  type Person,
  person,
  rootOf,
} from "./world.ts";

const miners = Array.from({ length: 100 }, (_, i) => person(i));

/** Registers `count` workers a miner, each its own, and records their data. */
async function record(chain: Chain, coalitions: Deployed, count: number): Promise<Outcome> {
  let last: Outcome | undefined;
  const epoch = (chain.block.number - 1n) / BigInt(config.epochBlocks);
  for (const [m, miner] of miners.entries()) {
    const own = Array.from({ length: count }, (_, w) => person(1_000 + m * count + w));
    const known = own.map(({ address }) => ({ account: address, good: 3n + BigInt(m % 7), bad: 1n }));
    await coalitions.send(authority, "registerWorkers", known);
    const items = own.map((worker, w) =>
      contribution(worker, { epoch, samples: BigInt(1 + 7_919 * m * w), root: rootOf(w) }),
    );
    last = await coalitions.send(miner.address, "contribute", items);
    expect(last.error).toBeUndefined();
  }
  return last as Outcome;
}

async function gasOf(count: number, groupSize: number): Promise<Record<string, number>> {
  const gas: Record<string, number> = {};
  const { chain, coalitions, next } = await createWorld();
  await next();
  const addresses = miners.map(({ address }) => address);
  gas["registerMiners"] = Number((await coalitions.send(authority, "registerMiners", addresses)).gas);
  gas["contribute"] = Number((await record(chain, coalitions, count)).gas);
  for (let i = 0; groupSize > 1 && i < miners.length; i += groupSize) {
    const members = miners.slice(i, i + groupSize);
    const addresses = members.map(({ address }) => address);
    const signatures = members.map((each) => consent(each, addresses, 0n, 0n));
    const formed = await coalitions.send(addresses[0] as string, "form", addresses, signatures);
    expect(formed.error).toBeUndefined();
    gas["form"] = Number(formed.gas);
  }
  for (let i = 1; i < config.epochBlocks; i++) await next();
  gas["proposerWeights"] = Number((await coalitions.send(authority, "proposerWeights", 1n)).gas);
  const before = (await coalitions.send(authority, "proposerWeights", 1n)).result.toArray();
  const { address } = miners[1] as Person;
  gas["onBlock, of an epoch's start"] = Number((await next(address)).gas);
  expect((await coalitions.send(authority, "proposerWeights", 1n)).result.toArray()).toEqual(before);
  await next(address);
  const ordinary = await next(address);
  expect(ordinary.events.map(({ name, args }) => [name, args["amountWei"] > 0n])).toEqual([
    ["BlockWon", true],
  ]);
  gas["onBlock"] = Number(ordinary.gas);
  gas["proposerWeights, later"] = Number((await coalitions.send(authority, "proposerWeights", 1n)).gas);
  return gas;
}

it("of the calls of the node stays far below 30 million, with the most miners and workers [AWARD.1]", async () => {
  const gas = {
    "100 miners of 20 workers, alone": await gasOf(20, 1),
    "100 miners of 32 workers, in pairs": await gasOf(32, 2),
  };
  for (const each of Object.values(gas).flatMap((calls) => Object.values(calls))) {
    expect(each).toBeLessThan(15_000_000);
  }
  expect(gas).toMatchInlineSnapshot(`
    {
      "100 miners of 20 workers, alone": {
        "contribute": 1384106,
        "onBlock": 49747,
        "onBlock, of an epoch's start": 10267491,
        "proposerWeights": 6497486,
        "proposerWeights, later": 562355,
        "registerMiners": 7531501,
      },
      "100 miners of 32 workers, in pairs": {
        "contribute": 2162478,
        "form": 137618,
        "onBlock": 49747,
        "onBlock, of an epoch's start": 11472319,
        "proposerWeights": 8125424,
        "proposerWeights, later": 562355,
        "registerMiners": 7531501,
      },
    }
  `);
}, 1_200_000);
