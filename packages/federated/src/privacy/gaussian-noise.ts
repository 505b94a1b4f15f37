import { invalidInput } from "@sheaf/base";
import { createDiscreteGaussian } from "./discrete-gaussian.ts";
import type { Entropy } from "./words.ts";

/** The grid on which noise lies: a power of two, 2^24 to 2^25 times finer than sigma; the same on every machine. */
function gridOf(sigma: number): number {
  let power = 1;
  while (power * 2 <= sigma) power *= 2;
  while (power > sigma) power /= 2;
  return power / 2 ** 24;
}

/**
 * Gaussian noise from a cryptographic source: a discrete Gaussian on a grid 2^24 times finer than `sigma`,
 * which no test tells from a continuous one and whose low bits, unlike those of a floating-point transform,
 * give nothing away (Mironov 2012) [PRIVACY.9].
 */
export function gaussianNoise(length: number, sigma: number, entropy?: Entropy): Float64Array {
  if (!(sigma > 0 && Number.isFinite(sigma))) throw invalidInput("sigma", `${sigma} is not positive`);
  const grid = gridOf(sigma);
  const steps = createDiscreteGaussian(sigma / grid, entropy).draw(length);
  return Float64Array.from(steps, (count) => count * grid);
}

export interface CentralNoise {
  readonly clip: number;
  readonly noiseMultiplier: number;
}

/**
 * Grid and standard deviation of central noise: moving a sum to the grid adds up to half a step a coordinate
 * to each of two neighbouring sums, so the sensitivity is clip + grid * sqrt(dimension) [PRIVACY.11].
 */
export function centralSigma({ clip, noiseMultiplier }: CentralNoise, dimension: number) {
  const wanted = noiseMultiplier * clip;
  if (!(wanted > 0 && Number.isFinite(wanted))) {
    throw invalidInput("noiseMultiplier", `${noiseMultiplier} times ${clip} is no noise`);
  }
  const grid = gridOf(wanted);
  return { grid, sigma: noiseMultiplier * (clip + grid * Math.sqrt(dimension)) };
}

/**
 * A sum of clipped updates with central noise of at least `noiseMultiplier * clip` [PRIVACY.11]. The sum is
 * moved to the noise's grid first, and the noise grows by what that may add to the sensitivity, so that the
 * result's low bits depend on the noise alone.
 */
export function addCentralNoise(
  sum: Float32Array | Float64Array,
  options: CentralNoise,
  entropy?: Entropy,
): Float32Array {
  const { grid, sigma } = centralSigma(options, sum.length);
  const steps = createDiscreteGaussian(sigma / grid, entropy).draw(sum.length);
  const out = new Float32Array(sum.length);
  for (let i = 0; i < out.length; i++) {
    out[i] = (Math.round((sum[i] as number) / grid) + (steps[i] as number)) * grid;
  }
  return out;
}
