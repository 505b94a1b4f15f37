import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bestPartitions,
  comparePartitions,
  createEqualShareGame,
  createSensingGame,
  formCoalitions,
  generateScenario,
  jainIndex,
  measurePartition,
  type Partition,
  type SweepPoint,
  setPartitions,
  singletons,
  sweep,
} from "../src/index.ts";
import { anyGame } from "./games.ts";

const invalid = expect.objectContaining({ code: "INVALID_INPUT" });

describe("measures of a partition [BASELINE.1]", () => {
  it("are sum, minimum, gains over being alone, losers and Jain's index of the gains", () => {
    const game = createEqualShareGame([1, 3, 0, 0]);
    expect(measurePartition(game, [[3, 0], [1], [2]])).toEqual({
      coalitions: 3,
      largest: 2,
      sum: 8,
      min: 1,
      meanGain: 1,
      losers: 0,
      fairness: 0.5,
    });
    expect(measurePartition(game, [[0, 1, 2], [3]])).toMatchObject({
      sum: 1,
      min: 0,
      meanGain: -0.75,
      losers: 3,
      fairness: null,
    });
  });

  it("Jain's index is 1 for equals and 1/n when one has all", () => {
    expect(jainIndex([2, 2, 2])).toBe(1);
    expect(jainIndex([0, 5, 0, 0])).toBe(0.25);
    expect(jainIndex([0, 0])).toBeNull();
  });
});

describe("the best partition [BASELINE.2]", () => {
  it("is the best of all, by sum, or by minimum and then by sum", () => {
    fc.assert(
      fc.property(anyGame(), (game) => {
        const all = [...setPartitions(game.players)].map((partition) => measurePartition(game, partition));
        const most = Math.max(...all.map(({ sum }) => sum));
        expect(measurePartition(game, bestPartitions(game).sum).sum).toBeCloseTo(most, 9);
        const fairest = Math.max(...all.map(({ min }) => min));
        const sums = all.filter(({ min }) => min === fairest).map(({ sum }) => sum);
        const found = measurePartition(game, bestPartitions(game).min);
        expect(found.min).toBe(fairest);
        expect(found.sum).toBeCloseTo(Math.max(...sums), 9);
      }),
      { numRuns: 200 },
    );
  });

  it("is found for twelve players and refused for more", () => {
    const perHead = [1, 2, 3, 2.5, 2, 0, 0, 0, 0, 0, 0, 0];
    expect(bestPartitions(createEqualShareGame(perHead)).sum.map(({ length }) => length)).toEqual([
      3, 3, 3, 3,
    ]);
    expect(() => bestPartitions(createEqualShareGame([...perHead, 0])).sum).toThrowError(invalid);
  });
});

describe("a comparison [BASELINE.3]", () => {
  it("has merge and split, everybody alone, all together, random ones, and the best where it can be found", () => {
    const game = createSensingGame(generateScenario({}, 3));
    const formation = formCoalitions(game, { seed: 3 });
    const rows = comparePartitions(game, formation.partition, 3);
    const by = Object.fromEntries(rows.map((row) => [row.method, row]));
    expect(Object.keys(by)).toEqual(["merge-split", "singletons", "grand", "random", "best-sum", "best-min"]);
    expect(by["merge-split"]?.partition).toEqual(formation.partition);
    expect(by["singletons"]?.measures).toMatchObject({ coalitions: 12, meanGain: 0 });
    expect(by["grand"]?.measures).toMatchObject({ coalitions: 1, largest: 12 });
    const sizes = (partition?: Partition) => partition?.map(({ length }) => length).sort();
    expect(sizes(by["random"]?.partition)).toEqual(sizes(formation.partition));
    expect(by["random"]?.partition).not.toEqual(formation.partition);
    for (const { measures } of rows) {
      expect(measures.sum).toBeLessThanOrEqual((by["best-sum"]?.measures.sum as number) + 1e-9);
      expect(measures.min).toBeLessThanOrEqual(by["best-min"]?.measures.min as number);
    }
    const other = createSensingGame(generateScenario({ miners: 13 }));
    const large = comparePartitions(other, singletons(13));
    expect(large.map(({ method }) => method)).toEqual(["merge-split", "singletons", "grand", "random"]);
  });
});

describe("a sweep [BASELINE.4]", () => {
  const options = { parameter: "linkTokens", values: [0.5, 50], seeds: 4, scenario: { miners: 8 } } as const;

  it("gives a point a value and seed, the same every time, and can be left at any", () => {
    const points = [...sweep(options)];
    expect(points.map(({ value, seed }) => [value, seed])).toEqual(
      [0.5, 50].flatMap((value) => [1, 2, 3, 4].map((seed) => [value, seed])),
    );
    expect([...sweep(options)]).toEqual(points);
    const some: SweepPoint[] = [];
    for (const point of sweep({ ...options, values: [0.5, -1] })) {
      some.push(point);
      if (some.length === 2) break;
    }
    expect(some).toEqual(points.slice(0, 2));
    expect(() => [...sweep({ ...options, values: [-1] })]).toThrowError(invalid);
    expect(() => [...sweep({ ...options, values: [] })]).toThrowError(invalid);
    expect(() => [...sweep({ ...options, seeds: 0 })]).toThrowError(invalid);
  });

  it("varies what it says: links too dear leave everybody alone", () => {
    const formed = [...sweep(options)].map(({ value, methods }) => {
      const own = methods.find(({ method }) => method === "merge-split");
      return { value, coalitions: own?.measures.coalitions, meanGain: own?.measures.meanGain };
    });
    const [cheap, dear] = [formed.slice(0, 4), formed.slice(4)];
    expect(cheap.reduce((sum, { coalitions = 0 }) => sum + coalitions, 0)).toBeLessThan(20);
    expect(dear).toEqual(Array.from({ length: 4 }, () => ({ value: 50, coalitions: 8, meanGain: 0 })));
  });
});
