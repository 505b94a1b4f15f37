import { createRandom } from "@sheaf/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type ArmRecord,
  analyseRun,
  armSeries,
  intervalsOverlap,
  meanInterval,
  median,
  parseRunRecord,
  type RunData,
  ratioInterval,
  summarize,
} from "../src/index.ts";
import { armRecord, runRecord, sample, steadyChain, tableOf } from "./support/arms.ts";

const multi = armRecord({
  name: "multi",
  role: "candidate",
  chains: 3,
  chainNames: ["a", "b", "c"],
  loadedChains: [0, 1, 2],
});

function single(perBlock = 10): RunData["arms"][number] {
  return {
    transactions: tableOf(steadyChain(0, 40, perBlock)),
    blocks: [],
    samples: [sample({ rssMb: 321 })],
  };
}

function triple(perBlock = 9): RunData["arms"][number] {
  const rows = [0, 1, 2].flatMap((chain) => steadyChain(chain, 40, perBlock, chain * 100));
  return { transactions: tableOf(rows), blocks: [], samples: [] };
}

function run(arms: readonly (readonly [ArmRecord, RunData["arms"][number]])[]) {
  const record = runRecord(arms.map(([arm]) => arm));
  return { record, data: { arms: arms.map(([, data]) => data) } };
}

describe("the comparison", () => {
  it("[COMPARE.1] [COMPARE.5] gives speed-up, efficiency and latency ratio of two arms", () => {
    const { record, data } = run([
      [armRecord(), single()],
      [multi, triple()],
    ]);
    const { comparison } = analyseRun(record, data);
    expect(comparison?.speedup).toBeCloseTo(2.7, 6);
    expect(comparison?.scalingEfficiency).toBeCloseTo(0.9, 6);
    expect(comparison?.latencyRatio).toBeCloseTo(1, 1);
    expect(comparison).toMatchObject({ intervalsFrom: "within-run", ranking: "faster" });
  });

  it("[COMPARE.2] [COMPARE.3] does not rank repetitions whose intervals overlap", () => {
    const repeat = (arm: ArmRecord, rates: readonly number[]) =>
      rates.map((rate, repetition) => [{ ...arm, repetition }, single(rate)] as const);
    const candidate = armRecord({ name: "other", role: "candidate" });
    const compare = (base: readonly number[], other: readonly number[]) => {
      const { record, data } = run([...repeat(armRecord(), base), ...repeat(candidate, other)]);
      return analyseRun(record, data).comparison;
    };
    expect(compare([10, 14, 12], [11, 15, 13])).toMatchObject({
      ranking: "unranked",
      intervalsFrom: "repetitions",
    });
    expect(compare([10, 11, 10], [20, 21, 20])).toMatchObject({ ranking: "faster", speedup: 2 });
    expect(compare([20, 21, 20], [10, 11, 10])).toMatchObject({ ranking: "slower", speedup: 0.5 });
  });

  it("[COMPARE.2] has no ranking without intervals, and no comparison without a baseline", () => {
    const short = { ...single(), transactions: tableOf(steadyChain(0, 3, 10)) };
    const two = run([
      [armRecord(), short],
      [armRecord({ name: "other", role: "candidate" }), short],
    ]);
    expect(analyseRun(two.record, two.data).comparison).toMatchObject({ ranking: "unranked", speedup: 1 });
    const one = run([[armRecord(), single()]]);
    expect(analyseRun(one.record, one.data).comparison).toBeNull();
    const nothing = { ...single(), transactions: tableOf([]) };
    const dead = run([
      [armRecord(), nothing],
      [multi, triple()],
    ]);
    expect(analyseRun(dead.record, dead.data).comparison).toBeNull();
  });

  it("[COMPARE.4] the bootstrap is seeded, and holds the ratio of the means", () => {
    const positive = fc.array(fc.double({ min: 1, max: 1000, noNaN: true }), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(positive, positive, (a, b) => {
        const once = ratioInterval(a, b, createRandom(1), 400);
        expect(once).toEqual(ratioInterval(a, b, createRandom(1), 400));
        expect(once?.low).toBeLessThanOrEqual(once?.high ?? 0);
        expect(once?.high).toBeLessThanOrEqual(Math.max(...a) / Math.min(...b) + 1e-9);
        expect(once?.low).toBeGreaterThanOrEqual(Math.min(...a) / Math.max(...b) - 1e-9);
      }),
      { numRuns: 30 },
    );
  });

  it("[COMPARE.3] the t interval covers the true mean about 95 times in 100", () => {
    const random = createRandom("coverage");
    let covered = 0;
    for (let trial = 0; trial < 2000; trial++) {
      const values = Array.from({ length: 5 }, () => {
        let sum = 0;
        for (let i = 0; i < 12; i++) sum += random.float();
        return sum - 6;
      });
      const interval = meanInterval(values);
      if (interval !== null && interval.low <= 0 && interval.high >= 0) covered++;
    }
    expect(covered / 2000).toBeGreaterThan(0.93);
    expect(covered / 2000).toBeLessThan(0.97);
    expect(meanInterval([1])).toBeNull();
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(intervalsOverlap({ low: 0, high: 1 }, { low: 1, high: 2 })).toBe(true);
  });
});

