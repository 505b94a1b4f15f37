import type { Random } from "@sheaf/base";

/** A 95 % confidence interval. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Two-sided 95 % critical values of Student's t for 1 to 30 degrees of freedom. */
const criticalT: readonly number[] = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/** Sum over count; `NaN` for an empty list. */
export function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The middle value, or the mean of the two middle ones; `NaN` for an empty list. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const high = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? Number.NaN) + high) / 2;
}

/** The value at nearest rank `p` (0 to 100) of an ascending list; `NaN` for an empty list. */
export function rankValue(ascending: ArrayLike<number>, p: number): number {
  const rank = Math.max(1, Math.ceil((p / 100) * ascending.length));
  return ascending[rank - 1] ?? Number.NaN;
}

/** [COMPARE.3] Student's 95 % interval of the mean; `null` for fewer than two values. */
export function meanInterval(values: readonly number[]): Interval | null {
  const n = values.length;
  if (n < 2) return null;
  const middle = average(values);
  const variance = values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (n - 1);
  const half = (criticalT[n - 2] ?? 1.96) * Math.sqrt(variance / n);
  return { low: middle - half, high: middle + half };
}

/** [COMPARE.4] The 95 % percentile-bootstrap interval of mean(numerator) / mean(denominator). */
export function ratioInterval(
  numerator: readonly number[],
  denominator: readonly number[],
  random: Random,
  resamples = 2000,
): Interval | null {
  if (numerator.length < 2 || denominator.length < 2) return null;
  const ratios = new Float64Array(resamples);
  for (let i = 0; i < resamples; i++) {
    ratios[i] = resampledMean(numerator, random) / resampledMean(denominator, random);
  }
  ratios.sort();
  const interval = { low: rankValue(ratios, 2.5), high: rankValue(ratios, 97.5) };
  return Number.isFinite(interval.low) && Number.isFinite(interval.high) ? interval : null;
}

/** Whether two intervals have a point in common. */
export function intervalsOverlap(a: Interval, b: Interval): boolean {
  return a.low <= b.high && b.low <= a.high;
}

function resampledMean(values: readonly number[], random: Random): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[random.int(values.length)] as number;
  return sum / values.length;
}
