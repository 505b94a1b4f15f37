import { createRandom } from "@sheaf/base";
import { describe, expect, it } from "vitest";
import {
  analyticGaussianDelta,
  createAccountant,
  defaultOrders,
  epsilonOfCurve,
  noiseMultiplierFor,
} from "../../src/index.ts";

const relative = (actual: number, expected: number): number => Math.abs(actual / expected - 1);

describe("the accountant [PRIVACY.4]", () => {
  it.each([
    [1.5, 0.04, 2250, 7.329111171],
    [1.1, 0.004, 15000, 2.502870927],
    [2, 0.05, 100, 1.222195985],
    [1, 1, 1, 4.728507067],
  ])("gives the known epsilon for sigma %d, q %d, %d steps", (noiseMultiplier, sampleRate, steps, figure) => {
    const accountant = createAccountant({ noiseMultiplier, sampleRate, delta: 1e-5 });
    expect(relative(accountant.epsilonAfter(steps), figure)).toBeLessThan(1e-6);
  });

  it("tracks the orders that the figures were made with", () => {
    expect(defaultOrders).toHaveLength(151);
    expect([defaultOrders[0], defaultOrders[98], defaultOrders[99], defaultOrders.at(-1)]).toEqual([
      1.1, 10.9, 12, 63,
    ]);
  });

  it("adds releases up: the curve times the steps", () => {
    const accountant = createAccountant({ noiseMultiplier: 1.3, sampleRate: 0.1, delta: 1e-6 });
    const tenfold = accountant.curve.map((rdp) => 10 * rdp);
    expect(accountant.epsilonAfter(10)).toBe(epsilonOfCurve(tenfold, defaultOrders, 1e-6).epsilon);
    expect(accountant.orderAfter(10)).toBe(epsilonOfCurve(tenfold, defaultOrders, 1e-6).order);
  });

  it("starts at 0, never falls, and knows that no noise is no privacy", () => {
    const accountant = createAccountant({ noiseMultiplier: 1, sampleRate: 0.2, delta: 1e-5 });
    const epsilons = [0, 1, 2, 5, 10, 100, 1000].map(accountant.epsilonAfter);
    expect(epsilons[0]).toBe(0);
    expect(epsilons).toEqual(epsilons.toSorted((a, b) => a - b));
    const bare = createAccountant({ noiseMultiplier: 0, sampleRate: 0.2, delta: 1e-5 });
    expect(bare.epsilonAfter(1)).toBe(Number.POSITIVE_INFINITY);
    expect(bare.epsilonAfter(0)).toBe(0);
  });

  it.each([{ delta: 0 }, { delta: 1 }, { sampleRate: 1.5 }, { noiseMultiplier: -1 }, { orders: [1] }])(
    "refuses %o",
    (wrong) => {
      expect(() =>
        createAccountant({ noiseMultiplier: 1, sampleRate: 0.1, delta: 1e-5, ...wrong }),
      ).toThrowError(expect.objectContaining({ code: "INVALID_INPUT" }));
    },
  );
});

describe("conversion to epsilon [PRIVACY.3]", () => {
  it("holds for the composition of Gaussians, whose exact delta is known, and wastes little", () => {
    for (const steps of [1, 4, 50]) {
      for (const noiseMultiplier of [1, 3, 12]) {
        for (const delta of [1e-3, 1e-5, 1e-9]) {
          const epsilon = createAccountant({ noiseMultiplier, delta }).epsilonAfter(steps);
          const exact = (value: number) => analyticGaussianDelta(noiseMultiplier / Math.sqrt(steps), value);
          expect(exact(epsilon)).toBeLessThanOrEqual(delta);
          expect(exact(0.75 * epsilon)).toBeGreaterThan(delta);
        }
      }
    }
  });

  it("is 0 when the divergence bounds the total variation distance below delta", () => {
    expect(epsilonOfCurve([0.9e-10], [2], 1e-5).epsilon).toBe(0);
    expect(epsilonOfCurve([1.1e-10], [2], 1e-5).epsilon).toBeGreaterThan(0);
  });

  it("passes over orders without a bound, and is infinite when none has one", () => {
    const { epsilon, order } = epsilonOfCurve([Number.POSITIVE_INFINITY, 0.5], [2, 3], 1e-5);
    expect(order).toBe(3);
    expect(epsilon).toBeCloseTo(0.5 + Math.log(2 / 3) - (Math.log(1e-5) + Math.log(3)) / 2, 12);
    expect(epsilonOfCurve([Number.POSITIVE_INFINITY], [2], 1e-5).epsilon).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("calibration [PRIVACY.5]", () => {
  it("finds the least noise that keeps to epsilon", () => {
    const random = createRandom("calibrate");
    for (let i = 0; i < 8; i++) {
      const epsilon = 0.3 + 8 * random.float();
      const steps = 1 + random.int(300);
      const release = {
        delta: 10 ** -(3 + random.int(5)),
        sampleRate: i % 2 === 0 ? 1 : 0.01 + 0.5 * random.float(),
        sampling: i % 4 === 1 ? ("fixed-size" as const) : ("poisson" as const),
      };
      const least = noiseMultiplierFor({ ...release, epsilon, steps });
      const epsilonWith = (noiseMultiplier: number) =>
        createAccountant({ ...release, noiseMultiplier }).epsilonAfter(steps);
      expect(epsilonWith(least)).toBeLessThanOrEqual(epsilon);
      expect(epsilonWith(least * (1 - 1e-6))).toBeGreaterThan(epsilon);
    }
  });

  it("says so when no noise will do", () => {
    expect(() => noiseMultiplierFor({ epsilon: 1e-7, delta: 1e-9, steps: 1e9 })).toThrowError(
      expect.objectContaining({ code: "INVALID_INPUT" }),
    );
    expect(() => noiseMultiplierFor({ epsilon: 1, delta: 1e-5, steps: 0 })).toThrowError(
      expect.objectContaining({ code: "INVALID_INPUT" }),
    );
  });
});
