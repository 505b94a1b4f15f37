/** A mean with its 95 % confidence interval. */
export interface Estimate {
  readonly mean: number;
  /** `null` with the other for fewer than two values. */
  readonly low: number | null;
  readonly high: number | null;
}

/** Two-sided 95 % critical values of Student's t for 1 to 30 degrees of freedom; more count as 30, which widens. */
const criticalT: readonly number[] = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/** Student's 95 % interval of the mean [BASELINE.5]; `NaN` for an empty list. */
export function estimateMean(values: readonly number[]): Estimate {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n < 2) return { mean, low: null, high: null };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const half = (criticalT[Math.min(n - 1, criticalT.length) - 1] as number) * Math.sqrt(variance / n);
  return { mean, low: mean - half, high: mean + half };
}