describe("the summary", () => {
  it("is the object that --json prints, no key more", () => {
    const { record, data } = run([
      [armRecord(), single()],
      [multi, triple()],
    ]);
    const summary = summarize(record, data, "reports/r1");
    expect(Object.keys(summary)).toEqual([
      "schema",
      "runId",
      "dir",
      "valid",
      "problems",
      "arms",
      "comparison",
    ]);
    expect(summary).toMatchObject({
      schema: "sheaf.run/1",
      runId: "r1",
      dir: "reports/r1",
      valid: true,
      problems: [],
    });
    expect(Object.keys(summary.comparison ?? {})).toEqual(["speedup", "latencyRatio"]);
    const [arm] = summary.arms;
    expect(arm).toMatchObject({
      name: "single",
      chains: 1,
      validatorsPerChain: 4,
      offered: 400,
      committed: 400,
      tps: 10,
    });
    expect(arm).toMatchObject({
      failed: 0,
      rejected: 0,
      lost: 0,
      peakRssMb: { driver: 321, validatorMax: null },
    });
    expect(Object.keys(arm?.latencyMs.all ?? {})).toEqual(["mean", "p50", "p90", "p95", "p99", "max"]);
    expect(JSON.parse(JSON.stringify(summary))).toEqual(summary);
  });

  it("takes the median repetition of each arm, and every repetition's problems", () => {
    const { record, data } = run(
      [30, 10, 20].map((rate, repetition) => [
        armRecord({ repetition, interrupted: rate === 30 }),
        single(rate),
      ]),
    );
    const summary = summarize(record, data);
    expect(summary.arms).toHaveLength(1);
    expect(summary.arms[0]?.tps).toBe(20);
    expect(summary.valid).toBe(false);
    expect(summary.problems).toEqual(["single: interrupted before its load was over"]);
  });

  it("[LOST.2] marks figures that are lower bounds", () => {
    const lost = Array.from({ length: 20 }, (_, i) => ({ scheduled: 9000 + i, sent: 9000 + i }));
    const { record, data } = run([
      [armRecord(), { ...single(), transactions: tableOf([...steadyChain(0, 40, 10), ...lost]) }],
    ]);
    const summary = summarize(record, data);
    expect(summary.arms[0]?.latencyMs.all.atLeast).toEqual(["mean", "p95", "p99", "max"]);
    expect(summary.arms[0]).toMatchObject({ lost: 20, committed: 400, tps: 10 });
  });

  it("fails on data that does not belong to the record", () => {
    expect(() => summarize(runRecord([armRecord()]), { arms: [] })).toThrowError(
      expect.objectContaining({ code: "INVALID_INPUT" }),
    );
  });
});

describe("the run record", () => {
  it("survives JSON, and refuses unknown and missing fields by name", () => {
    const record = runRecord([armRecord(), multi]);
    expect(parseRunRecord(JSON.parse(JSON.stringify(record)))).toEqual(record);
    const broken = [
      { ...record, extra: 1 },
      { ...record, seed: undefined },
      { ...record, arms: [{ ...multi, chains: 0 }] },
      null,
    ];
    for (const value of broken) {
      expect(() => parseRunRecord(value, "x/run.json")).toThrowError(
        expect.objectContaining({ detail: { code: "INVALID_INPUT", at: "x/run.json" } }),
      );
    }
    expect(() => parseRunRecord(broken[2])).toThrowError(/arms\.0\.chains/);
  });
});

describe("the series over time", () => {
  it("adds up to the rows: committed, sent, and nothing in flight at the end", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 20 }), (blocks, perBlock) => {
        const series = armSeries(tableOf(steadyChain(0, blocks, perBlock)), 1, 10);
        const total = (column: Float64Array | undefined) =>
          (column ?? new Float64Array()).reduce((sum, rate) => sum + (rate * series.bucketMs) / 1000, 0);
        expect(series.buckets).toBeLessThanOrEqual(11);
        expect(total(series.committedPerSecond[0])).toBeCloseTo(blocks * perBlock, 6);
        expect(total(series.sentPerSecond)).toBeCloseTo(blocks * perBlock, 6);
        expect(series.inFlight.at(-1)).toBe(0);
      }),
      { numRuns: 30 },
    );
  });
});
