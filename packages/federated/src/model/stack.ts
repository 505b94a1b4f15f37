import * as tf from "@tensorflow/tfjs-core";
import { sequential } from "@tensorflow/tfjs-layers";
import { sampleSize } from "../data/dataset.ts";
import { concatFloats, uniform } from "./initial-values.ts";
import type { Layer, Passed } from "./layer.ts";
import type { Network } from "./network.ts";

type Tensors = readonly tf.Tensor[];

/** Layers one after another, the last one dense; they are trained without TensorFlow.js's tape. */
export function stackNetwork(
  shape: readonly number[],
  layers: readonly Layer[],
  outputs: Network["outputs"],
): Network {
  const parameters = layers.flatMap((layer) => layer.parameters);
  const firstTrained = layers.findIndex((layer) => layer.parameters.length > 0);
  return {
    shapes: parameters.map((parameter) => parameter.shape),
    outputs,
    initialParameters: (random) =>
      concatFloats(
        parameters.map(({ shape: size, initialLimit }) =>
          initialLimit === 0 ? new Float32Array(sampleSize(size)) : uniform(size, initialLimit, random),
        ),
      ),
    forward: (all, samples) => outputOf(pass(layers, byLayer(layers, all), samples)),
    gradients(all, samples, { outputGradient, scale }) {
      const owned = byLayer(layers, all);
      const passed = pass(layers, owned, samples);
      let gradient = tf.mul(tf.transpose(outputGradient(outputOf(passed))), scale);
      const found: tf.Tensor[][] = [];
      for (let index = layers.length - 1; index >= firstTrained; index--) {
        const [layer, own, values] = [layers[index], owned[index], passed[index]] as [Layer, Tensors, Passed];
        const back = layer.backward(own, values, gradient, index > firstTrained);
        found.unshift([...back.parameters]);
        gradient = back.input ?? gradient;
      }
      return found.flat();
    },
    async toLayersModel(all) {
      const model = sequential();
      for (const layer of layers) {
        const index = model.layers.length;
        const saved = layer.toLayer(`layer_${index}`, index === 0 ? { inputShape: [...shape] } : {});
        if (saved !== undefined) model.add(saved);
      }
      tf.tidy(() => {
        const owned = byLayer(layers, all);
        model.setWeights(layers.flatMap((layer, index) => layer.toSaved(owned[index] ?? [])));
      });
      return model;
    },
    dispose: () => undefined,
  };
}

/** The parameters of each layer. */
function byLayer(layers: readonly Layer[], parameters: Tensors): Tensors[] {
  let end = 0;
  return layers.map((layer) => {
    end += layer.parameters.length;
    return parameters.slice(end - layer.parameters.length, end);
  });
}

/** What each layer meets when `samples` pass. */
function pass(layers: readonly Layer[], parameters: readonly Tensors[], samples: tf.Tensor): Passed[] {
  let input = samples;
  return layers.map((layer, index) => {
    const passed = { input, output: layer.forward(parameters[index] ?? [], input) };
    input = passed.output;
    return passed;
  });
}

/** (batch, outputs) of the last layer's (outputs, batch). */
function outputOf(passed: readonly Passed[]): tf.Tensor {
  return tf.transpose((passed.at(-1) as Passed).output);
}
