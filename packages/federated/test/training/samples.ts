import { createRandom } from "@sheaf/base";
import type { Dataset, LocalTraining } from "../../src/index.ts";

/** Points around one centre a class, as images or as plain features. */
export function blobs(count: number, shape: readonly number[], classes: number, seed = "blobs"): Dataset {
  const random = createRandom(seed);
  const size = shape.reduce((a, b) => a * b, 1);
  const centres = Array.from({ length: classes * size }, () => 2 * random.float() - 1);
  const features = new Float32Array(count * size);
  const labels = new Float32Array(count);
  for (let row = 0; row < count; row++) {
    const label = random.int(classes);
    labels[row] = label;
    for (let at = 0; at < size; at++) {
      features[row * size + at] = (centres[label * size + at] as number) + 0.8 * (random.float() - 0.5);
    }
  }
  return { task: { kind: "classification", classes }, shape, count, features, labels };
}

/** `y = w * x + b` with a little noise. */
export function line(count: number, coefficients: readonly number[], offset: number, seed = "line"): Dataset {
  const random = createRandom(seed);
  const size = coefficients.length;
  const features = Float32Array.from({ length: count * size }, () => 2 * random.float() - 1);
  const labels = Float32Array.from({ length: count }, (_, row) =>
    coefficients.reduce(
      (sum, factor, at) => sum + factor * (features[row * size + at] as number),
      offset + 0.02 * (random.float() - 0.5),
    ),
  );
  return { task: { kind: "regression" }, shape: [size], count, features, labels };
}

export const local = (options: Partial<LocalTraining> = {}): LocalTraining => ({
  epochs: 2,
  batchSize: 8,
  learningRate: 0.1,
  seed: "local",
  ...options,
});

/** Largest difference of two vectors, relative to the largest value. */
export function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let worst = a.length === b.length ? 0 : Number.POSITIVE_INFINITY;
  let size = 0;
  for (let index = 0; index < a.length; index++) {
    worst = Math.max(worst, Math.abs((a[index] as number) - (b[index] as number)));
    size = Math.max(size, Math.abs(b[index] as number));
  }
  return worst / Math.max(size, 1e-12);
}

export function plus(a: Float32Array, b: Float32Array): Float32Array {
  return a.map((value, index) => value + (b[index] as number));
}
