import { createRandom } from "@sheaf/base";
import { describe, expect, it } from "vitest";
import {
  createAccountant,
  createDiscreteGaussian,
  discreteGaussian,
  distributedNoise,
  l2Norm,
  parseMechanism,
  quantise,
  rdpOfRelease,
  roundedNorm,
  sumDeviation,
} from "../../src/index.ts";
import { chiSquareScore, discreteGaussianPmf, seededEntropy } from "./statistics.ts";

/** Distribution of the sum of independent values, each given over -reach..reach. */
function convolve(a: readonly number[], b: readonly number[]): number[] {
  const out = new Array<number>(a.length + b.length - 1).fill(0);
  a.forEach((p, i) => {
    b.forEach((q, j) => {
      out[i + j] = (out[i + j] as number) + p * q;
    });
  });
  return out;
}

function sumPmf(sigma: number, shares: number): number[] {
  const one = discreteGaussianPmf(sigma, Math.ceil(14 * sigma));
  let sum = one;
  for (let k = 1; k < shares; k++) sum = convolve(sum, one);
  return sum;
}

describe("a sum of discrete Gaussian shares [PRIVACY.10]", () => {
  const cases = [0.5, 0.6, 0.8, 1].flatMap((sigma) => [2, 3, 5].map((shares) => [sigma, shares] as const));

  it.each(cases)(
    "departs from one discrete Gaussian by no more than the bound: sigma %d, %d shares",
    (sigma, shares) => {
      const sum = sumPmf(sigma, shares);
      const reach = (sum.length - 1) / 2;
      const ideal = discreteGaussianPmf(sigma * Math.sqrt(shares), reach);
      const within = Math.floor(9 * sigma * Math.sqrt(shares)); // beyond, the shares were cut off
      let largest = 0;
      for (let x = -Math.min(within, reach); x <= Math.min(within, reach); x++) {
        const ratio = (sum[x + reach] as number) / (ideal[x + reach] as number);
        largest = Math.max(largest, Math.abs(Math.log(ratio)));
      }
      expect(largest).toBeLessThanOrEqual(sumDeviation(sigma, shares));
      expect(largest).toBeGreaterThan(0.001 * sumDeviation(sigma, shares));
    },
  );

  it.each(cases)("costs no more than is accounted: sigma %d, %d shares", (sigma, shares) => {
    const sum = sumPmf(sigma, shares);
    const mechanism = parseMechanism({
      noiseMultiplier: sigma * Math.sqrt(shares),
      deviation: sumDeviation(sigma, shares),
    });
    for (const order of [2, 3, 5]) {
      let moment = 0;
      for (let x = 1; x < sum.length; x++) {
        const [p, q] = [sum[x] as number, sum[x - 1] as number];
        if (p > 0 && q > 0) moment += Math.exp(order * Math.log(p) + (1 - order) * Math.log(q));
      }
      const exact = Math.log(moment) / (order - 1);
      expect(exact).toBeLessThanOrEqual(rdpOfRelease(mechanism, order));
      expect(exact).toBeGreaterThan(
        0.5 * rdpOfRelease(parseMechanism({ noiseMultiplier: sigma * Math.sqrt(shares) }), order),
      );
    }
  });

  it("is one exactly when there is one share, and the bound grows with the shares", () => {
    expect(sumDeviation(0.7, 1)).toBe(0);
    const [two, three] = [Math.exp(-(Math.PI ** 2) * 0.49), Math.exp((-4 / 3) * Math.PI ** 2 * 0.49)];
    expect(sumDeviation(0.7, 2)).toBeCloseTo(10 * two, 12);
    expect(sumDeviation(0.7, 3)).toBeCloseTo(10 * (two + three), 12);
    expect(1e7 * sumDeviation(3, 256)).toBeLessThan(1e-30);
  });

  it("has no bound at fractional orders", () => {
    expect(rdpOfRelease(parseMechanism({ noiseMultiplier: 1, deviation: 0 }), 2.5)).toBe(
      Number.POSITIVE_INFINITY,
    );
  });
});

