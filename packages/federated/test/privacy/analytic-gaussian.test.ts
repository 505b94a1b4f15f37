import { describe, expect, it } from "vitest";
import { analyticGaussianDelta, analyticGaussianSigma } from "../../src/index.ts";
import { logErfc, logNormalCdf } from "../../src/privacy/normal.ts";

const relative = (actual: number, expected: number): number => Math.abs(actual / expected - 1);

describe("analytic Gaussian [PRIVACY.8]", () => {
  it.each([
    [1, 1e-5, 3.730631635],
    [0.5, 1e-6, 8.057618481],
    [8, 1e-5, 0.600229072],
  ])("gives the known sigma for epsilon %d, delta %d", (epsilon, delta, figure) => {
    expect(relative(analyticGaussianSigma(epsilon, delta), figure)).toBeLessThan(1e-8);
  });

  it("is the least that keeps to delta, also where the classic formula does not hold", () => {
    for (const epsilon of [0.01, 0.3, 1, 5, 20]) {
      for (const delta of [0.1, 1e-4, 1e-12]) {
        const sigma = analyticGaussianSigma(epsilon, delta);
        expect(analyticGaussianDelta(sigma, epsilon)).toBeLessThanOrEqual(delta);
        expect(analyticGaussianDelta(sigma * (1 - 1e-9), epsilon)).toBeGreaterThan(delta);
        if (epsilon < 1) expect(sigma).toBeLessThan(Math.sqrt(2 * Math.log(1.25 / delta)) / epsilon);
      }
    }
  });

  it("is proportional to the sensitivity", () => {
    expect(analyticGaussianSigma(1, 1e-5, 2.5)).toBeCloseTo(2.5 * analyticGaussianSigma(1, 1e-5), 12);
  });

  it.each([
    [0, 1e-5],
    [1, 0],
    [1, 1],
    [Number.NaN, 1e-5],
  ])("refuses epsilon %d, delta %d", (epsilon, delta) => {
    expect(() => analyticGaussianSigma(epsilon, delta)).toThrowError(
      expect.objectContaining({ code: "INVALID_INPUT" }),
    );
  });
});

describe("the normal distribution function", () => {
  it.each([
    [-38, -726.5572160188201],
    [-12.5, -81.57596787074388],
    [-5, -15.064998393988725],
    [-2.5, -5.08164827727869],
    [-1, -1.8410216450092636],
    [0, -Math.LN2],
    [0.3, -0.4814101615884812],
    [1.9, -0.02913694784510576],
    [3, -0.0013508099647481938],
  ])("has the known logarithm at %d", (x, expected) => {
    expect(relative(logNormalCdf(x), expected)).toBeLessThan(1e-12);
  });

  it("is continuous where the series gives way to the fraction", () => {
    expect(relative(logErfc(2 - 1e-12), logErfc(2))).toBeLessThan(1e-11);
    expect(relative(Math.exp(logErfc(-2 + 1e-12)), Math.exp(logErfc(-2)))).toBeLessThan(1e-13);
  });
});
