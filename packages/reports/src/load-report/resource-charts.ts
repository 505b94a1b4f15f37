import { commitTimes, type ProcessSample } from "@sheaf/measure";
import type { ChartSpec, ColorToken, SeriesSpec } from "../charts/chart-spec.ts";
import { compact } from "../charts/compact.ts";
import type { ArmView, RunView } from "./run-view.ts";
import { roundMax, thin, timeAxis, timeMarks, toSeconds } from "./time-axis.ts";

const mostBuckets = 300;
const mostBlocks = 400;

/** CPU over time, one chart for each arm: the driver and the validators of each chain, stacked. */
export function cpuCharts({ arms, record }: RunView): readonly ChartSpec[] {
  const { cores } = record.environment.hardware;
  return arms
    .filter(({ data }) => data.samples.length > 0)
    .map((arm) => ({
      id: `cpu-${arm.slug}`,
      title: `CPU: ${arm.record.name}`,
      description:
        "Cores used by the driver and by the validators of each chain, stacked; the whole machine dashed.",
      x: timeAxis,
      y: { label: "Cores", format: "cores", max: roundMax(cores * 1.15) },
      series: cpuSeries(arm),
      limits: [{ y: cores, label: `${cores} cores` }],
      ...timeMarks(arm),
    }));
}

/** Transactions in each block over time, one chart for each arm. */
export function blockCharts({ arms }: RunView): readonly ChartSpec[] {
  return arms
    .filter(({ data }) => data.blocks.length > 0)
    .map((arm) => {
      const { record, data } = arm;
      const limit = record.limits.maxTransactionsPerBlock;
      return {
        id: `blocks-${arm.slug}`,
        title: `Blocks: ${record.name}`,
        description: "Transactions in each block, by when a validator first showed it.",
        x: timeAxis,
        y: {
          label: "Transactions",
          format: "count",
          ...(limit === null ? {} : { max: roundMax(limit * 1.15) }),
        },
        series: record.chainNames.map((label, chain) => ({
          label,
          color: arm.chainColors[chain] ?? "c1",
          style: "points",
          points: thin(blockPoints(data.blocks.filter((block) => block.chain === chain)), mostBlocks),
        })),
        limits: limit === null ? [] : [{ y: limit, label: `limit of ${limit}` }],
        ...timeMarks(arm),
      };
    });
}

function blockPoints(blocks: ArmView["data"]["blocks"]): readonly (readonly [number, number])[] {
  return blocks.flatMap((block) => {
    const { firstMs } = commitTimes(block.seenMs);
    return firstMs === null ? [] : [[toSeconds(firstMs), block.transactions] as const];
  });
}

function cpuSeries({ data, record, chainColors }: ArmView): readonly SeriesSpec[] {
  const end = data.samples.reduce((latest, sample) => Math.max(latest, sample.timeMs), 1);
  const interval = typicalInterval(data.samples);
  const bucketMs = Math.max(interval, end / mostBuckets);
  const buckets = Math.ceil(end / bucketMs) + 1;
  const line = (
    label: string,
    color: ColorToken,
    style: SeriesSpec["style"],
    own: (sample: ProcessSample) => boolean,
  ): SeriesSpec => ({
    label,
    color,
    style,
    points: coresOverTime(data.samples.filter(own), bucketMs, buckets),
  });
  return [
    line("driver", "muted", "area", (sample) => sample.role === "driver"),
    ...record.chainNames.map((name, chain) =>
      line(name, chainColors[chain] ?? "c1", "area", (s) => s.role === "validator" && s.chain === chain),
    ),
    line("machine", "muted", "dashed", (sample) => sample.role === "machine"),
  ].filter((series) => series.points.some(([, cores]) => cores !== 0));
}

/** The sum over processes of each one's mean in the bucket; a process without a sample keeps its last mean. */
function coresOverTime(
  samples: readonly ProcessSample[],
  bucketMs: number,
  buckets: number,
): readonly (readonly [number, number])[] {
  const total = new Float64Array(buckets);
  const keys = new Set(samples.map((sample) => `${sample.chain}/${sample.validator}`));
  for (const key of keys) {
    const sums = new Float64Array(buckets);
    const counts = new Float64Array(buckets);
    for (const sample of samples) {
      if (`${sample.chain}/${sample.validator}` !== key) continue;
      const bucket = Math.max(0, Math.floor(sample.timeMs / bucketMs));
      sums[bucket] = (sums[bucket] ?? 0) + sample.cpuCores;
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    }
    let last = 0;
    for (let bucket = 0; bucket < buckets; bucket++) {
      const count = counts[bucket] as number;
      if (count > 0) last = (sums[bucket] as number) / count;
      total[bucket] = (total[bucket] as number) + last;
    }
  }
  return Array.from(total.subarray(0, buckets - 1), (cores, bucket) => [
    toSeconds((bucket + 0.5) * bucketMs),
    compact(cores),
  ]);
}

/** The time between two samples of one process. */
function typicalInterval(samples: readonly ProcessSample[]): number {
  const first = samples[0];
  const next = samples.find(
    (sample) =>
      first !== undefined &&
      sample.role === first.role &&
      sample.chain === first.chain &&
      sample.validator === first.validator &&
      sample.timeMs > first.timeMs,
  );
  return first === undefined || next === undefined ? 1000 : Math.max(100, next.timeMs - first.timeMs);
}
