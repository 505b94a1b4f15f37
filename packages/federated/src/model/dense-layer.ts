import * as tf from "@tensorflow/tfjs-core";
import { layers } from "@tensorflow/tfjs-layers";
import { type Activation, activate, activationGradient } from "./activation.ts";
import { initialLimit } from "./initial-values.ts";
import type { Layer } from "./layer.ts";

/**
 * `activation(kernel * input + bias)` of (inputs, batch), with a kernel of (units, inputs). `saved` names the
 * activation of its LayersModel.
 */
export function denseLayer(
  inputs: number,
  units: number,
  activation: Activation,
  saved: Activation | "softmax" = activation,
): Layer {
  return {
    parameters: [
      { shape: [units, inputs], initialLimit: initialLimit(activation, inputs, units) },
      { shape: [units, 1], initialLimit: 0 },
    ],
    outputShape: [units],
    forward: ([kernel, bias], input) =>
      activate(activation, tf.add(tf.matMul(kernel as tf.Tensor, input), bias as tf.Tensor)),
    backward([kernel], { input, output }, gradient, needsInput) {
      const inner = activationGradient(activation, output, gradient);
      const parameters = [tf.matMul(inner, input, false, true), tf.sum(inner, 1, true)];
      return needsInput
        ? { parameters, input: tf.matMul(kernel as tf.Tensor, inner, true, false) }
        : { parameters };
    },
    toLayer: (name, shape) => layers.dense({ units, activation: saved, name, ...shape }),
    toSaved: ([kernel, bias]) => [tf.transpose(kernel as tf.Tensor), tf.reshape(bias as tf.Tensor, [units])],
  };
}

/** All features of a sample in one column. */
export function flattenLayer(shape: readonly number[]): Layer {
  const size = shape.reduce((product, length) => product * length, 1);
  return {
    parameters: [],
    outputShape: [size],
    forward: (_, input) => tf.transpose(tf.reshape(input, [-1, size])),
    backward: (_, { input }, gradient, needsInput) =>
      needsInput
        ? { parameters: [], input: tf.reshape(tf.transpose(gradient), input.shape) }
        : { parameters: [] },
    toLayer: (name, inputShape) => (shape.length === 1 ? undefined : layers.flatten({ name, ...inputShape })),
    toSaved: () => [],
  };
}
