/** log(exp(a) + exp(b)). */
export function logAdd(a: number, b: number): number {
  const high = Math.max(a, b);
  if (high === Number.NEGATIVE_INFINITY) return high;
  return high + Math.log1p(Math.exp(Math.min(a, b) - high));
}

/** log of the sum of exp over the list; -Infinity when it is empty. */
export function logSum(logs: readonly number[]): number {
  let high = Number.NEGATIVE_INFINITY;
  for (const log of logs) high = Math.max(high, log);
  if (high === Number.NEGATIVE_INFINITY) return high;
  let sum = 0;
  for (const log of logs) sum += Math.exp(log - high);
  return high + Math.log(sum);
}

/** log(exp(x) - 1) for x > 0. */
export function logExpm1(x: number): number {
  return x > 30 ? x + Math.log1p(-Math.exp(-x)) : Math.log(Math.expm1(x));
}

/** log(1 + exp(x)). */
export function log1pExp(x: number): number {
  return x > 30 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
}
