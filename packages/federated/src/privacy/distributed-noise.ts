import { invalidInput } from "@sheaf/base";
import { createDiscreteGaussian } from "./discrete-gaussian.ts";

export interface DistributedNoiseOptions {
  /** L2 norm to which updates are clipped. */
  readonly clip: number;
  /** Size of one quantisation step, in the unit of `clip`. */
  readonly step: number;
  readonly dimension: number;
  /** Noise wanted on the sum, in multiples of the clipping norm. */
  readonly noiseMultiplier: number;
  /** Fewest members whose masked updates are ever summed. */
  readonly smallestCohort: number;
  /** Members of such a cohort that may withhold or reveal their shares. 0 unless given. */
  readonly colluding?: number;
}

export interface DistributedNoise {
  /** Standard deviation of each member's discrete Gaussian share, in steps. */
  readonly shareSigma: number;
  /** No share is larger than this in size, in steps: room to leave in the sum. */
  readonly shareBound: number;
  /** Largest L2 norm of a quantised update, in steps; a member rounds again until its own is below. */
  readonly quantisedNorm: number;
  /** What the accountant is told: the noise that the smallest cohort's honest shares sum to, and their deviation. */
  readonly noiseMultiplier: number;
  readonly deviation: number;
}

/**
 * Shares of noise for secure aggregation: any `smallestCohort - colluding` of them sum to at least the noise
 * wanted [PRIVACY.10]. `INVALID_INPUT` when the steps are too coarse for the share (below half a step) or too
 * fine for 32 bits.
 */
export function distributedNoise(options: DistributedNoiseOptions): DistributedNoise {
  const { clip, step, dimension, noiseMultiplier, smallestCohort, colluding = 0 } = options;
  if (!(clip > 0)) throw invalidInput("clip", `${clip} is not positive`);
  if (!(step > 0)) throw invalidInput("step", `${step} is not positive`);
  const honest = smallestCohort - colluding;
  if (!(Number.isInteger(honest) && colluding >= 0 && honest >= 1)) {
    throw invalidInput(
      "smallestCohort",
      `${smallestCohort} leaves no honest share besides ${colluding} colluding`,
    );
  }
  const quantisedNorm = roundedNorm(clip / step, dimension);
  const shareSigma = (noiseMultiplier * quantisedNorm) / Math.sqrt(honest);
  if (!(shareSigma >= 0.5)) {
    throw invalidInput("step", `shares of ${shareSigma} steps are too coarse`, "Use more bits a coordinate.");
  }
  return {
    shareSigma,
    shareBound: createDiscreteGaussian(shareSigma).bound,
    quantisedNorm,
    noiseMultiplier,
    deviation: dimension * sumDeviation(shareSigma, honest),
  };
}

/**
 * Bound that a stochastically rounded vector of L2 norm `norm` (in steps) keeps with probability 1 - e^-0.5
 * or more; members round again until it holds (Kairouz, Liu, Steinke 2021).
 */
export function roundedNorm(norm: number, dimension: number): number {
  const certain = norm + Math.sqrt(dimension);
  const likely = Math.sqrt(norm ** 2 + dimension / 4 + (norm + Math.sqrt(dimension) / 2));
  return Math.min(certain, likely);
}

/**
 * Bound on |log of the ratio| of the distribution of a sum of `shares` discrete Gaussians to the discrete
 * Gaussian of the same variance parameter, one coordinate: 10 sum over k < shares of
 * exp(-2 pi^2 sigma^2 k / (k + 1)), for sigma >= 1/2 (Kairouz, Liu, Steinke 2021, theorem 1) [PRIVACY.10].
 */
export function sumDeviation(shareSigma: number, shares: number): number {
  let sum = 0;
  for (let k = 1; k < shares; k++) sum += Math.exp((-2 * Math.PI ** 2 * shareSigma ** 2 * k) / (k + 1));
  return 10 * sum;
}

/**
 * Rényi divergence for noise within `deviation` (log ratio) of a discrete Gaussian: both distributions move by
 * that factor at most, so the divergence grows by deviation * (2 order - 1) / (order - 1), also after
 * subsampling. Discrete Gaussians keep the Gaussian's divergence at integer orders only [PRIVACY.10].
 */
export function discreteSumRdp(ideal: number, order: number, deviation: number): number {
  if (!Number.isInteger(order)) return Number.POSITIVE_INFINITY;
  return ideal + (deviation * (2 * order - 1)) / (order - 1);
}
