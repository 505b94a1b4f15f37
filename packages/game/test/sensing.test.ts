import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createSensingGame,
  formCoalitions,
  generateScenario,
  parseScenario,
  partitionUtilities,
  type Scenario,
  selectWorkers,
  setPartitions,
  singletons,
} from "../src/index.ts";
import { anySensingGame } from "./games.ts";
import { subsets } from "./naive.ts";

const invalid = (message: string) =>
  expect.objectContaining({ code: "INVALID_INPUT", message: expect.stringContaining(message) });

const worker = (id: string, xKm: number, samples: number, reputation: number, sensingSeconds: number) => ({
  id,
  xKm,
  yKm: 0,
  samples,
  reputation,
  sensingSeconds,
});

/** Two miners 5 km apart that share the worker between them; a third worker nobody reaches. */
const small: Scenario = {
  rewardTokens: 100,
  synergy: 2,
  split: "proportional",
  linkTokens: 1,
  kilometreTokens: 0.5,
  workersPerMiner: 2,
  reachKm: 3,
  miners: [
    { id: "m1", xKm: 0, yKm: 0, tokensPerSecond: 0.1 },
    { id: "m2", xKm: 3, yKm: 4, tokensPerSecond: 0.2 },
  ],
  workers: [
    worker("near1", -1, 40, 0.5, 30),
    { ...worker("shared", 1.5, 100, 0.4, 20), yKm: 2 },
    { ...worker("near2", 3, 100, 0.2, 10), yKm: 5 },
    worker("far", 50, 1000, 1, 1),
  ],
};

describe("the sensing game by hand", () => {
  const game = createSensingGame(small);

  it("lets each miner pick workers in reach by reputation, and share them [VALUE.1]", () => {
    expect(game.selections).toEqual([
      [0, 1],
      [1, 2],
    ]);
    expect(selectWorkers({ ...small, workersPerMiner: 1 })).toEqual([[0], [1]]);
    const equals = { ...small, workers: small.workers.map((one) => ({ ...one, reputation: 0.5 })) };
    // Of equal reputation near1 comes before shared, and near2 too.
    expect(selectWorkers({ ...equals, workersPerMiner: 1 })).toEqual([[0], [2]]);
  });

  it("values distinct workers once [VALUE.2], against a fixed normaliser [VALUE.3]", () => {
    expect(game.ownValues).toEqual([60, 60]);
    expect(game.normaliser).toBe(120 ** 2);
    const together = game.terms([0, 1]);
    expect(together.value).toBe(80 ** 2);
    expect(together.awardProbability).toBeCloseTo(80 ** 2 / 120 ** 2, 12);
  });

  it("adds up reward, links and sensing [VALUE.4] [VALUE.5] [VALUE.6] [VALUE.7]", () => {
    const { members, sensingSeconds } = game.terms([0, 1]);
    expect(sensingSeconds).toBe(60 / 2);
    expect(members.map((member) => member.awardProbability)).toEqual([2 / 9, 2 / 9]);
    expect(members.map((member) => member.communicationTokens)).toEqual([1 + 0.5 * 5, 1 + 0.5 * 5]);
    expect(members.map((member) => member.sensingTokens)).toEqual([3, 6]);
    expect(members[0]?.utility).toBeCloseTo(200 / 9 - 3.5 - 3, 12);
    expect([...partitionUtilities(game, [[0, 1]])]).toEqual(members.map((member) => member.utility));
    expect(game.terms([1])).toMatchObject({
      sensingSeconds: 30,
      members: [{ communicationTokens: 0, sensingTokens: 6, awardProbability: 0.25, utility: 25 - 6 }],
    });
  });

  it("shares by own value or equally [VALUE.4]", () => {
    const uneven = { ...small, workers: small.workers.with(0, worker("near1", -1, 160, 0.5, 30)) };
    const shares = (split: Scenario["split"]) => {
      const { awardProbability, members } = createSensingGame({ ...uneven, split }).terms([0, 1]);
      return members.map((member) => member.awardProbability / awardProbability);
    };
    expect(shares("proportional")).toEqual([120 / 180, 60 / 180]);
    expect(shares("equal")).toEqual([0.5, 0.5]);
  });
});

