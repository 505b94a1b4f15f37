import { invalidInput } from "@sheaf/base";
import { sampleSize, type Task } from "../data/dataset.ts";
import type { Activation } from "./activation.ts";
import { convolutionLayer, maxPoolingLayer } from "./convolution-layer.ts";
import { denseLayer, flattenLayer } from "./dense-layer.ts";
import type { Layer } from "./layer.ts";
import { layersNetwork } from "./layers-network.ts";
import type { ModelSpec } from "./model-spec.ts";
import type { Network } from "./network.ts";
import { stackNetwork } from "./stack.ts";

/** The network of a specification. `INVALID_INPUT` when it does not fit the task or the samples. */
export async function createNetwork(
  model: ModelSpec,
  task: Task,
  shape: readonly number[],
): Promise<Network> {
  if (shape.length === 0 || shape.some((size) => !Number.isInteger(size) || size < 1)) {
    throw invalidInput("shape of the samples", `[${shape}] is not a list of sizes`);
  }
  if (model.kind === "layers") return layersNetwork(model.model, task, shape);
  if (model.kind === "softmax" && task.kind !== "classification") {
    throw invalidInput("model", "softmax regression learns classes, the task is a regression", "take linear");
  }
  if (model.kind === "linear" && task.kind !== "regression") {
    throw invalidInput(
      "model",
      "linear regression learns a number, the task is a classification",
      "take softmax",
    );
  }
  const layers = model.kind === "cnn" ? convolutions(model, shape) : [flattenLayer(shape)];
  const [hidden, activation] = denseSizes(model);
  let size = sampleSize(layers.at(-1)?.outputShape ?? shape);
  for (const units of hidden) {
    layers.push(denseLayer(size, units, activation));
    size = units;
  }
  if (task.kind === "regression")
    return stackNetwork(shape, [...layers, denseLayer(size, 1, "linear")], "values");
  return stackNetwork(shape, [...layers, denseLayer(size, task.classes, "linear", "softmax")], "logits");
}

function denseSizes(model: Exclude<ModelSpec, { kind: "layers" }>): [readonly number[], Activation] {
  if (model.kind === "mlp") return [model.hidden, model.activation ?? "relu"];
  return [model.kind === "cnn" ? [model.dense] : [], "relu"];
}

function convolutions(model: ModelSpec & { kind: "cnn" }, shape: readonly number[]): Layer[] {
  if (shape.length !== 3) {
    throw invalidInput(
      "model",
      `a convolutional model needs samples of [height, width, channels], they are [${shape}]`,
      "take mlp",
    );
  }
  const layers: Layer[] = [];
  let at = shape;
  for (const filters of model.filters) {
    const convolution = convolutionLayer(at, filters, model.kernel);
    const pooling = maxPoolingLayer(convolution.outputShape);
    layers.push(convolution, pooling);
    at = pooling.outputShape;
  }
  return [...layers, flattenLayer(at)];
}
