import type { Tensor } from "@tensorflow/tfjs-core";
import type { Sequential } from "@tensorflow/tfjs-layers";

/** A layer of a LayersModel. */
export type SavedLayer = Parameters<Sequential["add"]>[0];

export interface Parameter {
  readonly shape: readonly number[];
  /** Starts uniform in plus or minus this; 0 for biases. */
  readonly initialLimit: number;
}

/** What `forward` met: a batch's input and output. */
export interface Passed {
  readonly input: Tensor;
  readonly output: Tensor;
}

export interface Backward {
  /** By the layer's input; left out when nobody asked for it. */
  readonly input?: Tensor;
  /** One for each parameter. */
  readonly parameters: readonly Tensor[];
}

/**
 * A layer as plain mathematics: no tape records it. Images pass as (batch, height, width, channels). Features
 * pass as (features, batch): the fast product of the wasm backend repacks its right factor at each new value, so
 * that is the batch and not the weights.
 */
export interface Layer {
  readonly parameters: readonly Parameter[];
  /** Of one sample after this layer. */
  readonly outputShape: readonly number[];
  forward(parameters: readonly Tensor[], input: Tensor): Tensor;
  /** Gradients from the gradient by the output. */
  backward(parameters: readonly Tensor[], passed: Passed, gradient: Tensor, needsInput: boolean): Backward;
  /** The same layer for a LayersModel, if that needs one. `inputShape` is set for the first. */
  toLayer(name: string, inputShape: { readonly inputShape?: number[] }): SavedLayer | undefined;
  /** The parameters as that layer has them. */
  toSaved(parameters: readonly Tensor[]): Tensor[];
}
