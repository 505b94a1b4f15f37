import { createRandom, invalidInput } from "@sheaf/base";
import { checkDataset, type Dataset, type Task } from "../data/dataset.ts";
import { requireShape } from "../data/errors.ts";
import { initBackend } from "../model/backend.ts";
import { createNetwork } from "../model/create-network.ts";
import type { ModelSpec } from "../model/model-spec.ts";
import { evaluateModel } from "./evaluate.ts";
import { flatLayout } from "./flat-weights.ts";
import { descend, wholeGradient } from "./local-training.ts";
import { type SavedModel, saveModel } from "./save-model.ts";

export interface LocalTraining {
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  /** FedProx: the weight `mu` of half the squared distance to the global model. */
  readonly proximal?: number;
  /** FedSGD: one gradient over all samples; epochs, learning rate and `proximal` are not used. */
  readonly gradientOnly?: boolean;
  /** Of the order of samples (and of dropout): the same seed gives the same update. */
  readonly seed: string;
  /** Ends the training with `ABORTED`. */
  readonly signal?: AbortSignal;
  /** Batches between turns of the event loop; 16 unless told. */
  readonly yieldEvery?: number;
}

export interface LocalUpdate {
  /** New weights less old; with `gradientOnly` the negative gradient. */
  readonly update: Float32Array;
  readonly samples: number;
  /** Mean over the samples of the first epoch, each with the weights its batch started from. */
  readonly loss: number;
  /** Batches. */
  readonly steps: number;
}

export interface Evaluation {
  /** Cross-entropy (natural logarithm), or mean squared error. */
  readonly loss: number;
  /** Share of right classes, 0 to 1; `null` for a regression. */
  readonly accuracy: number | null;
  /** Root of the mean squared error; `null` for a classification. */
  readonly rmse: number | null;
  /** Counts by actual class (row) and predicted class (column). */
  readonly confusion?: readonly (readonly number[])[];
}

/**
 * Trains one model on one owner's samples. Weights come and go as one flat vector. It holds no weights between
 * calls, so one trainer serves any number of owners; calls may overlap.
 */
export interface Trainer {
  /** The length of the flat vector. */
  readonly parameters: number;
  /** From the trainer's seed: the same at each call, on every machine. */
  initialWeights(): Float32Array;
  /**
   * Local epochs of stochastic gradient descent. `WRONG_SHAPE`, `NOT_FINITE` (samples, weights, or a training
   * that diverged), `INVALID_INPUT` (no samples, labels out of range), `ABORTED`.
   */
  train(weights: Float32Array, data: Dataset, options: LocalTraining): Promise<LocalUpdate>;
  /** Raises as `train` does. */
  evaluate(weights: Float32Array, data: Dataset): Promise<Evaluation>;
  toLayersModel(weights: Float32Array): Promise<SavedModel>;
  dispose(): void;
}

export interface TrainerOptions {
  readonly model: ModelSpec;
  readonly task: Task;
  /** Of one sample. */
  readonly shape: readonly number[];
  /** Of the initial weights. */
  readonly seed: string;
}

/** Starts a backend if none runs. `INVALID_INPUT` when the model does not fit the task or the samples. */
export async function createTrainer({ model, task, shape, seed }: TrainerOptions): Promise<Trainer> {
  await initBackend();
  const network = await createNetwork(model, task, shape);
  const layout = flatLayout(network.shapes);
  const check = (data: Dataset): void => {
    requireShape("task of the samples", JSON.stringify(task), JSON.stringify(data.task));
    requireShape("shape of a sample", shape, data.shape);
    checkDataset(data);
    if (data.count === 0) throw invalidInput("dataset", "has no samples");
  };
  return {
    parameters: layout.length,
    initialWeights: () => network.initialParameters(createRandom(seed).fork("initial weights")),
    async train(weights, data, options) {
      check(data);
      checkLocalTraining(options);
      const run = options.gradientOnly === true ? wholeGradient : descend;
      return run(network, layout, weights, data, options);
    },
    async evaluate(weights, data) {
      check(data);
      return evaluateModel(network, layout, weights, data);
    },
    toLayersModel: (weights) => saveModel(network, layout, weights),
    dispose: () => network.dispose(),
  };
}

function checkLocalTraining({ epochs, batchSize, learningRate, proximal = 0 }: LocalTraining): void {
  if (!(Number.isInteger(epochs) && epochs >= 1)) throw invalidInput("epochs", `${epochs} is not a count`);
  if (!(Number.isInteger(batchSize) && batchSize >= 1)) {
    throw invalidInput("batch size", `${batchSize} is not a count`);
  }
  if (!(Number.isFinite(learningRate) && learningRate > 0)) {
    throw invalidInput("learning rate", `${learningRate} is not above 0`);
  }
  if (!(Number.isFinite(proximal) && proximal >= 0)) throw invalidInput("mu", `${proximal} is below 0`);
}
