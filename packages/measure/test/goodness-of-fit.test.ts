import { createRandom } from "@sheaf/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { logGamma, upperGamma } from "../src/incomplete-gamma.ts";
import { combineFits, goodnessOfFit, leastExpected } from "../src/index.ts";

describe("the incomplete gamma function", () => {
  it("is the Poisson distribution's for whole a, on both sides of where the method changes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.double({ min: 0, max: 150, noNaN: true }), (a, x) => {
        let term = Math.exp(-x);
        let sum = 0;
        for (let k = 0; k < a; k++) {
          sum += term;
          term *= x / (k + 1);
        }
        expect(upperGamma(a, x)).toBeCloseTo(sum, 12);
      }),
    );
  });

  it("meets the quantiles of chi-square tables, and keeps its digits far out", () => {
    const tables = [
      [1, 3.841458820694124, 0.05],
      [1, 6.634896601021213, 0.01],
      [2, 5.991464547107979, 0.05],
      [9, 16.918977604620448, 0.05],
      [30, 50.89218131151709, 0.01],
      [100, 124.34211340400407, 0.05],
    ] as const;
    for (const [degrees, quantile, p] of tables) {
      expect(upperGamma(degrees / 2, quantile / 2)).toBeCloseTo(p, 10);
    }
    expect(upperGamma(1, 100) / Math.exp(-100)).toBeCloseTo(1, 10);
    expect([upperGamma(3, 0), upperGamma(3, Number.POSITIVE_INFINITY)]).toEqual([1, 0]);
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 13);
    expect(logGamma(11)).toBeCloseTo(Math.log(3_628_800), 11);
  });
});

describe("the goodness of fit", () => {
  it("[CRECORD.6] gives the figures of published examples", () => {
    // Mendel's peas, 9:3:3:1; and the example of R's chisq.test.
    const peas = goodnessOfFit([315, 108, 101, 32], [9 / 16, 3 / 16, 3 / 16, 1 / 16]);
    expect(peas.statistic).toBeCloseTo(0.470024, 6);
    expect([peas.degrees, peas.pooled]).toEqual([3, 0]);
    expect(peas.p).toBeCloseTo(0.925426, 6);
    const counts = goodnessOfFit([89, 37, 30, 28, 2], [0.4, 0.2, 0.2, 0.15, 0.05]);
    expect(counts.statistic).toBeCloseTo(9.9901, 4);
    expect(counts.p).toBeCloseTo(0.04059, 5);
  });

  it("[CRECORD.6] pools small cells until each expects 5, and loses no category", () => {
    const cases = fc
      .array(fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 100 })), { minLength: 1, maxLength: 12 })
      .filter((cells) => cells.some(([count]) => count > 0));
    fc.assert(
      fc.property(cases, (own) => {
        const total = own.reduce((sum, [, weight]) => sum + weight, 0);
        const shares = own.map(([, weight]) => weight / total);
        const observed = own.map(([count]) => count);
        const { cells, degrees, p } = goodnessOfFit(observed, shares);
        const count = observed.reduce((sum, value) => sum + value, 0);
        expect(cells.flat().sort((a, b) => a - b)).toEqual(own.map((_, i) => i));
        expect(degrees).toBe(cells.length - 1);
        expect(p === null).toBe(cells.length === 1);
        for (const cell of cells.length === 1 ? [] : cells) {
          const expected = cell.reduce((sum, i) => sum + count * (shares[i] as number), 0);
          expect(expected).toBeGreaterThan(leastExpected - 1e-9);
        }
      }),
    );
    expect(goodnessOfFit([1, 30, 69], [0.01, 0.3, 0.69])).toMatchObject({ cells: [[0, 1], [2]], pooled: 2 });
    expect(goodnessOfFit([1, 1], [0.5, 0.5])).toMatchObject({ p: null, degrees: 0 });
    expect(goodnessOfFit([0, 0], [0.5, 0.5])).toMatchObject({ p: null, statistic: 0 });
  });

  it("[CRECORD.6] calls what cannot happen impossible", () => {
    expect(goodnessOfFit([50, 50, 0], [0.5, 0.5, 0])).toMatchObject({ impossible: 0, degrees: 1, p: 1 });
    expect(goodnessOfFit([50, 49, 1], [0.5, 0.5, 0])).toMatchObject({ impossible: 1, p: 0 });
  });

  it("[CRECORD.6] refutes a true prediction as often as it says, alone and combined, and a false one", () => {
    const random = createRandom("fit");
    const shares = [0.4, 0.3, 0.2, 0.1];
    const drawn = (bias: number): number[] => {
      const counts = [0, 0, 0, 0];
      for (let i = 0; i < 200; i++) {
        let left = random.chance(bias) ? 0 : random.float();
        const at = shares.findIndex((share) => {
          left -= share;
          return left < 0;
        });
        counts[at] = (counts[at] as number) + 1;
      }
      return counts;
    };
    const fits = Array.from({ length: 600 }, () => goodnessOfFit(drawn(0), shares));
    const pairs = fits.flatMap((fit, i) =>
      i % 2 === 0 ? [] : [combineFits([fit, fits[i - 1] as typeof fit])],
    );
    for (const list of [fits, pairs]) {
      const refuted = list.filter(({ p }) => (p as number) < 0.1).length / list.length;
      expect(refuted).toBeGreaterThan(0.06);
      expect(refuted).toBeLessThan(0.14);
    }
    expect(pairs[0]?.degrees).toBe(6);
    const { cells: _, ...own } = fits[0] as (typeof fits)[0];
    expect(combineFits([own])).toEqual(own);
    expect(combineFits([])).toMatchObject({ p: null, degrees: 0 });
    expect(goodnessOfFit(drawn(0.3), shares).p).toBeLessThan(0.001);
  });

  it("refuses shares that are none, and counts that are none", () => {
    const cases = [
      [[1, 2], [1]],
      [
        [1.5, 2],
        [0.5, 0.5],
      ],
      [
        [-1, 2],
        [0.5, 0.5],
      ],
      [
        [1, 2],
        [0.5, 0.4],
      ],
      [
        [1, 2],
        [1.5, -0.5],
      ],
      [
        [1, 2],
        [Number.NaN, 1],
      ],
    ] as const;
    for (const [observed, shares] of cases) {
      expect(() => goodnessOfFit(observed, shares)).toThrow(expect.objectContaining({ code: "INVARIANT" }));
    }
  });
});
