import { createRandom, type Random } from "@sheaf/base";
import type { Dataset, LocalTraining } from "@sheaf/federated";

/** The study of the simulations: points around one centre a class. */
export const CLASSES = 3;
export const FEATURES = 4;
/** Weights and biases of a softmax regression. */
export const PARAMETERS = CLASSES * (FEATURES + 1);

/** `count` samples, equal for equal seeds. */
export function syntheticData(random: Random, count: number): Dataset {
  const features = new Float32Array(count * FEATURES);
  const labels = new Float32Array(count);
  for (let row = 0; row < count; row++) {
    const label = random.int(CLASSES);
    labels[row] = label;
    for (let column = 0; column < FEATURES; column++) {
      const centre = column % CLASSES === label ? 1.5 : -0.5;
      features[row * FEATURES + column] = centre + gaussian(random);
    }
  }
  return { task: { kind: "classification", classes: CLASSES }, shape: [FEATURES], count, features, labels };
}

export function initialWeights(seed: string): Float32Array {
  const random = createRandom(`weights ${seed}`);
  return Float32Array.from({ length: PARAMETERS }, () => 0.1 * gaussian(random));
}

/** Mini-batch gradient descent on the cross entropy: as `Trainer.train`, in plain arithmetic. */
export function trainSoftmax(weights: Float32Array, data: Dataset, options: LocalTraining) {
  const trained = Float32Array.from(weights);
  const random = createRandom(options.seed);
  const batches = Math.ceil(data.count / options.batchSize);
  let firstLoss = 0;
  for (let epoch = 0; epoch < options.epochs; epoch++) {
    const order = random.shuffle(Array.from({ length: data.count }, (_, row) => row));
    for (let batch = 0; batch < batches; batch++) {
      const rows = order.slice(batch * options.batchSize, (batch + 1) * options.batchSize);
      const { gradient, loss } = gradientOf(trained, data, rows);
      if (epoch === 0) firstLoss += loss / batches;
      for (let i = 0; i < trained.length; i++) {
        trained[i] = (trained[i] as number) - options.learningRate * (gradient[i] as number);
      }
    }
  }
  const update = trained.map((value, index) => value - (weights[index] as number));
  return { update, samples: data.count, loss: firstLoss, steps: options.epochs * batches };
}

export function evaluateSoftmax(weights: Float32Array, data: Dataset) {
  let loss = 0;
  let right = 0;
  for (let row = 0; row < data.count; row++) {
    const probabilities = predict(weights, data, row);
    const label = data.labels[row] as number;
    loss -= Math.log(Math.max(1e-9, probabilities[label] as number)) / data.count;
    if (probabilities.indexOf(Math.max(...probabilities)) === label) right++;
  }
  return { loss, accuracy: right / data.count, rmse: null };
}

function gradientOf(weights: Float32Array, data: Dataset, rows: readonly number[]) {
  const gradient = new Float64Array(PARAMETERS);
  let loss = 0;
  for (const row of rows) {
    const probabilities = predict(weights, data, row);
    const label = data.labels[row] as number;
    loss -= Math.log(Math.max(1e-9, probabilities[label] as number)) / rows.length;
    for (let target = 0; target < CLASSES; target++) {
      const error = ((probabilities[target] as number) - (target === label ? 1 : 0)) / rows.length;
      const start = target * (FEATURES + 1);
      for (let column = 0; column < FEATURES; column++) {
        add(gradient, start + column, error * (data.features[row * FEATURES + column] as number));
      }
      add(gradient, start + FEATURES, error);
    }
  }
  return { gradient, loss };
}

function predict(weights: Float32Array, data: Dataset, row: number): number[] {
  const scores = Array.from({ length: CLASSES }, (_, target) => {
    const start = target * (FEATURES + 1);
    let score = weights[start + FEATURES] as number;
    for (let column = 0; column < FEATURES; column++) {
      score += (weights[start + column] as number) * (data.features[row * FEATURES + column] as number);
    }
    return score;
  });
  const most = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - most));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

function add(vector: Float64Array, index: number, value: number): void {
  vector[index] = (vector[index] as number) + value;
}

/** Box and Muller. */
function gaussian(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.float())) * Math.cos(2 * Math.PI * random.float());
}
