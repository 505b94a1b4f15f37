import type { ChartSpec } from "../charts/chart-spec.ts";
import { compact } from "../charts/compact.ts";
import { everyObserver } from "./observers.ts";
import type { ArmView, RunView } from "./run-view.ts";
import { roundMax, timeAxis, timeMarks, toSeconds } from "./time-axis.ts";

/** Throughput over time: one chart for each arm, all on one scale, the chains stacked. */
export function throughputCharts({ arms }: RunView): readonly ChartSpec[] {
  const max = roundMax(Math.max(...arms.map(peakOf), 1) * 1.12);
  return arms.map((arm) => {
    const { record, analysis, series } = arm;
    const bound = analysis.efficiency.protocolBoundTps;
    const middle = (bucket: number): number => toSeconds(series.startMs + (bucket + 0.5) * series.bucketMs);
    const limits = bound !== null && bound <= max ? [{ y: bound, label: "protocol limit" }] : [];
    return {
      id: `throughput-${arm.slug}`,
      title: `Throughput over time: ${record.name}`,
      description: `Committed transactions a second, seen on ${everyObserver([arm])}, in steps of ${series.bucketMs / 1000} s${
        record.chains > 1 ? ", stacked by chain" : ""
      }.`,
      x: timeAxis,
      y: { label: "Transactions a second", format: "count", max },
      series: series.committedPerSecond.map((rates, chain) => ({
        label: record.chainNames[chain] ?? `chain ${chain}`,
        color: arm.chainColors[chain] ?? "c1",
        style: "area",
        points: Array.from(rates, (rate, bucket) => [middle(bucket), compact(rate)] as const),
      })),
      limits,
      ...timeMarks(arm),
    };
  });
}

/** Transactions on their way over time, all arms in one chart. */
export function inFlightChart({ arms }: RunView): ChartSpec {
  const windows = new Set(
    arms.flatMap(({ record }) => (record.mode.kind === "windowed" ? [record.mode.window] : [])),
  );
  const peaks = arms.map(({ series }) => series.inFlight.reduce((most, count) => Math.max(most, count), 0));
  return {
    id: "in-flight",
    title: "In flight",
    description: `Transactions sent and not yet committed on ${everyObserver(arms)} or rejected.`,
    x: timeAxis,
    y: { label: "Transactions", format: "count", max: roundMax(1.1 * Math.max(...peaks, ...windows, 1)) },
    series: arms.map(({ record, series, color }) => ({
      label: record.name,
      color,
      style: "line",
      points: Array.from(
        series.inFlight,
        (count, bucket) => [toSeconds(series.startMs + (bucket + 1) * series.bucketMs), count] as const,
      ),
    })),
    limits: [...windows].map((y) => ({ y, label: "window" })),
  };
}

function peakOf({ series, analysis }: ArmView): number {
  let peak = 0;
  for (let bucket = 0; bucket < series.buckets; bucket++) {
    const total = series.committedPerSecond.reduce((sum, rates) => sum + (rates[bucket] ?? 0), 0);
    peak = Math.max(peak, total);
  }
  const bound = analysis.efficiency.protocolBoundTps ?? 0;
  return bound < peak * 1.5 ? Math.max(peak, bound) : peak;
}
