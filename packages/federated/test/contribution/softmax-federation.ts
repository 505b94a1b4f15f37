import type { Random } from "@sheaf/base";

/** Labelled points of `CLASSES` noisy clusters in `FEATURES` dimensions. */
export interface Points {
  readonly features: readonly (readonly number[])[];
  readonly labels: readonly number[];
}

export const CLASSES = 4;
export const FEATURES = 8;

export function drawPoints(count: number, random: Random): Points {
  const features: number[][] = [];
  const labels: number[] = [];
  for (let i = 0; i < count; i++) {
    const label = i % CLASSES;
    labels.push(label);
    features.push(
      Array.from({ length: FEATURES }, (_, f) => {
        const centre = Math.cos((f + 1) * (label + 1)) * 1.5;
        return centre + (random.float() + random.float() + random.float() - 1.5) * 2;
      }),
    );
  }
  return { features, labels };
}

/** Every label turned into the next one. */
export function flipped({ features, labels }: Points): Points {
  return { features, labels: labels.map((label) => (label + 1) % CLASSES) };
}

function probabilities(weights: readonly number[], x: readonly number[]): number[] {
  const logits = Array.from({ length: CLASSES }, (_, c) =>
    x.reduce((sum, value, f) => sum + value * (weights[c * FEATURES + f] as number), 0),
  );
  const high = Math.max(...logits);
  const exps = logits.map((logit) => Math.exp(logit - high));
  const total = exps.reduce((sum, value) => sum + value, 0);
  return exps.map((value) => value / total);
}

/** Cross-entropy per point. */
export function lossOf(weights: readonly number[], points: Points): number {
  let loss = 0;
  points.features.forEach((x, i) => {
    loss -= Math.log(Math.max(1e-12, probabilities(weights, x)[points.labels[i] as number] as number));
  });
  return loss / points.features.length;
}

/** New weights minus old after some steps of gradient descent. */
export function trainLocally(
  start: readonly number[],
  points: Points,
  steps: number,
  rate: number,
): number[] {
  let weights = [...start];
  for (let step = 0; step < steps; step++) {
    const gradient = new Array<number>(weights.length).fill(0);
    points.features.forEach((x, i) => {
      const p = probabilities(weights, x);
      for (let c = 0; c < CLASSES; c++) {
        const error = (p[c] as number) - (points.labels[i] === c ? 1 : 0);
        x.forEach((value, f) => {
          gradient[c * FEATURES + f] = (gradient[c * FEATURES + f] as number) + error * value;
        });
      }
    });
    weights = weights.map((weight, i) => weight - (rate * (gradient[i] as number)) / points.labels.length);
  }
  return weights.map((weight, i) => weight - (start[i] as number));
}

export function plusMean(weights: readonly number[], updates: readonly (readonly number[])[]): number[] {
  if (updates.length === 0) return [...weights];
  return weights.map(
    (weight, i) => weight + updates.reduce((sum, update) => sum + (update[i] as number), 0) / updates.length,
  );
}
