import * as tf from "@tensorflow/tfjs-core";
import { layers } from "@tensorflow/tfjs-layers";
import { activationGradient } from "./activation.ts";
import { initialLimit } from "./initial-values.ts";
import type { Layer } from "./layer.ts";

const CONVOLUTION = { strides: [1, 1], pad: "same", dataFormat: "NHWC", dimRoundingMode: null } as const;

/** A convolution `kernel` x `kernel` that keeps height and width, then relu. */
export function convolutionLayer(shape: readonly number[], filters: number, kernel: number): Layer {
  const [height, width, channels] = shape as [number, number, number];
  const filterShape = [kernel, kernel, channels, filters];
  const area = kernel * kernel;
  return {
    parameters: [
      { shape: filterShape, initialLimit: initialLimit("relu", area * channels, area * filters) },
      { shape: [filters], initialLimit: 0 },
    ],
    outputShape: [height, width, filters],
    forward: ([filter, bias], input) =>
      tf.fused.conv2d({
        x: input as tf.Tensor4D,
        filter: filter as tf.Tensor4D,
        strides: 1,
        pad: "same",
        bias: bias as tf.Tensor,
        activation: "relu",
      }),
    backward([filter], { input, output }, gradient, needsInput) {
      const dy = activationGradient("relu", output, gradient);
      const parameters = [
        runKernel("Conv2DBackpropFilter", { x: input, dy }, { ...CONVOLUTION, filterShape }),
        tf.sum(dy, [0, 1, 2]),
      ];
      if (!needsInput) return { parameters };
      const attributes = { ...CONVOLUTION, inputShape: input.shape };
      return {
        parameters,
        input: runKernel("Conv2DBackpropInput", { dy, filter: filter as tf.Tensor }, attributes),
      };
    },
    toLayer: (name, inputShape) =>
      layers.conv2d({
        filters,
        kernelSize: kernel,
        padding: "same",
        activation: "relu",
        name,
        ...inputShape,
      }),
    toSaved: (parameters) => [...parameters],
  };
}

/** 2 x 2 maxima at stride 2; an odd last line or column is kept. */
export function maxPoolingLayer(shape: readonly number[]): Layer {
  const [height, width, channels] = shape as [number, number, number];
  const attributes = { filterSize: [2, 2], strides: [2, 2], pad: "same", dimRoundingMode: null };
  return {
    parameters: [],
    outputShape: [Math.ceil(height / 2), Math.ceil(width / 2), channels],
    forward: (_, input) => tf.maxPool(input as tf.Tensor4D, 2, 2, "same"),
    backward: (_, { input, output }, dy, needsInput) =>
      needsInput
        ? { parameters: [], input: runKernel("MaxPoolGrad", { dy, input, output }, attributes) }
        : { parameters: [] },
    toLayer: (name, inputShape) =>
      layers.maxPooling2d({ poolSize: 2, strides: 2, padding: "same", name, ...inputShape }),
    toSaved: () => [],
  };
}

function runKernel(name: string, inputs: tf.NamedTensorMap, attributes: object): tf.Tensor {
  return tf.engine().runKernel(name, inputs, attributes as tf.NamedAttrMap) as tf.Tensor;
}
