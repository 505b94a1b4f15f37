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
    const [comparison] = analyseRun(record, data).comparisons;
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
      return analyseRun(record, data).comparisons[0];
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
    expect(analyseRun(two.record, two.data).comparisons[0]).toMatchObject({
      ranking: "unranked",
      speedup: 1,
    });
    const one = run([[armRecord(), single()]]);
    expect(analyseRun(one.record, one.data).comparisons).toEqual([]);
    const nothing = { ...single(), transactions: tableOf([]) };
    const dead = run([
      [armRecord(), nothing],
      [multi, triple()],
    ]);
    expect(analyseRun(dead.record, dead.data).comparisons).toEqual([]);
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

describe("a comparison of several kinds", () => {
  const candidate = (name: string) => armRecord({ name, role: "candidate" });

  it("[COMPARE.8] compares each candidate with the baseline on its own, the first in the record first", () => {
    const { record, data } = run([
      [armRecord(), single(10)],
      [candidate("double"), single(20)],
      [candidate("half"), single(5)],
      [armRecord({ name: "idle", role: "control" }), single(50)],
    ]);
    const summary = summarize(record, data);
    expect(summary.comparisons.map(({ candidate: name, speedup }) => [name, speedup])).toEqual([
      ["double", 2],
      ["half", 0.5],
    ]);
    expect(summary.comparison).toEqual(summary.comparisons[0]);
    expect(analyseRun(record, data).comparisons.map(({ repetitions }) => repetitions.candidate)).toEqual([
      1, 1,
    ]);
  });

  it("[COMPARE.6] never divides a steady figure by one over a whole run", () => {
    const short = { ...single(), transactions: tableOf(steadyChain(0, 4, 10)) };
    const { record, data } = run([
      [armRecord(), short],
      [candidate("long"), single(10)],
    ]);
    const [arm, long] = analyseRun(record, data).arms;
    expect([arm?.window.basis, long?.window.basis]).toEqual(["whole-run", "steady"]);
    const [comparison] = analyseRun(record, data).comparisons;
    expect(comparison).toMatchObject({ basis: "whole-run", ranking: "unranked", speedupInterval: null });
    expect(comparison?.speedup).toBeCloseTo((long?.wholeRun.tps ?? 0) / (arm?.throughput.all ?? 1), 9);
    expect(long?.wholeRun.tps).not.toBe(long?.throughput.all);
    expect(arm?.wholeRun).toMatchObject({
      tps: arm?.throughput.all,
      meanLatencyMs: arm?.latencyMs.all.mean,
    });
  });

  it("[COMPARE.7] says when both carried their open load, so that the speed-up is none of capacity", () => {
    const mode = { kind: "open-loop", arrivals: "constant", ratePerSecond: 10 } as const;
    const idle = { ...single(), samples: [sample({ role: "machine", cpuCores: 0.2 })] };
    const compare = (baseline: Partial<ArmRecord>) => {
      const { record, data } = run([
        [armRecord(baseline), idle],
        [{ ...candidate("other"), mode }, idle],
      ]);
      return summarize(record, data).comparison?.carriedLoad;
    };
    expect(compare({ mode })).toBe(true);
    expect(compare({})).toBe(false);
  });

  it("[COMPARE.4] gives an interval for the latency ratio over repetitions", () => {
    const repeat = (arm: ArmRecord) =>
      [10, 11, 12].map((rate, repetition) => [{ ...arm, repetition }, single(rate)] as const);
    const { record, data } = run([...repeat(armRecord()), ...repeat(candidate("other"))]);
    const { latencyRatio, latencyInterval } = summarize(record, data).comparison ?? {};
    expect(latencyInterval?.low).toBeLessThanOrEqual(latencyRatio ?? 0);
    expect(latencyInterval?.high).toBeGreaterThanOrEqual(latencyRatio ?? 2);
  });
});

describe("the summary", () => {
  it("is the object that --json prints", () => {
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
      "warnings",
      "arms",
      "comparison",
      "comparisons",
    ]);
    expect(summary).toMatchObject({
      schema: "sheaf.run/1",
      runId: "r1",
      dir: "reports/r1",
      valid: true,
      problems: [],
    });
    expect(summary.comparison).toMatchObject({
      baseline: "single",
      candidate: "multi",
      ranked: true,
      intervalsFrom: "within-run",
      basis: "steady",
      carriedLoad: false,
      latencyInterval: null,
    });
    expect(summary.comparison?.interval?.low).toBeCloseTo(summary.comparison?.speedup ?? 0, 2);
    expect(summary.comparisons).toEqual([summary.comparison]);
    const [arm] = summary.arms;
    expect(arm).toMatchObject({
      name: "single",
      chains: 1,
      validatorsPerChain: 4,
      offered: 400,
      committed: 400,
      tps: 10,
    });
    expect(arm).toMatchObject({ basis: "steady", inFlight: 0, unsent: 0, committedWhileDown: 0 });
    expect(arm?.efficiency).toEqual({ signatureShare: null, signatureBoundTps: null, protocolBoundTps: 100 });
    expect(summary.warnings).toEqual([]);
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
  it("reads records that were written before a field was added", () => {
    const record = runRecord([armRecord()]);
    const [arm] = record.arms as [ArmRecord];
    const { blockBytes: _, ...limits } = arm.limits;
    const { gasLimitPerTransaction: __, ...workload } = arm.workload;
    expect(parseRunRecord({ ...record, arms: [{ ...arm, limits, workload }] })).toEqual(record);
  });

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
