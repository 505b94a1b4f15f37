import { CodedError, createVirtualClock, invalidInput } from "@sheaf/base";
import type { ArmSummary, ComparisonSummary, RunSummary, TrainingSummary } from "@sheaf/measure";
import { describe, expect, it } from "vitest";
import { describeSummary } from "../src/terminal/describe-summary.ts";
import { describeFailure, EXIT } from "../src/terminal/exit.ts";
import { createProgress } from "../src/terminal/progress.ts";

function record(isTTY: boolean) {
  const clock = createVirtualClock();
  let written = "";
  const stream = { isTTY, columns: 60, write: (text: string) => (written += text) };
  return { clock, progress: createProgress(stream, clock), text: () => written };
}

describe("progress", () => {
  it("prints plain lines, at most one in ten seconds, where there is no terminal", () => {
    const { clock, progress, text } = record(false);
    const phase = progress.phase("Load", 1000);
    for (let done = 0; done <= 250; done++) {
      phase.update(done, "5 TPS");
      clock.runUntil(clock.now() + 100);
    }
    phase.finish("done");
    expect(text().split("\n")).toEqual([
      "Load ...",
      "Load 100/1,000  10 s  5 TPS",
      "Load 200/1,000  20 s  5 TPS",
      "Load: done (25 s)",
      "",
    ]);
  });

  it("draws a bar on a terminal that never passes its width", () => {
    const { clock, progress, text } = record(true);
    const phase = progress.phase("Load", 100);
    clock.runUntil(1000);
    phase.update(50, "a long note ".repeat(20));
    expect(text()).toContain("[████████████············] 50/100");
    for (const line of text().split("\r\u001b[2K")) expect(line.length).toBeLessThan(60);
  });
});

describe("the answer for a terminal", () => {
  const latency = { mean: 1500, p50: 1, p90: 1, p95: 1, p99: 2500, max: 1 };
  const arm: ArmSummary = {
    name: "multi",
    chains: 3,
    validatorsPerChain: 4,
    offered: 20_000,
    committed: 19_990,
    failed: 0,
    rejected: 0,
    lost: 10,
    inFlight: 0,
    unsent: 0,
    committedWhileDown: 0,
    basis: "whole-run",
    windowSeconds: 10,
    tps: 1350.4,
    latencyMs: { all: { ...latency, atLeast: ["p99"] }, quorum: latency, first: latency },
    bottleneck: "protocol",
    efficiency: { signatureShare: 0.16, signatureBoundTps: 8400, protocolBoundTps: 1350 },
    peakRssMb: { driver: 1, validatorMax: 1 },
  };
  const comparison: ComparisonSummary = {
    baseline: "single",
    candidate: "multi",
    speedup: 3,
    interval: { low: 2.9, high: 3.1 },
    latencyRatio: 0.33,
    latencyInterval: null,
    ranked: false,
    intervalsFrom: "within-run",
    basis: "steady",
    carriedLoad: false,
  };
  const summary: RunSummary = {
    schema: "sheaf.run/1",
    runId: "r",
    dir: "reports/r",
    valid: false,
    problems: ["multi: 10 lost"],
    warnings: ["multi: short"],
    arms: [arm],
    comparison,
    comparisons: [comparison],
  };

  it("gives every figure with what a reader must know beside it", () => {
    expect(describeSummary(summary)).toEqual([
      "multi (3 x 4 validators): 1,350 TPS over the whole run, latency mean 1.50 s, p99 at least 2.50 s; 19,990 of 20,000 committed, 10 lost",
      "  bound by: protocol; protocol limits 1,350 TPS; signatures took 16.0 % of all cores, their bound is 8,400 TPS",
      "multi against single: speed-up 3.00 (95 % interval 2.90 to 3.10, within this one run), mean latency x 0.33; the intervals do not rank them",
      "invalid: multi: 10 lost",
      "remark: multi: short",
      "report: reports/r/report.html",
    ]);
  });

  it("speaks of no speed-up where both arms carried an open load", () => {
    const carried = { ...summary, comparisons: [{ ...comparison, carriedLoad: true }] };
    expect(describeSummary(carried)[2]).toBe(
      "multi against single: both carried the load, mean latency x 0.33",
    );
  });
});

describe("the answer of a training", () => {
  const payments = { price: "1000", toOwners: "900", toAnalyst: "100", refund: "0" };
  const summary: TrainingSummary = {
    schema: "sheaf.train/1",
    runId: "r",
    dir: "reports/r",
    rounds: 25,
    accuracy: { final: 0.941, central: 0.956, localMean: null },
    privacy: { mode: "secagg+dp", epsilonMax: 4.5 },
    aggregationErrorMax: 2.2e-6,
    payments,
    trades: 21,
    conserved: true,
  };

  it("says how good, how private, how exact, who was paid, and whether value is conserved", () => {
    expect(describeSummary(summary)).toEqual([
      "accuracy: 94.1 %; all data in one place 95.6 %, each owner alone unknown on average",
      "25 rounds, privacy: secagg+dp, epsilon at most 4.500; aggregation error at most: 2.20e-6",
      "price 1000: 900 to owners, 100 to the analyst, 0 back to the consumer",
      "21 trades on chain; value is conserved",
      "report: reports/r/report.html",
    ]);
  });

  it("says what is still locked of a job that did not end", () => {
    const open = { price: "1000", toOwners: "90", toAnalyst: "10", refund: "0" };
    expect(describeSummary({ ...summary, payments: open }).join()).toContain(
      ", 900 still locked in the market",
    );
  });

  it("has the error of a regression, the totals of several jobs, and says when value is not conserved", () => {
    const jobs = { count: 3, settled: 2, refunded: 1, rounds: 60, payments, trades: 42 };
    const lines = describeSummary({
      ...summary,
      accuracy: null,
      rmse: { final: 3.2147, central: 3, localMean: 6.1 },
      conserved: false,
      jobs,
    });
    expect(lines[0]).toBe("error (RMSE): 3.21; all data in one place 3, each owner alone 6.1 on average");
    expect(lines[3]).toContain("NOT known to be conserved");
    expect(lines[4]).toContain("3 jobs, 2 settled, 1 refunded: 60 rounds, 42 trades, price 1000");
  });
});

describe("a failure", () => {
  it("is one line with what to do, and tells bad input from a defect", () => {
    expect(describeFailure(invalidInput("--tx", "is bad", "give a number"))).toEqual({
      line: "--tx: is bad: give a number",
      exitCode: EXIT.badInput,
    });
    const full = Object.assign(new RangeError("write failed\nat somewhere"), { code: "ENOSPC" });
    expect(describeFailure(full)).toMatchObject({
      line: expect.stringContaining("disk is full"),
      exitCode: EXIT.badInput,
    });
    expect(describeFailure(new CodedError("x", { code: "INVARIANT" })).exitCode).toBe(EXIT.failure);
    expect(describeFailure(invalidInput("t.json", "has \0\u001b[2J in it")).line).toBe(
      "t.json: has   [2J in it",
    );
    expect(describeFailure("thrown text")).toEqual({ line: "thrown text", exitCode: EXIT.failure });
  });
});
