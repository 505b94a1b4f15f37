import type { Random } from "@sheaf/base";
import { normal } from "./normal.ts";

/** One draw from the symmetric Dirichlet distribution: `size` non-negative numbers with sum 1. */
export function dirichlet(alpha: number, size: number, random: Random): number[] {
  const logs = Array.from({ length: size }, () => logGamma(alpha, random));
  // A small alpha makes draws below the smallest double: only their ratios matter.
  const top = logs.reduce((a, b) => Math.max(a, b));
  const weights = logs.map((value) => Math.exp(value - top));
  const sum = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / sum);
}

/** The logarithm of a draw from Gamma(shape, 1) (Marsaglia and Tsang 2000). */
function logGamma(shape: number, random: Random): number {
  // Gamma(a) = Gamma(a + 1) * U^(1/a) for a < 1.
  if (shape < 1) return logGamma(shape + 1, random) + Math.log(1 - random.float()) / shape;
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(random);
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    if (Math.log(1 - random.float()) < x * x * 0.5 + d - d * v + d * Math.log(v)) return Math.log(d * v);
  }
}
