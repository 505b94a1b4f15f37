import { invalidInput } from "@sheaf/base";
import { notFinite } from "./memoised-utility.ts";

export interface ContributionWeights {
  /** One weight a member, at most 10^12; all zero when nobody contributed. */
  readonly weights: readonly bigint[];
  /** Sum of the negative scores that were set to zero (0 or negative). */
  readonly loss: number;
}

const SCALE = 1e12;

/**
 * Weights for the contract: proportional to the scores, the highest 10^12, negative ones set to zero and their
 * sum reported [CONTRIBUTION.6]. `NOT_FINITE` for NaN or an infinity.
 */
export function contributionWeights(scores: readonly number[]): ContributionWeights {
  let highest = 0;
  let loss = 0;
  scores.forEach((score, index) => {
    if (!Number.isFinite(score)) throw notFinite(`score ${index}`);
    if (score < 0) loss += score;
    highest = Math.max(highest, score);
  });
  const weights = scores.map((score) => (score > 0 ? BigInt(Math.round((score / highest) * SCALE)) : 0n));
  return { weights, loss };
}

/**
 * Parts of `pool` proportional to `weights` that sum to it exactly: each gets the whole part of its share, and
 * what is left goes one by one to the largest remainders, of equal ones to the lower index; equal weights when
 * all are zero [CONTRIBUTION.7]. The contract's rule. `INVALID_INPUT` for nobody or anything negative.
 */
export function shareOut(pool: bigint, weights: readonly bigint[]): bigint[] {
  if (weights.length === 0) throw invalidInput("weights", "nobody to share the pool");
  if (pool < 0n) throw invalidInput("pool", `${pool} is negative`);
  let total = 0n;
  for (const weight of weights) {
    if (weight < 0n) throw invalidInput("weights", `${weight} is negative`);
    total += weight;
  }
  if (total === 0n)
    return shareOut(
      pool,
      weights.map(() => 1n),
    );
  const parts = weights.map((weight) => (pool * weight) / total);
  const remainders = weights.map((weight) => (pool * weight) % total);
  let left = Number(pool - parts.reduce((sum, part) => sum + part, 0n));
  const order = weights.map((_, index) => index);
  order.sort((a, b) => compare(remainders[b] as bigint, remainders[a] as bigint) || a - b);
  for (const index of order) {
    if (left === 0) break;
    parts[index] = (parts[index] as bigint) + 1n;
    left -= 1;
  }
  return parts;
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
