import type { LayersModel } from "@tensorflow/tfjs-layers";

/** Frees the weights, those of inner models too, which `LayersModel.dispose` leaves behind. */
export function disposeModel(model: LayersModel): void {
  for (const weight of model.weights) weight.dispose();
}