describe("award probabilities [VALUE.3]", () => {
  it("sum to at most 1 over any partition, and those of members to their coalition's [VALUE.4]", () => {
    fc.assert(
      fc.property(anySensingGame(5), (game) => {
        for (const partition of setPartitions(game.players)) {
          let sum = 0;
          for (const members of partition) {
            const terms = game.terms(members);
            sum += terms.awardProbability;
            const parts = terms.members.reduce((total, member) => total + member.awardProbability, 0);
            expect(parts).toBeCloseTo(terms.awardProbability, 12);
          }
          expect(sum).toBeLessThanOrEqual(1 + 1e-12);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe("ceilings [GAME.5]", () => {
  it("are never below what a member gets in any coalition with those given", () => {
    fc.assert(
      fc.property(anySensingGame(6), (game) => {
        const all = subsets(Array.from({ length: game.players }, (_, i) => i));
        for (const held of all) {
          const ceilings = Array.from(game.ceilings?.(held) ?? []);
          for (const members of all) {
            if (!held.every((player) => members.includes(player))) continue;
            const utilities = Array.from(game.utilities(members));
            held.forEach((player, i) => {
              expect(ceilings[i]).toBeGreaterThanOrEqual(utilities[members.indexOf(player)] as number);
            });
          }
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe("utilities that stop at the first loser [GAME.5]", () => {
  it("are those of the coalition, or nothing exactly when somebody has less than it had", () => {
    fc.assert(
      fc.property(anySensingGame(6), (game) => {
        const alone = partitionUtilities(game, singletons(game.players));
        for (const members of subsets(Array.from({ length: game.players }, (_, i) => i))) {
          const utilities = game.utilities(members);
          const worse = members.some((player, i) => (utilities[i] as number) < (alone[player] as number));
          expect(game.utilitiesUnlessWorse?.(members, alone)).toEqual(worse ? null : utilities);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe("generated scenarios [VALUE.10]", () => {
  it("of twelve miners form several coalitions of two to five", () => {
    let members = 0;
    for (let seed = 1; seed <= 30; seed++) {
      const { partition } = formCoalitions(createSensingGame(generateScenario({}, seed)));
      expect(partition.length).toBeGreaterThan(2);
      const several = partition.filter(({ length }) => length >= 2 && length <= 5);
      expect(several.length).toBeGreaterThan(1);
      members += several.flat().length;
    }
    expect(members / (30 * 12)).toBeGreaterThan(0.7);
  });

  it("pay a miner alone the same on average, however many there are", () => {
    for (const miners of [12, 200]) {
      const game = createSensingGame(generateScenario({ miners, aloneTokens: 7 }));
      const rewards = singletons(miners).map(
        (own) => game.terms(own).awardProbability * game.scenario.rewardTokens,
      );
      expect(rewards.reduce((sum, reward) => sum + reward, 0) / miners).toBeCloseTo(7, 9);
    }
  });

  it("are the same for a seed, and keep all else when one cost changes", () => {
    expect(generateScenario({}, "a")).toEqual(generateScenario({}, "a"));
    expect(generateScenario({}, "a")).not.toEqual(generateScenario({}, "b"));
    const { linkTokens, ...rest } = generateScenario({ linkTokens: 3 }, 4);
    const { linkTokens: other, ...same } = generateScenario({}, 4);
    expect(rest).toEqual(same);
    expect(linkTokens).not.toBe(other);
  });

  it("keep the density: the region grows with the number of miners", () => {
    const extent = (miners: number) => Math.max(...generateScenario({ miners }).miners.map(({ xKm }) => xKm));
    expect(extent(300) / extent(3)).toBeGreaterThan(7);
    expect(generateScenario({ miners: 300 }).workers.length / 300).toBeCloseTo(24, 0);
  });

  it("leave no miner without a worker", () => {
    const { miners, workers } = generateScenario({ miners: 30, workersPerKm2: 0.05, reachKm: 0.2 });
    expect(workers.length).toBeGreaterThan(3);
    expect(selectWorkers({ ...generateScenario({}), miners, workers, reachKm: 0.2 })).toHaveLength(30);
  });

  it.each([
    [{ miners: 0 }, "scenario miners"],
    [{ aloneTokens: -1 }, "scenario aloneTokens"],
    [{ rewardTokens: -1 }, "scenario rewardTokens"],
    [{ synergy: 0 }, "scenario synergy"],
    [{ samples: [9, 1] as [number, number] }, "scenario samples: the first is above the second"],
    [{ linkTokens: Number.NaN }, "scenario linkTokens"],
    [{ links: 1 } as object, 'Unrecognized key: "links"'],
    [{ reputation: [0, 2] as [number, number] }, "scenario reputation"],
    [{ samples: [0, 0] as [number, number] }, "have no expected good sample"],
    [{ miners: 10_001 }, "scenario miners"],
    [{ minersPerKm2: 1e-9 }, "scenario workersPerKm2: asks for 144000000000 workers"],
  ])("refuse %j", (options, message) => {
    expect(() => generateScenario(options)).toThrowError(invalid(message));
  });
});

describe("a scenario from a file", () => {
  const broken = (change: object) => () =>
    createSensingGame(parseScenario({ ...small, ...change }, "s.yaml"), "s.yaml");
  it.each([
    [{ rewardTokens: -1 }, "s.yaml rewardTokens"],
    [{ synergy: -0.5 }, "s.yaml synergy"],
    [{ synergy: 1e6 }, "s.yaml synergy: makes values overflow"],
    [{ rewardTokens: 1e308 }, "s.yaml rewardTokens: takes utilities beyond"],
    [{ linkTokens: 1e308 }, "s.yaml linkTokens: takes utilities beyond"],
    [{ kilometreTokens: 1e308 }, "s.yaml kilometreTokens: takes utilities beyond"],
    [
      {
        kilometreTokens: 0,
        miners: small.miners.with(1, { id: "m2", xKm: 1e200, yKm: 0, tokensPerSecond: 0.2 }),
        workers: small.workers.with(2, worker("near2", 1e200, 100, 0.2, 10)),
      },
      "s.yaml kilometreTokens: takes utilities beyond",
    ],
    [
      { miners: small.miners.map((one) => ({ ...one, tokensPerSecond: 1e99 })) },
      "s.yaml miners tokensPerSecond: takes utilities beyond",
    ],
    [{ kilometreTokens: Number.NaN }, "s.yaml kilometreTokens"],
    [{ miners: [] }, "s.yaml miners"],
    [{ workers: [] }, "s.yaml workers"],
    [{ miners: [small.miners[0], small.miners[0]] }, 's.yaml miners: "m1" is there twice'],
    [{ workers: [small.workers[0], small.workers[0]] }, 's.yaml workers: "near1" is there twice'],
    [{ workers: [{ ...small.workers[0], reputation: 1.5 }] }, "s.yaml workers 0 reputation"],
    [{ reachKm: 0.1 }, "s.yaml miner m1: reaches no worker"],
    [
      { workers: small.workers.map((one) => ({ ...one, samples: 0 })) },
      "s.yaml workers: have no expected good sample",
    ],
    [{ extra: 1 }, "extra"],
  ])("with %j is refused in a line", (change, message) => {
    expect(broken(change)).toThrowError(invalid(message));
  });
});
