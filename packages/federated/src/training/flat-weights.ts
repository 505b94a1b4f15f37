import * as tf from "@tensorflow/tfjs-core";
import { requireFinite, requireShape } from "../data/errors.ts";

/** How the parameters of a model lie in one flat vector. */
export interface FlatLayout {
  readonly length: number;
  /** One tensor for each parameter. `WRONG_SHAPE` or `NOT_FINITE` when the vector is not one of weights. */
  toTensors(weights: Float32Array): tf.Tensor[];
  toFlat(tensors: readonly tf.Tensor[]): Float32Array;
}

export function flatLayout(shapes: readonly (readonly number[])[]): FlatLayout {
  const sizes = shapes.map((shape) => shape.reduce((product, size) => product * size, 1));
  const length = sizes.reduce((sum, size) => sum + size, 0);
  const offsets = sizes.map((_, index) => sizes.slice(0, index).reduce((sum, size) => sum + size, 0));
  return {
    length,
    toTensors(weights) {
      requireShape("weights", length, weights.length);
      requireFinite("weights", weights);
      return shapes.map((shape, index) => {
        const from = offsets[index] as number;
        return tf.tensor(weights.slice(from, from + (sizes[index] as number)), [...shape], "float32");
      });
    },
    toFlat(tensors) {
      const flat = new Float32Array(length);
      tensors.forEach((tensor, index) => {
        flat.set(tensor.dataSync(), offsets[index]);
      });
      return flat;
    },
  };
}
