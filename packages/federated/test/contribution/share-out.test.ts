import { createRandom } from "@sheaf/base";
import { describe, expect, it } from "vitest";
import { contributionWeights, shareOut } from "../../src/index.ts";

const sum = (parts: readonly bigint[]): bigint => parts.reduce((total, part) => total + part, 0n);

describe("sharing a pool out [CONTRIBUTION.7]", () => {
  it("pays everything, gives everybody the whole part of its share, and at most one more", () => {
    const random = createRandom("share");
    for (let run = 0; run < 500; run++) {
      const members = 1 + random.int(40);
      const small = random.chance(0.5);
      const weights = Array.from({ length: members }, () =>
        random.chance(0.2)
          ? 0n
          : BigInt(random.int(small ? 5 : 2 ** 32)) * (small ? 1n : BigInt(random.int(2 ** 32))),
      );
      const pool =
        BigInt(random.int(2 ** 32)) ** BigInt(1 + random.int(3)) % BigInt(10 ** (1 + random.int(15)));
      const parts = shareOut(pool, weights);
      const total = sum(weights);
      expect(sum(parts)).toBe(pool);
      parts.forEach((part, i) => {
        const weight = total === 0n ? 1n : (weights[i] as bigint);
        const whole = (pool * weight) / (total === 0n ? BigInt(members) : total);
        expect(part === whole || part === whole + 1n).toBe(true);
        if (weight === 0n) expect(part).toBe(0n);
      });
    }
  });

  it("rounds up the largest remainders, of equal ones the lower index", () => {
    const random = createRandom("remainders");
    for (let run = 0; run < 500; run++) {
      const weights = Array.from({ length: 2 + random.int(10) }, () => BigInt(random.int(6)));
      const total = sum(weights);
      if (total === 0n) continue;
      const pool = BigInt(random.int(50));
      const parts = shareOut(pool, weights);
      const remainder = (i: number): bigint => (pool * (weights[i] as bigint)) % total;
      const isUp = (i: number): boolean => parts[i] !== (pool * (weights[i] as bigint)) / total;
      for (let i = 0; i < weights.length; i++) {
        for (let j = 0; j < weights.length; j++) {
          if (!isUp(i) || isUp(j)) continue;
          expect(remainder(i) > remainder(j) || (remainder(i) === remainder(j) && i < j)).toBe(true);
        }
      }
    }
  });

  it.each([
    [10n, [1n, 1n, 1n], [4n, 3n, 3n]],
    [11n, [1n, 1n, 1n], [4n, 4n, 3n]],
    [7n, [0n, 0n, 0n], [3n, 2n, 2n]],
    [100n, [0n, 5n], [0n, 100n]],
    [1n, [1n, 2n, 3n], [0n, 0n, 1n]],
    [0n, [1n, 2n], [0n, 0n]],
    [2n ** 200n, [2n ** 63n], [2n ** 200n]],
  ] as const)("of %d by %o is %o", (pool, weights, parts) => {
    expect(shareOut(pool, weights)).toEqual(parts);
  });

  it("refuses nobody and anything negative", () => {
    for (const [pool, weights] of [
      [1n, []],
      [-1n, [1n]],
      [1n, [2n, -1n]],
    ] as const) {
      expect(() => shareOut(pool, weights)).toThrowError(expect.objectContaining({ code: "INVALID_INPUT" }));
    }
  });
});

describe("weights of scores [CONTRIBUTION.6]", () => {
  it("keep proportions, set negative scores to zero and report their sum", () => {
    const { weights, loss } = contributionWeights([0.5, -0.25, 0.125, 0, -0.0625]);
    expect(weights).toEqual([10n ** 12n, 0n, 25n * 10n ** 10n, 0n, 0n]);
    expect(loss).toBe(-0.3125);
  });

  it("fit the contract and survive tiny and huge scores", () => {
    const random = createRandom("weights");
    for (let run = 0; run < 60; run++) {
      const scale = 10 ** (random.int(600) - 300);
      const scores = Array.from({ length: 1 + random.int(30) }, () => (random.float() - 0.3) * scale);
      const { weights, loss } = contributionWeights(scores);
      expect(loss).toBeLessThanOrEqual(0);
      const highest = Math.max(0, ...scores);
      weights.forEach((weight, i) => {
        expect(weight >= 0n && weight < 2n ** 64n).toBe(true);
        const share = Math.max(0, scores[i] as number) / (highest || 1);
        expect(Math.abs(Number(weight) / 1e12 - share)).toBeLessThan(1e-12);
      });
    }
  });

  it("are all zero when nobody contributed, and then everybody gets the same", () => {
    const { weights, loss } = contributionWeights([-1, -2, 0]);
    expect(weights).toEqual([0n, 0n, 0n]);
    expect(loss).toBe(-3);
    expect(shareOut(9n, weights)).toEqual([3n, 3n, 3n]);
  });

  it("refuse what is no number", () => {
    expect(() => contributionWeights([1, Number.NaN])).toThrowError(
      expect.objectContaining({ code: "NOT_FINITE" }),
    );
  });
});
