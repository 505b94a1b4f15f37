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
import type { SteadyWindow } from "./steady-window.ts";

/** [COMPARE.2] `unranked`: the intervals overlap, or there are none. */
export type Ranking = "faster" | "slower" | "unranked";

/** The candidate against the baseline. */
export interface Comparison {
  readonly baseline: string;
  readonly candidate: string;
  readonly repetitions: { readonly baseline: number; readonly candidate: number };
  /** [COMPARE.6] What all its figures are over: the whole run as soon as one arm has no steady window. */
  readonly basis: SteadyWindow["basis"];
  /** [COMPARE.1] T(candidate) / T(baseline), medians over repetitions. */
  readonly speedup: number;
  readonly speedupInterval: Interval | null;
  /** T(K) / (K T(1)), K = loaded chains of the candidate / of the baseline. */
  readonly scalingEfficiency: number;
  /** Mean latency of the candidate / of the baseline. */
  readonly latencyRatio: number | null;
  /** [COMPARE.4] Over repetitions only: latencies within a run depend on each other. */
  readonly latencyRatioInterval: Interval | null;
  /** False when lost transactions made one of the two means a lower bound [LOST.2]. */
  readonly latencyRatioExact: boolean;
  readonly tps: { readonly baseline: Interval | null; readonly candidate: Interval | null };
  readonly ranking: Ranking;
  /** [COMPARE.5] With one repetition, intervals show the variation within the run only. */
  readonly intervalsFrom: "repetitions" | "within-run";
  /** [COMPARE.7] Both are open loops that carried what they were offered: the speed-up says nothing of capacity. */
  readonly carriedLoad: boolean;
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
 * [COMPARE.8] Each candidate against the baseline, in the order of the record. Repetitions are entries
 * of one name; of several baselines the first counts. `random` gives each candidate its own bootstrap.
 */
export function compareCandidates(
  arms: readonly AnalysedArm[],
  random: (candidate: string) => Random,
): readonly Comparison[] {
  const withRole = (role: ArmRecord["role"]): readonly AnalysedArm[] =>
    arms.filter((arm) => arm.record.role === role);
  const named = (own: readonly AnalysedArm[], name: string | undefined): readonly AnalysedArm[] =>
    own.filter((arm) => arm.record.name === name);
  const baselines = withRole("baseline");
  const baseline = named(baselines, baselines[0]?.record.name);
  const candidates = withRole("candidate");
  const names = [...new Set(candidates.map(({ record }) => record.name))];
  return names.flatMap((name) => compareArms(baseline, named(candidates, name), random(name)) ?? []);
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
  const all = [...baseline, ...candidate];
  const basis = all.every(({ analysis }) => analysis.window.basis === "steady") ? "steady" : "whole-run";
  const figures = { baseline: figuresOf(baseline, basis), candidate: figuresOf(candidate, basis) };
  const speedup = median(figures.candidate.tps) / median(figures.baseline.tps);
  if (!Number.isFinite(speedup)) return null;

  const repeated = baseline.length > 1 && candidate.length > 1;
  const samplesOf = (arm: AnalysedArm, tps: readonly number[]): readonly number[] =>
    repeated ? tps : basis === "steady" ? arm.analysis.throughput.batches : [];
  const samples = {
    baseline: samplesOf(base, figures.baseline.tps),
    candidate: samplesOf(other, figures.candidate.tps),
  };
  const tps = { baseline: meanInterval(samples.baseline), candidate: meanInterval(samples.candidate) };
  const growth = other.record.loadedChains.length / base.record.loadedChains.length;
  const latencyRatio = average(figures.candidate.latencyMs) / average(figures.baseline.latencyMs);
  return {
    baseline: base.record.name,
    candidate: other.record.name,
    repetitions: { baseline: baseline.length, candidate: candidate.length },
    basis,
    speedup,
    speedupInterval: ratioInterval(samples.candidate, samples.baseline, random),
    scalingEfficiency: speedup / growth,
    latencyRatio: Number.isFinite(latencyRatio) ? latencyRatio : null,
    latencyRatioInterval: repeated
      ? ratioInterval(figures.candidate.latencyMs, figures.baseline.latencyMs, random)
      : null,
    latencyRatioExact: figures.candidate.censored + figures.baseline.censored === 0,
    tps,
    ranking: rank(tps, speedup),
    intervalsFrom: repeated ? "repetitions" : "within-run",
    carriedLoad: all.every(carriedItsLoad),
  };
}

/** The headline figures of an arm's repetitions, all on one basis. */
function figuresOf(
  repetitions: readonly AnalysedArm[],
  basis: Comparison["basis"],
): { readonly tps: readonly number[]; readonly latencyMs: readonly number[]; readonly censored: number } {
  const figures = repetitions.map(({ analysis }) => {
    const { throughput, latencyMs, wholeRun } = analysis;
    if (basis === "whole-run") return wholeRun;
    return { tps: throughput.all, meanLatencyMs: latencyMs.all.mean, censored: latencyMs.all.censored };
  });
  return {
    tps: figures.map(({ tps }) => tps),
    latencyMs: figures.flatMap(({ meanLatencyMs }) => meanLatencyMs ?? []),
    censored: figures.reduce((sum, { censored }) => sum + censored, 0),
  };
}

function carriedItsLoad({ record, analysis }: AnalysedArm): boolean {
  return record.mode.kind === "open-loop" && analysis.bottleneck.verdict === "load";
}

/** [COMPARE.2] No order where the intervals overlap, or where there is none. */
function rank(tps: Comparison["tps"], speedup: number): Ranking {
  if (tps.baseline === null || tps.candidate === null) return "unranked";
  if (intervalsOverlap(tps.baseline, tps.candidate)) return "unranked";
  return speedup > 1 ? "faster" : "slower";
}