describe("shares of noise [PRIVACY.10]", () => {
  const wanted = { clip: 2, step: 1e-3, dimension: 1000, noiseMultiplier: 1.2, smallestCohort: 14 };

  it("of the smallest cohort sum to the noise wanted, of any larger one to more", () => {
    const plan = distributedNoise(wanted);
    for (const survivors of [14, 20]) {
      const sums = new Float64Array(10_000);
      const sampler = createDiscreteGaussian(plan.shareSigma, seededEntropy(`shares ${survivors}`));
      for (let member = 0; member < survivors; member++) {
        sampler.draw(sums.length).forEach((value, i) => {
          sums[i] = (sums[i] as number) + value;
        });
      }
      const deviation = l2Norm(sums) / Math.sqrt(sums.length);
      const target = 1.2 * plan.quantisedNorm;
      expect(deviation / (target * Math.sqrt(survivors / 14))).toBeCloseTo(1, 1);
      expect(deviation).toBeGreaterThan(0.97 * target);
    }
  });

  it("sum to a discrete Gaussian", () => {
    const { shareSigma } = distributedNoise({ ...wanted, step: 2, dimension: 16, smallestCohort: 4 });
    const draws = 50_000;
    const sampler = createDiscreteGaussian(shareSigma, seededEntropy("sum"));
    const reach = Math.ceil(14 * shareSigma);
    const counts = new Array<number>(2 * reach + 1).fill(0);
    for (let i = 0; i < draws; i++) {
      const value = sampler.draw(4).reduce((sum, share) => sum + share, 0);
      counts[value + reach] = (counts[value + reach] as number) + 1;
    }
    expect(Math.abs(chiSquareScore(counts, discreteGaussianPmf(2 * shareSigma, reach), draws))).toBeLessThan(
      4,
    );
  });

  it("are larger when some members may collude", () => {
    const honest = distributedNoise(wanted);
    const wary = distributedNoise({ ...wanted, colluding: 5 });
    expect(wary.shareSigma / honest.shareSigma).toBeCloseTo(Math.sqrt(14 / 9), 12);
    expect(wary.noiseMultiplier).toBeCloseTo(1.2, 12);
  });

  it("cost what central noise of the same size costs when the steps are fine", () => {
    const { noiseMultiplier, deviation } = distributedNoise(wanted);
    const integers = Array.from({ length: 62 }, (_, i) => i + 2);
    const [distributed, central] = [{ deviation }, {}].map((extra) =>
      createAccountant({
        noiseMultiplier,
        sampleRate: 0.1,
        delta: 1e-5,
        orders: integers,
        ...extra,
      }).epsilonAfter(50),
    );
    expect(distributed).toBeCloseTo(central as number, 9);
  });

  it("leave room in the sum for what they may be at worst", () => {
    const plan = distributedNoise(wanted);
    const noise = discreteGaussian(plan.shareSigma, 100_000, seededEntropy("bound"));
    expect(noise.reduce((most, value) => Math.max(most, Math.abs(value)), 0)).toBeLessThanOrEqual(
      plan.shareBound,
    );
    expect(plan.shareBound / plan.shareSigma).toBeGreaterThan(13);
  });

  it.each([
    { step: 1e6, dimension: 1 },
    { smallestCohort: 3, colluding: 3 },
    { clip: 0 },
    { noiseMultiplier: 0 },
    { step: 1e-12 },
  ])("refuse %o", (wrong) => {
    expect(() => distributedNoise({ ...wanted, ...wrong })).toThrowError(
      expect.objectContaining({ code: "INVALID_INPUT" }),
    );
  });
});

describe("the norm after stochastic rounding [PRIVACY.10]", () => {
  it("stays below the bound with the probability said", () => {
    const random = createRandom("rounding");
    for (const dimension of [10, 1000]) {
      const vector = Float32Array.from({ length: dimension }, () => random.float() - 0.5);
      const norm = l2Norm(vector);
      // one step is 0.01: coordinates of up to 50 steps
      const bound = roundedNorm(norm / 0.01, dimension);
      let kept = 0;
      for (let i = 0; i < 200; i++) {
        const rounded = quantise(vector, { clip: 0.01 * 127, bits: 8 }, random.bytes);
        if ("values" in rounded && l2Norm(rounded.values) <= bound) kept += 1;
      }
      expect(kept / 200).toBeGreaterThan(1 - Math.exp(-0.5));
    }
  });

  it("is never more than a step a coordinate above", () => {
    expect(roundedNorm(0.1, 4)).toBeLessThanOrEqual(2.1);
    expect(roundedNorm(1000, 10_000)).toBeCloseTo(Math.sqrt(1000 ** 2 + 2500 + 1000 + 50), 9);
  });
});
