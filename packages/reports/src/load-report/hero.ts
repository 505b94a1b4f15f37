import type { Block } from "../page/block.ts";
import type { Tile } from "../page/content-blocks.ts";
import {
  formatCount,
  formatInterval,
  formatLatency,
  formatRate,
  formatRatio,
  formatShare,
} from "../page/format.ts";
import { heroBlock } from "../page/hero-block.ts";
import { answerOf, armFacts, explanationOf } from "./answer.ts";
import type { ArmView, RunView } from "./run-view.ts";

/** The answer, whether it holds, and the figures behind it. */
export function runHero(view: RunView): Block {
  const { record, analysis, arms } = view;
  const best = Math.max(...arms.map((arm) => arm.analysis.throughput.all), 1e-9);
  return heroBlock({
    kicker: `${record.benchmark.title} · ${record.runId}`,
    answer: answerOf(view),
    verdict: verdictOf(view),
    explanation: explanationOf(view),
    tiles: analysis.comparison === null ? singleTiles(arms[0]) : comparisonTiles(view),
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
  const { comparison } = analysis;
  if (comparison === null) return [];
  const { speedup, speedupInterval, latencyRatio, scalingEfficiency } = comparison;
  const [candidate] = arms.filter(({ record }) => record.name === comparison.candidate);
  return [
    {
      label: "Speed-up",
      value: `${formatRatio(speedup)}×`,
      note:
        speedupInterval === null
          ? "no interval: too short"
          : `95 %: ${formatInterval(speedupInterval, formatRatio)}`,
    },
    {
      label: "Mean latency",
      value: latencyRatio === null ? "n/a" : `${formatRatio(latencyRatio)}×`,
      note: comparison.latencyRatioExact
        ? `of ${comparison.baseline}'s, at all validators`
        : "only a bound: transactions were lost",
    },
    { label: "Scaling efficiency", value: formatShare(scalingEfficiency), note: "T(K) / (K · T(1))" },
    {
      label: "Signature bound",
      value: formatShare(candidate?.analysis.efficiency.signatureShare ?? null),
      note: `of all cores, ${comparison.candidate}`,
    },
    lostTile(arms),
  ];
}

function singleTiles(arm: ArmView | undefined): readonly Tile[] {
  if (arm === undefined) return [];
  const { throughput, latencyMs, efficiency } = arm.analysis;
  return [
    {
      label: "Throughput",
      value: formatRate(throughput.all),
      note:
        throughput.interval === null
          ? "transactions a second"
          : `a second; 95 %: ${formatInterval(throughput.interval, formatRate)}`,
    },
    { label: "Mean latency", value: formatLatency(latencyMs.all, "mean"), note: "to all validators" },
    { label: "99th percentile", value: formatLatency(latencyMs.all, "p99"), note: "to all validators" },
    { label: "Signature bound", value: formatShare(efficiency.signatureShare), note: "of all cores" },
    lostTile([arm]),
  ];
}

function lostTile(arms: readonly ArmView[]): Tile {
  const sum = (count: (arm: ArmView) => number): number => arms.reduce((total, arm) => total + count(arm), 0);
  return {
    label: "Lost",
    value: formatCount(sum((arm) => arm.analysis.counts.lost)),
    note: `of ${formatCount(sum((arm) => arm.analysis.counts.offered))} offered`,
  };
}
