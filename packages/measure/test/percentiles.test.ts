import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCensoredSample, describeLatency, mean, percentile } from "../src/index.ts";

const latencies = fc.array(fc.double({ min: -10, max: 1e6, noNaN: true }), { maxLength: 200 });
const sampleOf = (observed: readonly number[], censored: readonly number[] = []) =>
  createCensoredSample(Float64Array.from(observed), Float64Array.from(censored));

/** The definition, written the slow way: the smallest value with at least p % of all values at or below it. */
function naivePercentile(values: readonly number[], p: number): number {
  const candidates = values.filter((v) => values.filter((w) => w <= v).length >= (p / 100) * values.length);
  return Math.min(...candidates);
}

describe("percentiles", () => {
  it("[LATENCY.5] are exact by the nearest rank, whatever the order of the input", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -5, max: 500 }), { minLength: 1, maxLength: 80 }), (values) => {
        for (const p of [50, 90, 95, 99, 100]) {
          const expected = { value: naivePercentile(values, p), atLeast: false };
          expect(percentile(sampleOf(values), p)).toEqual(expected);
          expect(percentile(sampleOf([...values].reverse()), p)).toEqual(expected);
        }
      }),
    );
  });

  it("[LOST.2] a figure with censored values never exceeds the truth, and is the truth unless flagged", () => {
    const pairs = fc.array(
      fc.record({
        truth: fc.double({ min: 0, max: 1000, noNaN: true }),
        limit: fc.double({ min: 0, max: 1000, noNaN: true }),
      }),
      { minLength: 1, maxLength: 100 },
    );
    fc.assert(
      fc.property(pairs, fc.integer({ min: 0, max: 100 }), (all, p) => {
        const observed = all.filter(({ truth, limit }) => truth <= limit).map(({ truth }) => truth);
        const censored = all.filter(({ truth, limit }) => truth > limit).map(({ limit }) => limit);
        const truths = sampleOf(all.map(({ truth }) => truth));
        const sample = sampleOf(observed, censored);
        for (const [seen, real] of [
          [percentile(sample, p), percentile(truths, p)],
          [mean(sample), mean(truths)],
        ] as const) {
          expect(seen?.value).toBeLessThanOrEqual((real?.value ?? 0) + 1e-9);
          if (seen?.atLeast === false) expect(seen.value).toBeCloseTo(real?.value ?? Number.NaN, 6);
        }
      }),
    );
  });

  it("[LOST.2] flags exactly the figures that a lost transaction can have lowered", () => {
    const observed = Array.from({ length: 98 }, (_, i) => i + 1);
    const described = describeLatency(sampleOf(observed, [60_000, 60_000]));
    expect(described.atLeast).toEqual(["mean", "p99", "max"]);
    expect(described).toMatchObject({ count: 100, censored: 2, p50: 50, p95: 95, p99: 60_000 });
  });

  it("orders its own figures and shows an outlier in the maximum alone", () => {
    fc.assert(
      fc.property(latencies, (values) => {
        const d = describeLatency(sampleOf(values));
        if (values.length === 0) {
          expect(d).toMatchObject({ count: 0, mean: null, max: null, atLeast: [] });
          return;
        }
        expect(d.p50).toBeLessThanOrEqual(d.p90 ?? 0);
        expect(d.p90).toBeLessThanOrEqual(d.p95 ?? 0);
        expect(d.p95).toBeLessThanOrEqual(d.p99 ?? 0);
        expect(d.p99).toBeLessThanOrEqual(d.max ?? 0);
      }),
    );
    const outlier = describeLatency(sampleOf([...Array.from({ length: 999 }, () => 10), 1e6]));
    expect(outlier).toMatchObject({ p99: 10, max: 1e6 });
  });
});
