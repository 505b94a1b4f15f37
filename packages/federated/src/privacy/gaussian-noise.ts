import { invalidInput } from "@sheaf/base";
import { createDiscreteGaussian } from "./discrete-gaussian.ts";
import type { Entropy } from "./words.ts";

/** The grid on which noise lies: a power of two, 2^24 to 2^25 times finer than sigma. */
function gridOf(sigma: number): number {
  return 2 ** (Math.floor(Math.log2(sigma)) - 24);
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

/**
 * A sum of clipped updates with central noise of at least `noiseMultiplier * clip` [PRIVACY.11]. The sum is
 * moved to the noise's grid first, and the noise grows by what that may add to the sensitivity, so that the
 * result's low bits depend on the noise alone.
 */
export function addCentralNoise(
  sum: Float32Array | Float64Array,
  options: { readonly clip: number; readonly noiseMultiplier: number },
  entropy?: Entropy,
): Float32Array {
  const { clip, noiseMultiplier } = options;
  const grid = gridOf(noiseMultiplier * clip);
  const sigma = noiseMultiplier * (clip + grid * Math.sqrt(sum.length));
  const steps = createDiscreteGaussian(sigma / grid, entropy).draw(sum.length);
  const out = new Float32Array(sum.length);
  for (let i = 0; i < out.length; i++) {
    out[i] = (Math.round((sum[i] as number) / grid) + (steps[i] as number)) * grid;
  }
  return out;
}
