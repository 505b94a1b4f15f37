import { setImmediate } from "node:timers/promises";
import { CodedError, createRandom, type Random } from "@sheaf/base";
import * as tf from "@tensorflow/tfjs-core";
import { type Dataset, shuffledIndices, takeSamples } from "../data/dataset.ts";
import { requireFinite, type TrainingErrorDetail } from "../data/errors.ts";
import type { Network } from "../model/network.ts";
import type { FlatLayout } from "./flat-weights.ts";
import { batchLoss } from "./loss.ts";
import type { LocalTraining, LocalUpdate } from "./trainer.ts";

const DEFAULT_YIELD_EVERY = 16;
/** Samples of one batch where the size of batches does not matter to the result. */
export const LARGE_BATCH = 256;

/** Stochastic gradient descent on one owner's samples, in an order that the seed gives. */
export async function descend(
  network: Network,
  layout: FlatLayout,
  weights: Float32Array,
  data: Dataset,
  options: LocalTraining,
): Promise<LocalUpdate> {
  const random = createRandom(options.seed);
  const breathe = createBreather(options);
  const anchor = layout.toTensors(weights);
  let parameters = anchor.map((tensor) => tf.clone(tensor));
  let firstEpochLoss = 0;
  let steps = 0;
  try {
    for (let epoch = 0; epoch < options.epochs; epoch++) {
      for (const batch of batches(data, options.batchSize, random)) {
        await breathe();
        const [loss, moves] = batchGradients(network, parameters, batch, options.learningRate, random);
        const next = tf.tidy(() => move(parameters, moves, anchor, options));
        tf.dispose([parameters, moves]);
        parameters = next;
        if (epoch === 0) firstEpochLoss += loss;
        steps += 1;
      }
    }
    const update = layout.toFlat(parameters);
    for (let index = 0; index < update.length; index++) {
      update[index] = (update[index] as number) - (weights[index] as number);
    }
    requireFinite("update", update, "lower the learning rate");
    return { update, samples: data.count, loss: firstEpochLoss / data.count, steps };
  } finally {
    tf.dispose([parameters, anchor]);
  }
}

/** `w - rate * (gradient + mu * (w - anchor))`; `moves` are the gradients times the rate. */
function move(
  parameters: readonly tf.Tensor[],
  moves: readonly tf.Tensor[],
  anchor: readonly tf.Tensor[],
  { learningRate, proximal = 0 }: LocalTraining,
): tf.Tensor[] {
  return parameters.map((parameter, index) => {
    const moved = tf.sub(parameter, moves[index] as tf.Tensor);
    if (proximal === 0) return moved;
    const drift = tf.sub(parameter, anchor[index] as tf.Tensor);
    return tf.sub(moved, tf.mul(drift, learningRate * proximal));
  });
}

/** FedSGD: the negative gradient of the mean loss over all samples. */
export async function wholeGradient(
  network: Network,
  layout: FlatLayout,
  weights: Float32Array,
  data: Dataset,
  options: LocalTraining,
): Promise<LocalUpdate> {
  const random = createRandom(options.seed);
  const breathe = createBreather(options);
  const parameters = layout.toTensors(weights);
  const update = new Float32Array(layout.length);
  let loss = 0;
  let steps = 0;
  try {
    for (const batch of batches(data, LARGE_BATCH, random)) {
      await breathe();
      const share = batch.count / data.count;
      const [batchSum, moves] = batchGradients(network, parameters, batch, share, random);
      const flat = layout.toFlat(moves);
      tf.dispose(moves);
      for (let index = 0; index < flat.length; index++) {
        update[index] = (update[index] as number) - (flat[index] as number);
      }
      loss += batchSum;
      steps += 1;
    }
  } finally {
    tf.dispose(parameters);
  }
  requireFinite("gradient", update);
  return { update, samples: data.count, loss: loss / data.count, steps };
}

/** The summed loss, and `scale` times the gradients of the mean loss, of one batch. `NOT_FINITE` when it diverged. */
function batchGradients(
  network: Network,
  parameters: readonly tf.Tensor[],
  batch: Dataset,
  scale: number,
  random: Random,
): [number, tf.Tensor[]] {
  let loss = 0;
  const outputGradient = (outputs: tf.Tensor): tf.Tensor => {
    const found = batchLoss(network.outputs, outputs.dataSync<"float32">(), batch.labels);
    loss = found.loss;
    return tf.tensor(found.gradient, outputs.shape, "float32");
  };
  const gradients = tf.tidy(() => {
    const samples = tf.tensor(batch.features, [batch.count, ...batch.shape], "float32");
    return network.gradients(parameters, samples, { outputGradient, scale, random });
  });
  if (Number.isFinite(loss)) return [loss, gradients];
  tf.dispose(gradients);
  const detail: TrainingErrorDetail = { code: "NOT_FINITE", what: "loss", index: 0 };
  throw new CodedError(`loss: it is ${loss}`, detail, { advice: "lower the learning rate" });
}

function* batches(data: Dataset, size: number, random: Random): Generator<Dataset> {
  const order = shuffledIndices(data.count, random);
  for (let from = 0; from < data.count; from += size)
    yield takeSamples(data, order.subarray(from, from + size));
}

/** Called before each batch: gives way to the event loop now and then, and ends with `ABORTED`. */
function createBreather({ signal, yieldEvery = DEFAULT_YIELD_EVERY }: LocalTraining): () => Promise<void> {
  let calls = 0;
  return async () => {
    if (calls % yieldEvery === 0) await setImmediate();
    calls += 1;
    if (signal?.aborted !== true) return;
    const detail: TrainingErrorDetail = { code: "ABORTED", what: "training" };
    throw new CodedError("training was ended", detail, { cause: signal.reason });
  };
}
