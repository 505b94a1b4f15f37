import { setImmediate } from "node:timers/promises";
import * as tf from "@tensorflow/tfjs-core";
import { type Dataset, sampleSize } from "../data/dataset.ts";
import type { Network } from "../model/network.ts";
import type { FlatLayout } from "./flat-weights.ts";
import { LARGE_BATCH } from "./local-training.ts";
import { batchLoss } from "./loss.ts";
import type { Evaluation } from "./trainer.ts";

/** Loss and quality of `weights` on all of `data`. */
export async function evaluateModel(
  network: Network,
  layout: FlatLayout,
  weights: Float32Array,
  data: Dataset,
): Promise<Evaluation> {
  const { task, labels } = data;
  const classes = task.kind === "classification" ? task.classes : 0;
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  const size = sampleSize(data.shape);
  const parameters = layout.toTensors(weights);
  let loss = 0;
  try {
    for (let from = 0; from < data.count; from += LARGE_BATCH) {
      await setImmediate();
      const to = Math.min(data.count, from + LARGE_BATCH);
      const outputs = tf.tidy(() => {
        const samples = tf.tensor(data.features.slice(from * size, to * size), [to - from, ...data.shape]);
        return network.forward(parameters, samples).dataSync<"float32">();
      });
      loss += batchLoss(network.outputs, outputs, labels.subarray(from, to)).loss;
      for (let row = from; row < to && classes > 0; row++) {
        const found = largestAt(outputs.subarray((row - from) * classes, (row - from + 1) * classes));
        const counts = confusion[labels[row] as number] as number[];
        counts[found] = (counts[found] as number) + 1;
      }
    }
  } finally {
    tf.dispose(parameters);
  }
  const mean = loss / data.count;
  if (task.kind === "regression") return { loss: mean, accuracy: null, rmse: Math.sqrt(mean) };
  const right = confusion.reduce((sum, counts, label) => sum + (counts[label] as number), 0);
  return { loss: mean, accuracy: right / data.count, rmse: null, confusion };
}

function largestAt(values: Float32Array): number {
  let at = 0;
  for (let index = 1; index < values.length; index++) {
    if ((values[index] as number) > (values[at] as number)) at = index;
  }
  return at;
}
