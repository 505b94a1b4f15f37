import { average, meanInterval } from "../statistics.ts";
import type { Estimate } from "./comparison-record.ts";

/** [CRECORD.9] Mean and Student's 95 % interval of one figure over seeds; `null` for none. */
export function estimateOf(values: readonly number[]): Estimate | null {
  if (values.length === 0) return null;
  const interval = meanInterval(values);
  return { mean: average(values), low: interval?.low ?? null, high: interval?.high ?? null };
}
