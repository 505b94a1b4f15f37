import type { Random } from "@sheaf/base";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";

export interface GradientOptions {
  /** Called once with the outputs of the batch; gives the gradient of the batch's loss by them. */
  readonly outputGradient: (outputs: Tensor) => Tensor;
  /** All gradients are multiplied by this. */
  readonly scale: number;
  /** For what the model draws while training (dropout). */
  readonly random: Random;
}

/**
 * A model without weights: it gets them with every call, one tensor for each of `shapes`. `forward` and
 * `gradients` belong in a `tf.tidy`.
 */
export interface Network {
  /** Of the parameters, in their order in the flat vector. */
  readonly shapes: readonly (readonly number[])[];
  /** What it puts out for each class; a regression puts out one number, `values`. */
  readonly outputs: "logits" | "probabilities" | "values";
  /** All parameters in one flat vector. */
  initialParameters(random: Random): Float32Array;
  /** Samples (batch, ...shape) to outputs (batch, outputs). */
  forward(parameters: readonly Tensor[], samples: Tensor): Tensor;
  /** The gradients of the loss by the parameters. */
  gradients(parameters: readonly Tensor[], samples: Tensor, options: GradientOptions): Tensor[];
  /** The same as a LayersModel with these weights; the caller disposes of it. */
  toLayersModel(parameters: readonly Tensor[]): Promise<LayersModel>;
  dispose(): void;
}
