import type { Random } from "@sheaf/base";
import type { ArmAnalysis } from "./arm-analysis.ts";
import type { ArmRecord } from "./arm-record.ts";
import {
  average,
  type Interval,
  intervalsOverlap,
  meanInterval,
  median,
  ratioInterval,
} from "./statistics.ts";

/** [COMPARE.2] `unranked`: the intervals overlap, or there are none. */
export type Ranking = "faster" | "slower" | "unranked";

/** The candidate against the baseline. */
export interface Comparison {
  readonly baseline: string;
  readonly candidate: string;
  readonly repetitions: { readonly baseline: number; readonly candidate: number };
  /** [COMPARE.1] T(candidate) / T(baseline), medians over repetitions. */
  readonly speedup: number;
  readonly speedupInterval: Interval | null;
  /** T(K) / (K T(1)), K = loaded chains of the candidate / of the baseline. */
  readonly scalingEfficiency: number;
  /** Mean latency of the candidate / of the baseline. */
  readonly latencyRatio: number | null;
  /** False when lost transactions made one of the two means a lower bound [LOST.2]. */
  readonly latencyRatioExact: boolean;
  readonly tps: { readonly baseline: Interval | null; readonly candidate: Interval | null };
  readonly ranking: Ranking;
  /** [COMPARE.5] With one repetition, intervals show the variation within the run only. */
  readonly intervalsFrom: "repetitions" | "within-run";
}

/** One repetition of an arm and its record. */
export interface AnalysedArm {
  readonly record: ArmRecord;
  readonly analysis: ArmAnalysis;
}

/** The repetition with the median throughput (of an even number, the lower of the two middle ones). */
export function medianRepetition<T extends AnalysedArm>(repetitions: readonly T[]): T | undefined {
  const ordered = [...repetitions].sort((a, b) => a.analysis.throughput.all - b.analysis.throughput.all);
  return ordered[(ordered.length - 1) >> 1];
}

/**
 * Compares the repetitions of one arm with those of another; `null` when either is missing or the
 * baseline committed nothing. `random` drives the bootstrap.
 */
export function compareArms(
  baseline: readonly AnalysedArm[],
  candidate: readonly AnalysedArm[],
  random: Random,
): Comparison | null {
  const [base, other] = [medianRepetition(baseline), medianRepetition(candidate)];
  if (base === undefined || other === undefined) return null;
  const speedup = median(tpsOf(candidate)) / median(tpsOf(baseline));
  if (!Number.isFinite(speedup)) return null;

  const repeated = baseline.length > 1 && candidate.length > 1;
  const samples = {
    baseline: repeated ? tpsOf(baseline) : batchesOf(base),
    candidate: repeated ? tpsOf(candidate) : batchesOf(other),
  };
  const tps = { baseline: meanInterval(samples.baseline), candidate: meanInterval(samples.candidate) };
  const growth = other.record.loadedChains.length / base.record.loadedChains.length;
  return {
    baseline: base.record.name,
    candidate: other.record.name,
    repetitions: { baseline: baseline.length, candidate: candidate.length },
    speedup,
    speedupInterval: ratioInterval(samples.candidate, samples.baseline, random),
    scalingEfficiency: speedup / growth,
    latencyRatio: latencyRatio(baseline, candidate),
    latencyRatioExact: [...baseline, ...candidate].every((arm) => arm.analysis.latencyMs.all.censored === 0),
    tps,
    ranking: rank(tps, speedup),
    intervalsFrom: repeated ? "repetitions" : "within-run",
  };
}

/** [COMPARE.2] No order where the intervals overlap, or where there is none. */
function rank(tps: Comparison["tps"], speedup: number): Ranking {
  if (tps.baseline === null || tps.candidate === null) return "unranked";
  if (intervalsOverlap(tps.baseline, tps.candidate)) return "unranked";
  return speedup > 1 ? "faster" : "slower";
}

function tpsOf(repetitions: readonly AnalysedArm[]): readonly number[] {
  return repetitions.map(({ analysis }) => analysis.throughput.all);
}

function batchesOf({ analysis }: AnalysedArm): readonly number[] {
  return analysis.window.basis === "steady" ? analysis.throughput.batches : [];
}

function latencyRatio(baseline: readonly AnalysedArm[], candidate: readonly AnalysedArm[]): number | null {
  const meanOf = (arms: readonly AnalysedArm[]): number =>
    average(arms.flatMap(({ analysis }) => analysis.latencyMs.all.mean ?? []));
  const ratio = meanOf(candidate) / meanOf(baseline);
  return Number.isFinite(ratio) ? ratio : null;
}
