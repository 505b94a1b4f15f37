import type { Network } from "../model/network.ts";

/** Below this a probability counts as this: its logarithm and inverse stay finite in 32 bits. */
const SMALLEST_PROBABILITY = 1e-30;

export interface BatchLoss {
  /** Summed over the batch. */
  readonly loss: number;
  /** Of the batch's mean loss by each output. */
  readonly gradient: Float32Array;
}

/**
 * Cross-entropy of logits or probabilities (`width` outputs a sample; labels are class indices), or squared
 * error of values. The loss is NaN when an output is.
 */
export function batchLoss(kind: Network["outputs"], outputs: Float32Array, labels: Float32Array): BatchLoss {
  const gradient = new Float32Array(outputs.length);
  const width = outputs.length / labels.length;
  let loss = 0;
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row] as number;
    const from = row * width;
    if (kind === "values") {
      const error = (outputs[from] as number) - label;
      loss += error * error;
      gradient[from] = (2 * error) / labels.length;
    } else if (kind === "probabilities") {
      const probability = Math.max(outputs[from + label] as number, SMALLEST_PROBABILITY);
      loss -= Math.log(probability);
      gradient[from + label] = -1 / (probability * labels.length);
    } else {
      loss += softmaxLoss(
        outputs.subarray(from, from + width),
        label,
        gradient.subarray(from),
        labels.length,
      );
    }
  }
  return { loss, gradient };
}

function softmaxLoss(logits: Float32Array, label: number, gradient: Float32Array, samples: number): number {
  let top = Number.NEGATIVE_INFINITY;
  for (const logit of logits) top = Math.max(top, logit);
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - top);
  for (let index = 0; index < logits.length; index++) {
    const probability = Math.exp((logits[index] as number) - top) / sum;
    gradient[index] = (probability - (index === label ? 1 : 0)) / samples;
  }
  return Math.log(sum) + top - (logits[label] as number);
}
