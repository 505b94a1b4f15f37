import { createRandom } from "@sheaf/base";
import { describe, expect, it } from "vitest";
import { defaultOrders, parseMechanism, rdpOfRelease } from "../../src/index.ts";
import { logExcessBinomial, logExcessIntegral } from "../../src/privacy/subsampled-gaussian.ts";

const poisson = (sampleRate: number, noiseMultiplier: number) =>
  parseMechanism({ sampleRate, noiseMultiplier });
const fixedSize = (sampleRate: number, noiseMultiplier: number) =>
  parseMechanism({ sampleRate, noiseMultiplier, sampling: "fixed-size" });

const relative = (actual: number, expected: number): number => Math.abs(actual / expected - 1);

describe("Rényi divergence of the subsampled Gaussian [PRIVACY.2]", () => {
  it.each([
    [1.5, 6.50070897e-4],
    [5, 2.18075656e-3],
    [50, 2.38460375e-2],
  ])("gives the known figure at order %d", (order, figure) => {
    expect(relative(50 * rdpOfRelease(poisson(0.01, 2.5), order), figure)).toBeLessThan(1e-6);
  });

  // Quadrature with 40 digits, from the definition.
  it.each([
    [0.001, 1, 1.1, 9.42781920113499e-7],
    [0.04, 1.5, 10.9, 0.006591672068072908],
    [0.5, 0.5, 2.3, 3.3859222726635356],
    [0.2, 0.3, 10.7, 57.66908509773879],
    [1e-4, 3, 1.3, 7.638674171468133e-10],
    [0.1, 8, 7.5, 0.000595159485096582],
    [0.05, 20, 33.5, 0.00010521294301071382],
    [0.9, 0.7, 4.4, 4.353586579026353],
    [0.3, 0.1, 3.3, 163.27256075901062],
  ])("is exact for q %d, sigma %d at the fractional order %d", (q, sigma, order, expected) => {
    expect(relative(rdpOfRelease(poisson(q, sigma), order), expected)).toBeLessThan(1e-12);
  });

  it("finds the same by the binomial sum and by the integral at integer orders", () => {
    const random = createRandom("two ways");
    for (let i = 0; i < 200; i++) {
      const q = 10 ** (-5 * random.float());
      const sigma = 0.1 + 12 * random.float() ** 3;
      const order = 2 + random.int(62);
      const sum = logExcessBinomial(q * 0.999, sigma, order);
      expect(relative(logExcessIntegral(q * 0.999, sigma, order), sum)).toBeLessThan(1e-10);
    }
  });

  it("is that of the plain Gaussian without sampling, and nothing when nobody is sampled", () => {
    expect(rdpOfRelease(poisson(1, 2), 3.3)).toBeCloseTo(3.3 / 8, 14);
    expect(rdpOfRelease(poisson(0, 0), 3.3)).toBe(0);
    expect(rdpOfRelease(fixedSize(0, 2), 3.3)).toBe(0);
    expect(rdpOfRelease(poisson(0.5, 0), 3.3)).toBe(Number.POSITIVE_INFINITY);
    expect(relative(rdpOfRelease(poisson(1 - 1e-12, 2), 3.3), 3.3 / 8)).toBeLessThan(1e-9);
  });

  it("grows with the order and the sampling rate, falls with the noise", () => {
    const random = createRandom("monotone");
    for (let i = 0; i < 100; i++) {
      const q = 0.001 + 0.9 * random.float();
      const sigma = 0.3 + 5 * random.float();
      const order = 1.1 + 40 * random.float();
      const here = rdpOfRelease(poisson(q, sigma), order);
      expect(rdpOfRelease(poisson(q, sigma), order * 1.05)).toBeGreaterThan(here);
      expect(rdpOfRelease(poisson(q * 1.05, sigma), order)).toBeGreaterThan(here);
      expect(rdpOfRelease(poisson(q, sigma * 1.05), order)).toBeLessThan(here);
      expect(here).toBeLessThanOrEqual(order / (2 * sigma ** 2));
    }
  });

  it("does not jump between integer and fractional orders", () => {
    for (const order of [2, 7, 31]) {
      const at = rdpOfRelease(poisson(0.03, 1.2), order);
      expect(relative(rdpOfRelease(poisson(0.03, 1.2), order + 1e-9), at)).toBeLessThan(1e-7);
    }
  });

  it("refuses an order that is none", () => {
    expect(() => rdpOfRelease(poisson(0.1, 1), 1)).toThrowError(
      expect.objectContaining({ code: "INVALID_INPUT" }),
    );
  });
});

describe("cohorts of fixed size [PRIVACY.7]", () => {
  it("cost at least what Poisson sampling of the same rate costs, and no more than no sampling", () => {
    // When all others hold zero vectors, both ways of sampling give the same pair of distributions.
    for (const q of [0.001, 0.01, 0.1, 0.5]) {
      for (const sigma of [0.6, 1, 3, 10]) {
        for (const order of defaultOrders.filter(Number.isInteger)) {
          const bound = rdpOfRelease(fixedSize(q, sigma), order);
          expect(bound).toBeGreaterThanOrEqual(rdpOfRelease(poisson(q, sigma), order) * (1 - 1e-12));
          expect(bound).toBeLessThanOrEqual(order / (2 * sigma ** 2));
        }
      }
    }
  });

  it("are still amplified", () => {
    expect(rdpOfRelease(fixedSize(0.01, 2), 4)).toBeLessThan(rdpOfRelease(poisson(1, 2), 4) / 100);
  });

  it("have no bound at fractional orders", () => {
    expect(rdpOfRelease(fixedSize(0.1, 1), 2.5)).toBe(Number.POSITIVE_INFINITY);
  });
});
