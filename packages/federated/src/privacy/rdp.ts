import { invalidInput } from "@sheaf/base";
import { discreteSumRdp } from "./distributed-noise.ts";
import type { Mechanism } from "./mechanism.ts";
import { fixedSizeGaussianRdp, poissonGaussianRdp } from "./subsampled-gaussian.ts";

/** The orders at which Rényi divergences are tracked: 1.1, 1.2 … 10.9 and 12, 13 … 63. */
export const defaultOrders: readonly number[] = [
  ...Array.from({ length: 99 }, (_, i) => (11 + i) / 10),
  ...Array.from({ length: 52 }, (_, i) => 12 + i),
];

/**
 * Rényi divergence of order `order` (above 1, else `INVALID_INPUT`) that one release costs at most
 * [PRIVACY.2] [PRIVACY.7] [PRIVACY.10]. Infinite where no bound is known: without noise, and at fractional
 * orders of fixed-size cohorts and of distributed noise.
 */
export function rdpOfRelease(mechanism: Mechanism, order: number): number {
  if (!(order > 1)) throw invalidInput("order", `${order} is not above 1`);
  const { noiseMultiplier, sampleRate, sampling, deviation } = mechanism;
  if (sampleRate === 0) return 0;
  if (noiseMultiplier === 0) return Number.POSITIVE_INFINITY;
  const subsampled = sampling === "poisson" ? poissonGaussianRdp : fixedSizeGaussianRdp;
  const ideal = subsampled(sampleRate, noiseMultiplier, order);
  return deviation === undefined ? ideal : discreteSumRdp(ideal, order, deviation);
}
