import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  commitTimes,
  encodeHistogram,
  histogramPercentile,
  latencySample,
  logicalTransactions,
  percentile,
  percentileCurve,
  quorumOf,
  type SteadyWindow,
} from "../src/index.ts";
import { tableOf } from "./support/arms.ts";

const window: SteadyWindow = { startMs: 0, endMs: 10_000, seconds: 10, basis: "steady", chains: [] };
const options = { threshold: "all", origin: "scheduled", window, drainEndMs: 20_000 } as const;
const sampleOf = (sketches: Parameters<typeof tableOf>[0], more: object = {}) =>
  latencySample(logicalTransactions(tableOf(sketches)), { ...options, ...more });

describe("latency", () => {
  it("[LATENCY.1] counts from the schedule, so a stalled sender makes it worse; from the send as a second figure", () => {
    const stalled = [{ scheduled: 1000, sent: 4000, first: 4500, quorum: 4600, all: 4700 }];
    expect([...sampleOf(stalled).observed]).toEqual([3700]);
    expect([...sampleOf(stalled, { origin: "sent" }).observed]).toEqual([700]);
    expect([...sampleOf(stalled, { threshold: "first" }).observed]).toEqual([3500]);
    expect([...sampleOf(stalled, { threshold: "quorum" }).observed]).toEqual([3600]);
  });

  it("[LATENCY.2] takes first, quorum and all from the validators' own times, in any order", () => {
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.double({ noNaN: true })), { minLength: 1, maxLength: 12 }),
        (seen) => {
          const { firstMs, quorumMs, allMs } = commitTimes(seen);
          const known = seen.filter((ms) => ms !== null);
          expect(firstMs).toBe(known.length === 0 ? null : Math.min(...known));
          expect(allMs).toBe(known.length < seen.length ? null : Math.max(...known));
          expect(quorumMs === null).toBe(known.length < quorumOf(seen.length));
          if (quorumMs !== null) {
            expect(known.filter((ms) => ms <= quorumMs).length).toBeGreaterThanOrEqual(quorumOf(seen.length));
          }
        },
      ),
    );
    expect(commitTimes([40, 10, 30, 20])).toEqual({ firstMs: 10, quorumMs: 30, allMs: 40 });
  });

  it("[LATENCY.3] the quorum is 2f+1 for n = 3f+1, and two quorums always share a correct validator", () => {
    for (let n = 1; n <= 40; n++) {
      const f = Math.floor((n - 1) / 3);
      if (n % 3 === 1) expect(quorumOf(n)).toBe(2 * f + 1);
      expect(2 * quorumOf(n) - n).toBeGreaterThan(f);
      expect(quorumOf(n)).toBeLessThanOrEqual(n - f);
    }
  });

  it("[LATENCY.4] [LOST.2] keeps lost and unsent rows as censored waits and leaves failed and rejected ones out", () => {
    const sample = sampleOf([
      { scheduled: 1000, sent: 1000, first: 1500, all: 1600 },
      { scheduled: 2000, sent: 2000 },
      { scheduled: 3000 },
      { scheduled: 4000, sent: 4000, rejected: 4010 },
      { scheduled: 5000, sent: 5000, first: 5500, failed: true },
      { scheduled: 6000, sent: 6000, first: 6500, all: null },
      { scheduled: 10_001, sent: 10_001, first: 10_500 },
    ]);
    expect([...sample.observed]).toEqual([600]);
    expect([...sample.merged]).toEqual([600, 14_000, 17_000, 18_000]);
  });

  it("[CLOCK.1] shows a negative latency as it is", () => {
    const sample = sampleOf([{ scheduled: 1000, sent: 1000, first: 900, all: 950 }]);
    expect(percentile(sample, 50)).toEqual({ value: -50, atLeast: false });
  });

  it("[LOGICAL.1] counts a transaction of several parts once, at its last commit", () => {
    const transactions = logicalTransactions(
      tableOf([
        { logical: 7, scheduled: 100, sent: 100, first: 500, all: 600 },
        { logical: 7, chain: 1, scheduled: 200, sent: 200, first: 800, all: 900 },
        { logical: 8, scheduled: 300, sent: 300, first: 500, all: 600 },
        { logical: 8, chain: 1, scheduled: 300, sent: 300 },
      ]),
    );
    expect(transactions).toMatchObject({ count: 2, physicalPerLogical: 2 });
    const sample = latencySample(transactions, options);
    expect([...sample.observed]).toEqual([800]);
    expect([...sample.merged]).toEqual([800, 19_700]);
  });

  it("[LATENCY.5] the HDR histogram agrees with the exact figures to three digits", () => {
    const values = fc.array(fc.double({ min: 0.01, max: 1e5, noNaN: true }), {
      minLength: 1,
      maxLength: 300,
    });
    fc.assert(
      fc.property(values, (all) => {
        const sample = { observed: Float64Array.from(all).sort(), merged: Float64Array.from(all).sort() };
        const encoded = encodeHistogram(sample);
        for (const p of [50, 99, 100]) {
          const exact = percentile(sample, p)?.value ?? 0;
          expect(Math.abs(histogramPercentile(encoded, p) - exact)).toBeLessThanOrEqual(
            exact * 0.002 + 0.002,
          );
        }
      }),
      { numRuns: 30 },
    );
  });

  it("[LOST.2] draws a curve that ends where lost transactions begin to count", () => {
    const observed = Float64Array.from({ length: 90 }, (_, i) => i + 1);
    const merged = Float64Array.from([...observed, ...new Array<number>(10).fill(1e4)]);
    expect(percentileCurve({ observed, merged }).at(-1)).toEqual({ percentile: 90, ms: 90 });
    expect(percentileCurve({ observed, merged: observed }).at(-1)).toEqual({ percentile: 100, ms: 90 });
  });
});
