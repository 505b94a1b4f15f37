import { invalidInput, type Random } from "@sheaf/base";
import { z } from "zod";
import { requireFinite, requireShape } from "./errors.ts";

export const taskSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("classification"), classes: z.int().min(2).max(10_000) }),
  z.strictObject({ kind: z.literal("regression") }),
]);

/** What a model learns: one of `classes` classes, or one number. */
export type Task = Readonly<z.infer<typeof taskSchema>>;

/** Samples of one owner, or of one study. All values are finite. */
export interface Dataset {
  readonly task: Task;
  /** Of one sample: `[features]`, or `[height, width, channels]`. */
  readonly shape: readonly number[];
  readonly count: number;
  /** `count` samples one after another, each row major in `shape`. */
  readonly features: Float32Array;
  /** The class index (0 to `classes - 1`), or the target, of each sample. */
  readonly labels: Float32Array;
}

/** The number of features of one sample. */
export function sampleSize(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/**
 * Raises unless the arrays have the lengths that `shape` and `count` tell (`WRONG_SHAPE`), all numbers are
 * finite (`NOT_FINITE`) and the labels are classes of the task (`INVALID_INPUT`, naming the sample).
 */
export function checkDataset(dataset: Dataset, what = "dataset"): void {
  const { task, shape, count, features, labels } = dataset;
  requireShape(`${what}: number of features`, count * sampleSize(shape), features.length);
  requireShape(`${what}: number of labels`, count, labels.length);
  requireFinite(`${what}: features`, features, "replace or remove the samples with missing values");
  requireFinite(`${what}: labels`, labels, "remove the samples without a label");
  if (task.kind === "regression") return;
  const index = labels.findIndex((label) => !Number.isInteger(label) || label < 0 || label >= task.classes);
  if (index < 0) return;
  throw invalidInput(
    `${what}: label of sample ${index}`,
    `${labels[index]} is not a class from 0 to ${task.classes - 1}`,
    "correct the label, or raise the number of classes of the task",
  );
}

/** The samples at `indices`, in that order, copied. */
export function takeSamples(dataset: Dataset, indices: ArrayLike<number>): Dataset {
  const size = sampleSize(dataset.shape);
  const features = new Float32Array(indices.length * size);
  const labels = new Float32Array(indices.length);
  for (let row = 0; row < indices.length; row++) {
    const index = indices[row] as number;
    features.set(dataset.features.subarray(index * size, (index + 1) * size), row * size);
    labels[row] = dataset.labels[index] as number;
  }
  return { task: dataset.task, shape: dataset.shape, count: indices.length, features, labels };
}

/** Shuffled and cut in two: the first has `fraction` (0 to 1) of the samples, rounded to the nearest. */
export function splitDataset(dataset: Dataset, fraction: number, random: Random): [Dataset, Dataset] {
  if (!(fraction >= 0 && fraction <= 1)) {
    throw invalidInput("fraction of a split", `${fraction} is not between 0 and 1`);
  }
  const order = shuffledIndices(dataset.count, random);
  const cut = Math.round(dataset.count * fraction);
  return [takeSamples(dataset, order.subarray(0, cut)), takeSamples(dataset, order.subarray(cut))];
}

/** 0 to `count - 1` in random order (Fisher and Yates). */
export function shuffledIndices(count: number, random: Random): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const other = random.int(last + 1);
    const held = order[last] as number;
    order[last] = order[other] as number;
    order[other] = held;
  }
  return order;
}
