import type { Comparison } from "@sheaf/measure";
import type { Block } from "../page/block.ts";
import type { Tile } from "../page/content-blocks.ts";
import {
  formatCount,
  formatInterval,
  formatLatency,
  formatRate,
  formatRatio,
  formatShare,
  noValue,
} from "../page/format.ts";
import { heroBlock } from "../page/hero-block.ts";
import { answerOf, armFacts, explanationOf } from "./answer.ts";
import { everyObserver } from "./observers.ts";
import type { ArmView, RunView } from "./run-view.ts";

/** The answer, whether it holds, and the figures behind it. */
export function runHero(view: RunView): Block {
  const { record, analysis, arms } = view;
  const best = Math.max(...arms.map((arm) => arm.analysis.throughput.all), 1e-9);
  return heroBlock({
    kicker: `${record.benchmark.title} · ${record.runId}`,
    answer: answerOf(view),
    claim: record.benchmark.claim,
    verdict: verdictOf(view),
    explanation: explanationOf(view),
    tiles: analysis.comparisons.length === 0 ? singleTiles(arms[0]) : comparisonTiles(view),
    contenders: arms.map((arm) => ({
      name: arm.record.name,
      readings: [
        { figure: formatRate(arm.analysis.throughput.all), unit: "transactions a second" },
        { figure: formatLatency(arm.analysis.latencyMs.all, "mean"), unit: "mean latency" },
      ],
      share: arm.analysis.throughput.all / best,
      color: arm.color,
      facts: armFacts(arm),
    })),
  });
}

function verdictOf({ analysis }: RunView): Parameters<typeof heroBlock>[0]["verdict"] {
  if (!analysis.valid) return { tone: "alert", label: "Not valid" };
  return analysis.warnings.length > 0
    ? { tone: "warning", label: "Valid, with remarks" }
    : { tone: "good", label: "Valid" };
}

function comparisonTiles({ analysis, arms }: RunView): readonly Tile[] {
  const [comparison] = analysis.comparisons;
  if (comparison === undefined) return [];
  const named = (name: string): readonly ArmView[] => arms.filter(({ record }) => record.name === name);
  const [candidate] = named(comparison.candidate);
  const contenders = [...named(comparison.baseline), ...named(comparison.candidate)];
  const signatures = candidate?.analysis.efficiency.signatureShare ?? null;
  return [
    ...(comparison.carriedLoad ? [] : [speedupTile(comparison)]),
    latencyRatioTile(comparison, arms),
    ...(comparison.carriedLoad ? contenders.map(carriedTile) : [scalingTile(comparison)]),
    ...signatureTile(signatures, `of all cores, ${comparison.candidate}`),
    lostTile(arms),
  ];
}

function speedupTile({ speedup, speedupInterval, intervalsFrom }: Comparison): Tile {
  const from = intervalsFrom === "repetitions" ? "over repetitions" : "within one run";
  return {
    label: "Speed-up",
    value: `${formatRatio(speedup)}×`,
    note:
      speedupInterval === null
        ? "no interval: too short"
        : `95 %: ${formatInterval(speedupInterval, formatRatio)}, ${from}`,
  };
}

function latencyRatioTile(comparison: Comparison, arms: readonly ArmView[]): Tile {
  const { latencyRatio, latencyRatioInterval, latencyRatioExact, baseline } = comparison;
  const interval =
    latencyRatioInterval === null ? "" : `; 95 %: ${formatInterval(latencyRatioInterval, formatRatio)}`;
  const windows = new Set(
    arms.map(({ record }) => (record.mode.kind === "windowed" ? record.mode.window : undefined)),
  );
  const fixed = windows.size === 1 && !windows.has(undefined) ? "; follows from the window" : "";
  return {
    label: "Mean latency",
    value: latencyRatio === null ? noValue : `${formatRatio(latencyRatio)}×`,
    note: latencyRatioExact
      ? `of ${baseline}'s, at ${everyObserver(arms)}${interval}${fixed}`
      : "only a bound: not every transaction committed",
  };
}

function scalingTile({ scalingEfficiency }: Comparison): Tile {
  return { label: "Scaling efficiency", value: formatShare(scalingEfficiency), note: "T(K) / (K · T(1))" };
}

function carriedTile({ record, analysis }: ArmView): Tile {
  return {
    label: `p99, ${record.name}`,
    value: formatLatency(analysis.latencyMs.all, "p99"),
    note: `at ${formatRate(analysis.throughput.all)} transactions a second`,
  };
}

function singleTiles(arm: ArmView | undefined): readonly Tile[] {
  if (arm === undefined) return [];
  const { throughput, latencyMs, efficiency } = arm.analysis;
  const note = `to ${everyObserver([arm])}`;
  return [
    {
      label: "Throughput",
      value: formatRate(throughput.all),
      note:
        throughput.interval === null
          ? "transactions a second"
          : `a second; 95 %: ${formatInterval(throughput.interval, formatRate)}`,
    },
    { label: "Mean latency", value: formatLatency(latencyMs.all, "mean"), note },
    { label: "99th percentile", value: formatLatency(latencyMs.all, "p99"), note },
    ...signatureTile(efficiency.signatureShare, "of all cores"),
    lostTile([arm]),
  ];
}

function signatureTile(share: number | null, note: string): readonly Tile[] {
  return share === null ? [] : [{ label: "Signature bound", value: formatShare(share), note }];
}

function lostTile(arms: readonly ArmView[]): Tile {
  const sum = (count: (arm: ArmView) => number): number => arms.reduce((total, arm) => total + count(arm), 0);
  const inFlight = sum((arm) => arm.analysis.counts.inFlight);
  const cut = inFlight === 0 ? "" : `; ${formatCount(inFlight)} in flight when interrupted`;
  return {
    label: "Lost",
    value: formatCount(sum((arm) => arm.analysis.counts.lost)),
    note: `of ${formatCount(sum((arm) => arm.analysis.counts.offered))} offered${cut}`,
  };
}
