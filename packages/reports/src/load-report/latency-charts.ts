import type { ChartSpec, SeriesSpec } from "../charts/chart-spec.ts";
import { compact } from "../charts/compact.ts";
import { everyObserver } from "./observers.ts";
import type { ArmView, RunView } from "./run-view.ts";
import { timeAxis, toSeconds } from "./time-axis.ts";

/** From this ratio between the largest and the smallest latency on, the axis is logarithmic. */
const logarithmicFrom = 30;

/** The cumulative distribution of latency, one curve for each arm. */
export function latencyDistributionChart({ arms }: RunView): ChartSpec {
  const values = arms.flatMap(({ curve }) => curve.map(({ ms }) => ms)).filter((ms) => ms > 0);
  const logarithmic = values.length > 0 && Math.max(...values) / Math.min(...values) >= logarithmicFrom;
  return {
    id: "latency-distribution",
    title: "Latency distribution",
    description: `Share of transactions that ${everyObserver(arms)} had shown as committed within a latency counted from the scheduled time. A curve that ends below 100 % stands for transactions that did not commit.`,
    x: {
      label: "Latency",
      format: "ms",
      scale: logarithmic ? "logarithmic" : "linear",
      ...(logarithmic ? {} : { min: 0 }),
    },
    y: { label: "Transactions committed", format: "percent", max: 100 },
    series: arms.map(({ record, curve, color }) => ({
      label: record.name,
      color,
      style: "line",
      points: curve
        .filter(({ ms }) => !logarithmic || ms > 0)
        .map(({ percentile, ms }) => [compact(ms), percentile] as const),
    })),
  };
}

/** Median and 99th percentile of latency over time, all arms in one chart. */
export function latencyOverTimeChart({ arms }: RunView): ChartSpec {
  return {
    id: "latency-over-time",
    title: "Latency over time",
    description: "Median (line) and 99th percentile (dashed) of the transactions committed in each step.",
    x: timeAxis,
    y: { label: "Latency", format: "ms" },
    series: arms.flatMap((arm) => [
      overTime(arm, arm.series.latencyP50Ms, "line", "median"),
      overTime(arm, arm.series.latencyP99Ms, "dashed", "p99"),
    ]),
  };
}

function overTime(
  arm: ArmView,
  column: Float64Array,
  style: SeriesSpec["style"],
  figure: string,
): SeriesSpec {
  const { series } = arm;
  return {
    label: `${arm.record.name}, ${figure}`,
    color: arm.color,
    style,
    points: Array.from(column, (ms, bucket) => [
      toSeconds(series.startMs + (bucket + 0.5) * series.bucketMs),
      Number.isNaN(ms) ? null : compact(ms),
    ]),
  };
}
