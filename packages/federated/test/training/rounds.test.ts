import { createRandom } from "@sheaf/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createConvergence, learningRateAt, sampleCohort, scheduleSchema } from "../../src/index.ts";

describe("learning rate over the rounds", () => {
  it.each([
    [{ kind: "constant", initial: 0.1 }, [0.1, 0.1, 0.1, 0.1, 0.1]],
    [{ kind: "exponential", initial: 0.8, decay: 0.5 }, [0.8, 0.4, 0.2, 0.1, 0.05]],
    [{ kind: "step", initial: 1, factor: 0.1, every: 2 }, [1, 1, 0.1, 0.1, 0.01]],
    [{ kind: "cosine", initial: 1, final: 0.2, rounds: 3 }, [1, 0.6, 0.2, 0.2, 0.2]],
  ] as const)("%o", (schedule, expected) => {
    const rates = [1, 2, 3, 4, 5].map((round) => learningRateAt(scheduleSchema.parse(schedule), round));
    rates.forEach((rate, index) => {
      expect(rate).toBeCloseTo(expected[index] as number, 12);
    });
  });

  it("has no unknown fields", () => {
    expect(scheduleSchema.safeParse({ kind: "constant", initial: 0.1, decay: 0.5 }).success).toBe(false);
  });
});

describe("convergence", () => {
  const endOf = (
    losses: readonly number[],
    options = { tolerance: 0.01, patience: 2, minRounds: 1 },
  ): number => {
    const convergence = createConvergence(options);
    return losses.findIndex((loss) => convergence.step(loss)) + 1;
  };

  it("ends after `patience` rounds in a row that are not better by the tolerance", () => {
    expect(endOf([1, 0.8, 0.795, 0.799])).toBe(4);
    expect(endOf([1, 0.8, 0.795, 0.7, 0.699, 0.75])).toBe(6);
    expect(endOf([1, 0.9, 0.8, 0.7])).toBe(0);
  });

  it("does not end before `minRounds`, and then at once", () => {
    expect(endOf([1, 1, 1, 1, 1], { tolerance: 0, patience: 1, minRounds: 4 })).toBe(4);
  });

  it("takes losses that are no numbers as no better", () => {
    expect(endOf([Number.NaN, Number.NaN])).toBe(2);
    expect(endOf([1, Number.NaN, 0.5, Number.POSITIVE_INFINITY, Number.NaN])).toBe(5);
  });
});

describe("the cohort of a round", () => {
  it("has `size` different owners, each as often as the others", () => {
    const random = createRandom("cohort");
    const counts = new Array<number>(10).fill(0);
    for (let round = 0; round < 4_000; round++) {
      const cohort = sampleCohort(10, { kind: "fixed", size: 4 }, random);
      expect(new Set(cohort).size).toBe(4);
      expect(cohort).toStrictEqual([...cohort].sort((a, b) => a - b));
      for (const owner of cohort) counts[owner] = (counts[owner] ?? 0) + 1;
    }
    // 1,600 expected, deviation 31.
    for (const count of counts) expect(Math.abs(count - 1_600)).toBeLessThan(5 * 31);
  });

  it("takes each owner alone with the rate of a Poisson sample", () => {
    const random = createRandom("poisson");
    const sizes = Array.from(
      { length: 4_000 },
      () => sampleCohort(50, { kind: "poisson", rate: 0.2 }, random).length,
    );
    const mean = sizes.reduce((a, b) => a + b) / sizes.length;
    const variance = sizes.reduce((sum, size) => sum + (size - mean) ** 2, 0) / sizes.length;
    expect(mean).toBeCloseTo(10, 0);
    expect(Math.abs(variance - 8)).toBeLessThan(1);
  });

  it("cannot be larger than all owners", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), (owners) => {
        expect(() => sampleCohort(owners, { kind: "fixed", size: owners + 1 }, createRandom(1))).toThrow(
          expect.objectContaining({ code: "INVALID_INPUT" }),
        );
        expect(sampleCohort(owners, { kind: "fixed", size: owners }, createRandom(1))).toHaveLength(owners);
      }),
    );
  });
});
