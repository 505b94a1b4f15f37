import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createTrainer, initBackend } from "@sheaf/federated";
import type { JobSpec } from "@sheaf/marketplace";

/**
 * Writes a trained model as TensorFlow.js loads it (`tf.loadLayersModel`): `model.json`, and `weights.bin` beside it.
 * `weights` are as many as the model of the specification has.
 */
export async function saveModel(
  { model, task, shape, seed }: JobSpec,
  weights: Float32Array,
  dir: string,
): Promise<void> {
  await initBackend();
  const trainer = await createTrainer({ model, task, shape, seed });
  try {
    const { modelTopology, weightSpecs, weightData } = await trainer.toLayersModel(weights);
    await mkdir(dir, { recursive: true });
    const json = {
      format: "layers-model",
      generatedBy: "Sheaf",
      convertedBy: null,
      modelTopology,
      weightsManifest: [{ paths: ["weights.bin"], weights: weightSpecs }],
    };
    await writeFile(join(dir, "weights.bin"), Buffer.from(weightData));
    await writeFile(join(dir, "model.json"), `${JSON.stringify(json)}\n`);
  } finally {
    trainer.dispose();
  }
}
