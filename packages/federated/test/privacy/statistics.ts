import { createRandom } from "@sheaf/base";
import { logNormalCdf } from "../../src/privacy/normal.ts";

/** Bytes that are the same in every run. */
export function seededEntropy(seed: string): (length: number) => Uint8Array {
  const random = createRandom(seed);
  return (length) => random.bytes(length);
}

/** Words as a source of entropy that then ends in zeros. */
export function scriptedEntropy(words: readonly number[]): (length: number) => Uint8Array {
  return (length) => {
    const out = new Uint32Array(length / 4);
    out.set(words);
    return new Uint8Array(out.buffer);
  };
}

/** Probabilities of a discrete Gaussian at -reach..reach. */
export function discreteGaussianPmf(sigma: number, reach: number): number[] {
  const heights = Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * sigma ** 2)),
  );
  const total = heights.reduce((sum, height) => sum + height, 0);
  return heights.map((height) => height / total);
}

/** Chi-square of counts against probabilities, neighbouring cells pooled until each expects 10, as a z score. */
export function chiSquareScore(
  counts: readonly number[],
  probabilities: readonly number[],
  draws: number,
): number {
  let chi = 0;
  let cells = 0;
  let seen = 0;
  let expected = 0;
  probabilities.forEach((p, i) => {
    seen += counts[i] as number;
    expected += p * draws;
    if (expected < 10) return;
    chi += (seen - expected) ** 2 / expected;
    cells += 1;
    seen = 0;
    expected = 0;
  });
  const freedom = cells - 1;
  // Wilson and Hilferty: the cube root of chi-square / freedom is nearly normal.
  const spread = 2 / (9 * freedom);
  return (Math.cbrt(chi / freedom) - (1 - spread)) / Math.sqrt(spread);
}

/** Kolmogorov's distance to the standard normal distribution, times the root of the sample's size. */
export function kolmogorovScore(standardised: Float64Array): number {
  const sorted = standardised.toSorted();
  let distance = 0;
  sorted.forEach((x, i) => {
    const p = Math.exp(logNormalCdf(x));
    distance = Math.max(distance, Math.abs(p - i / sorted.length), Math.abs(p - (i + 1) / sorted.length));
  });
  return distance * Math.sqrt(sorted.length);
}
