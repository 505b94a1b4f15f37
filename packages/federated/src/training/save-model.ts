import { invariant } from "@sheaf/base";
import * as tf from "@tensorflow/tfjs-core";
import { disposeModel } from "../model/dispose-model.ts";
import type { Network } from "../model/network.ts";
import type { FlatLayout } from "./flat-weights.ts";

/** A LayersModel as `tf.io` takes it; the built-in classifiers end in probabilities. */
export interface SavedModel {
  readonly modelTopology: object;
  readonly weightSpecs: tf.io.WeightsManifestEntry[];
  /** The weights, one after another in order of `weightSpecs`, as 32-bit floats. */
  readonly weightData: ArrayBuffer;
}

/** The network with `weights`, as a file of TensorFlow.js holds it. */
export async function saveModel(
  network: Network,
  layout: FlatLayout,
  weights: Float32Array,
): Promise<SavedModel> {
  const parameters = layout.toTensors(weights);
  const model = await network.toLayersModel(parameters).finally(() => tf.dispose(parameters));
  try {
    let saved: tf.io.ModelArtifacts | undefined;
    await model.save(
      tf.io.withSaveHandler(async (artifacts) => {
        saved = artifacts;
        return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
      }),
    );
    invariant(saved?.modelTopology !== undefined && saved.weightSpecs !== undefined, "the model is saved");
    invariant(saved.weightData instanceof ArrayBuffer, "the weights are saved as one buffer");
    return {
      modelTopology: saved.modelTopology,
      weightSpecs: saved.weightSpecs,
      weightData: saved.weightData,
    };
  } finally {
    disposeModel(model);
  }
}
