import { describe, expect, it } from "vitest";
import { addCentralNoise, createDiscreteGaussian, discreteGaussian, gaussianNoise } from "../../src/index.ts";
import { exactSquare, expNegative } from "../../src/privacy/exact-exponential.ts";
import { centralSigma } from "../../src/privacy/gaussian-noise.ts";
import {
  chiSquareScore,
  discreteGaussianPmf,
  kolmogorovScore,
  scriptedEntropy,
  seededEntropy,
} from "./statistics.ts";

describe("discrete Gaussian [PRIVACY.9]", () => {
  it.each([0.3, 0.5, 1, 3.7, 15.9, 16, 33.3, 100, 250])("has the exact distribution at sigma %d", (sigma) => {
    const draws = 200_000;
    const reach = Math.ceil(8 * sigma);
    const counts = new Array<number>(2 * reach + 1).fill(0);
    for (const value of discreteGaussian(sigma, draws, seededEntropy(`pmf ${sigma}`))) {
      counts[value + reach] = (counts[value + reach] as number) + 1;
    }
    expect(Math.abs(chiSquareScore(counts, discreteGaussianPmf(sigma, reach), draws))).toBeLessThan(4);
  });

  it.each([1e4, 1e6, 2 ** 26])("is normal to the eye at sigma %d", (sigma) => {
    const values = discreteGaussian(sigma, 100_000, seededEntropy("large"));
    expect(kolmogorovScore(Float64Array.from(values, (value) => value / sigma))).toBeLessThan(1.95);
  });

  it("fills the places within a block evenly: the last digit of large values", () => {
    const draws = 100_000;
    const counts = new Array<number>(10).fill(0);
    for (const value of discreteGaussian(1e5, draws, seededEntropy("digits"))) {
      const digit = Math.abs(value) % 10;
      counts[digit] = (counts[digit] as number) + 1;
    }
    expect(Math.abs(chiSquareScore(counts, new Array<number>(10).fill(0.1), draws))).toBeLessThan(4);
  });

  it("draws anew from the system's entropy, within its bound", () => {
    const sampler = createDiscreteGaussian(1e6);
    const [first, second] = [sampler.draw(1000), sampler.draw(1000)];
    expect(first).not.toEqual(second);
    expect(discreteGaussian(1e6, 1000)).not.toEqual(first);
    for (const value of first) expect(Math.abs(value)).toBeLessThanOrEqual(sampler.bound);
    expect(sampler.bound / 1e6).toBeGreaterThan(13.3);
    expect(createDiscreteGaussian(2 ** 26).bound).toBeLessThan(2 ** 31);
  });

  it.each([0, 2 ** 27, Number.NaN, -1])("refuses sigma %d", (sigma) => {
    expect(() => createDiscreteGaussian(sigma)).toThrowError(
      expect.objectContaining({ code: "INVALID_INPUT" }),
    );
  });

  describe("a comparison that 32 bits do not decide is made exactly", () => {
    const [low, high] = [
      [0, 0, 0, 0],
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    ];
    const draw = (sigma: number, words: readonly number[]): number =>
      createDiscreteGaussian(sigma, scriptedEntropy(words)).draw(1)[0] as number;

    it("when a place is kept", () => {
      // Width 6 at sigma 100: place 5 of block 0 is kept with probability exp(-25 / 20000).
      const threshold = Math.floor(Math.exp(-25 / 20_000) * 2 ** 32);
      const positive = 0;
      expect(draw(100, [positive, 5, threshold, ...low])).toBe(5);
      expect(draw(100, [positive, 5, threshold, ...high, positive, 3, 0])).toBe(3);
      expect(draw(100, [positive, 5, threshold - 2, ...high])).toBe(5);
      expect(draw(100, [positive, 5, threshold + 2, positive, 3, 0])).toBe(3);
    });

    it("as is a place: words beyond the last multiple of the width are drawn again", () => {
      expect(draw(100, [0, 0xffffffff, 2, 0])).toBe(2);
      expect(draw(100, [0, 0xfffffffb, 0])).toBe(5);
    });

    it("when a block is found", () => {
      // At sigma 1 the blocks are single integers; half of the mass of 0 goes to either sign.
      let total = 0;
      for (let k = 0; k < 20; k++) total += Math.exp(-(k ** 2) / 2);
      const boundary = Math.floor(2 ** 31 / total);
      expect(draw(1, [boundary * 2, ...low])).toBe(0);
      expect(draw(1, [boundary * 2, ...high])).toBe(1);
      expect(draw(1, [(boundary - 1) * 2, ...high])).toBe(0);
      expect(draw(1, [(boundary + 1) * 2 + 1, ...low])).toBe(-1);
    });

    it("with exponentials to 160 bits", () => {
      const at = (numerator: bigint, denominator: bigint) => expNegative({ numerator, denominator }, 160n);
      expect(at(0n, 1n)).toBe(1n << 160n);
      expect(at(1n, 1n)).toBe(537656405612440531293709506882804952831773640106n);
      expect(at(1n, 1_000_000n)).toBe(1461500175829996337875848535164624369031330587158n);
      expect(at(20n, 1n)).toBe(3012379393984473946022401037616764770626n);
      expect(at(1000n, 7n)).toBe(0n);
      expect(exactSquare(1.5)).toEqual({ numerator: 9n, denominator: 4n });
    });
  });
});

describe("Gaussian noise on a grid [PRIVACY.9]", () => {
  it.each([1e-7, 0.37, 5000])("is normal at sigma %d", (sigma) => {
    const noise = gaussianNoise(100_000, sigma, seededEntropy("grid"));
    expect(kolmogorovScore(noise.map((value) => value / sigma))).toBeLessThan(1.95);
  });

  it("lies on a power of two at least 2^24 times finer than sigma", () => {
    const noise = gaussianNoise(1000, 0.37, seededEntropy("grid"));
    const grid = 2 ** -26;
    expect(grid).toBeLessThanOrEqual(0.37 / 2 ** 24);
    for (const value of noise) expect(Number.isInteger(value / grid)).toBe(true);
  });
});

describe("central noise [PRIVACY.11]", () => {
  const options = { clip: 3, noiseMultiplier: 1.1 };

  it("adds the noise wanted around the sum", () => {
    const sum = Float32Array.from({ length: 100_000 }, (_, i) => Math.sin(i) * 10);
    const noisy = addCentralNoise(sum, options, seededEntropy("central"));
    const noise = Float64Array.from(noisy, (value, i) => (value - (sum[i] as number)) / 3.3);
    expect(kolmogorovScore(noise)).toBeLessThan(1.95);
  });

  it("is wider by what moving to the grid adds to the sensitivity", () => {
    const { grid, sigma } = centralSigma(options, 1_000_000);
    expect(grid).toBe(2 ** -23);
    expect(sigma).toBe(1.1 * (3 + 1000 * grid));
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("refuses a multiplier of %d", (noiseMultiplier) => {
    expect(() => addCentralNoise(new Float32Array(2), { clip: 1, noiseMultiplier })).toThrowError(
      expect.objectContaining({ code: "INVALID_INPUT" }),
    );
  });

  it("answers the same for sums that differ by less than the grid", () => {
    const grid = 2 ** -23; // 2^24 times finer than 3.3
    const sums = [0.1, 0.2, 0.3, 0.4].map((part) =>
      Float64Array.from({ length: 50 }, (_, i) => (i + part) * grid),
    );
    const answers = sums.map((sum) => addCentralNoise(sum, options, seededEntropy("grid")));
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });
});
