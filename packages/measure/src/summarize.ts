import { type Threshold, thresholds } from "./commit-times.ts";
import { type AnalysedArm, type Comparison, medianRepetition } from "./comparison.ts";
import type { RunData } from "./events.ts";
import type { LatencyStatistics } from "./percentiles.ts";
import { analyseRun, type RunAnalysis } from "./run-analysis.ts";
import { type RunRecord, runSchemaName } from "./run-record.ts";
import type { Interval } from "./statistics.ts";
import type { ArmSummary, ComparisonSummary, LatencySummary, RunSummary } from "./summary.ts";

/** The object that `--json` prints. `dir` is the run's folder as the user may type it. */
export function summarize(record: RunRecord, data: RunData, dir = ""): RunSummary {
  return summarizeAnalysis(record, analyseRun(record, data), dir);
}

/** The same from an analysis that exists already. */
export function summarizeAnalysis(record: RunRecord, analysis: RunAnalysis, dir: string): RunSummary {
  const comparisons = analysis.comparisons.map(summarizeComparison);
  return {
    schema: runSchemaName,
    runId: record.runId,
    dir,
    valid: analysis.valid,
    problems: analysis.problems,
    warnings: analysis.warnings,
    arms: medianArms(record, analysis).map(summarizeArm),
    comparison: comparisons[0] ?? null,
    comparisons,
  };
}

function summarizeComparison(comparison: Comparison): ComparisonSummary {
  const { baseline, candidate, basis, intervalsFrom, carriedLoad } = comparison;
  return {
    baseline,
    candidate,
    speedup: round(comparison.speedup),
    interval: roundInterval(comparison.speedupInterval),
    latencyRatio: roundOrNull(comparison.latencyRatio),
    latencyInterval: roundInterval(comparison.latencyRatioInterval),
    ranked: comparison.ranking !== "unranked",
    intervalsFrom,
    basis,
    carriedLoad,
  };
}

/** One entry for each arm's name: its median repetition, in the order of first appearance. */
export function medianArms(
  record: RunRecord,
  analysis: RunAnalysis,
): readonly (AnalysedArm & { readonly index: number })[] {
  const all = record.arms.flatMap((arm, index) => {
    const own = analysis.arms[index];
    return own === undefined ? [] : [{ record: arm, analysis: own, index }];
  });
  const names = [...new Set(record.arms.map((arm) => arm.name))];
  return names.flatMap((name) => medianRepetition(all.filter((arm) => arm.record.name === name)) ?? []);
}

function summarizeArm({ record, analysis }: AnalysedArm): ArmSummary {
  const { counts, resources, efficiency } = analysis;
  const latencyMs = Object.fromEntries(
    thresholds.map((threshold) => [threshold, summarizeLatency(analysis.latencyMs[threshold])]),
  ) as Record<Threshold, LatencySummary>;
  return {
    name: record.name,
    chains: record.chains,
    validatorsPerChain: record.validatorsPerChain,
    offered: counts.offered,
    committed: counts.committed,
    failed: counts.failed,
    rejected: counts.rejected,
    lost: counts.lost,
    inFlight: counts.inFlight,
    unsent: counts.unsent,
    committedWhileDown: analysis.audit.committedWhileDown,
    basis: analysis.window.basis,
    windowSeconds: round(analysis.window.seconds),
    tps: round(analysis.throughput.all),
    latencyMs: { all: latencyMs.all, quorum: latencyMs.quorum, first: latencyMs.first },
    bottleneck: analysis.bottleneck.verdict,
    efficiency: {
      signatureShare: roundOrNull(efficiency.signatureShare),
      signatureBoundTps: roundOrNull(efficiency.signatureBoundTps),
      protocolBoundTps: roundOrNull(efficiency.protocolBoundTps),
    },
    peakRssMb: {
      driver: roundOrNull(resources.peakRssMb.driver),
      validatorMax: roundOrNull(resources.peakRssMb.validatorMax),
    },
  };
}

function summarizeLatency(statistics: LatencyStatistics): LatencySummary {
  return {
    mean: roundOrNull(statistics.mean),
    p50: roundOrNull(statistics.p50),
    p90: roundOrNull(statistics.p90),
    p95: roundOrNull(statistics.p95),
    p99: roundOrNull(statistics.p99),
    max: roundOrNull(statistics.max),
    ...(statistics.atLeast.length === 0 ? {} : { atLeast: statistics.atLeast }),
  };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function roundInterval(interval: Interval | null): Interval | null {
  return interval === null ? null : { low: round(interval.low), high: round(interval.high) };
}

function roundOrNull(value: number | null): number | null {
  return value === null ? null : round(value);
}
