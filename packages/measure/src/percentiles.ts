/** The figures that describe a latency distribution. */
export type LatencyStatistic = "mean" | "p50" | "p90" | "p95" | "p99" | "max";

const percentileOf = { p50: 50, p90: 90, p95: 95, p99: 99, max: 100 } as const;

/**
 * Observations, some of which are only known to be at least so large: the lost transactions, waited
 * for until the drain time was over [LOST.2].
 */
export interface CensoredSample {
  /** Known values, ascending. */
  readonly observed: Float64Array;
  /** Known values and the waits of the censored ones together, ascending. */
  readonly merged: Float64Array;
}

/** A figure, and whether it is only a lower bound. */
export interface BoundedValue {
  readonly value: number;
  readonly atLeast: boolean;
}

/** Latency figures in milliseconds: `null` when there is no observation at all. */
export interface LatencyStatistics extends Readonly<Record<LatencyStatistic, number | null>> {
  /** Observed and censored. */
  readonly count: number;
  readonly censored: number;
  /** The figures that are lower bounds. */
  readonly atLeast: readonly LatencyStatistic[];
}

/** The sample of `observed` values and `censored` waits; takes both arrays over and sorts them. */
export function createCensoredSample(observed: Float64Array, censored: Float64Array): CensoredSample {
  observed.sort();
  if (censored.length === 0) return { observed, merged: observed };
  const merged = new Float64Array(observed.length + censored.length);
  merged.set(observed);
  merged.set(censored, observed.length);
  return { observed, merged: merged.sort() };
}

/**
 * [LATENCY.5] The percentile `p` (0 to 100) by the nearest rank. [LOST.2] A true value is never
 * below the figure; it is exact unless a censored wait stands at or below that rank.
 */
export function percentile(sample: CensoredSample, p: number): BoundedValue | null {
  const size = sample.merged.length;
  if (size === 0) return null;
  const rank = Math.min(size, Math.max(1, Math.ceil((p / 100) * size)));
  const value = sample.merged[rank - 1] as number;
  return { value, atLeast: sample.observed[rank - 1] !== value };
}

/** The mean: a lower bound as soon as one value is censored. */
export function mean(sample: CensoredSample): BoundedValue | null {
  if (sample.merged.length === 0) return null;
  let sum = 0;
  for (const value of sample.merged) sum += value;
  return { value: sum / sample.merged.length, atLeast: sample.merged.length > sample.observed.length };
}

/** All figures of a sample. */
export function describeLatency(sample: CensoredSample): LatencyStatistics {
  const figures = {
    mean: mean(sample),
    p50: percentile(sample, percentileOf.p50),
    p90: percentile(sample, percentileOf.p90),
    p95: percentile(sample, percentileOf.p95),
    p99: percentile(sample, percentileOf.p99),
    max: percentile(sample, percentileOf.max),
  };
  const names = Object.keys(figures) as LatencyStatistic[];
  return {
    count: sample.merged.length,
    censored: sample.merged.length - sample.observed.length,
    mean: figures.mean?.value ?? null,
    p50: figures.p50?.value ?? null,
    p90: figures.p90?.value ?? null,
    p95: figures.p95?.value ?? null,
    p99: figures.p99?.value ?? null,
    max: figures.max?.value ?? null,
    atLeast: names.filter((name) => figures[name]?.atLeast === true),
  };
}
