import { type AggregationRule, learningRateAt, type ModelSpec } from "@sheaf/federated";
import type { JobSpec } from "@sheaf/marketplace";
import type { PrivacyRecord, TrainingJob } from "@sheaf/measure";
import type { Training } from "../training-file.ts";

export type { JobSpec };

/** What a job's specification says, in the words of a report. */
export function planInWords(
  spec: JobSpec,
  training: Training,
  facts: {
    readonly parameters: number;
    readonly backend: string;
    readonly source: string;
    readonly trainSamples: number;
    readonly testSamples: number;
  },
): TrainingJob["plan"] {
  const { parameters, backend, ...data } = facts;
  const { optimiser, rounds, cohort, localEpochs, batchSize } = spec.training;
  return {
    task: spec.task,
    model: modelInWords(spec.model, spec.shape, spec.task.kind === "classification" ? spec.task.classes : 1),
    parameters,
    data: { ...data, partition: partitionInWords(training.partition) },
    optimiser: `${OPTIMISERS[optimiser.kind]}, server learning rate ${optimiser.serverLearningRate}`,
    maxRounds: rounds,
    cohort,
    localEpochs,
    batchSize,
    aggregationRule: ruleInWords(spec.aggregation),
    backend,
  };
}

/** How updates were hidden; in parts as the record wants them. */
export function privacyOf({ privacy }: JobSpec): PrivacyRecord {
  const { mode, secagg, dp, paillier } = privacy;
  const quantised = secagg ?? paillier;
  return {
    mode,
    secagg:
      secagg === undefined
        ? null
        : { groupSize: secagg.groupSize, threshold: secagg.threshold, neighbours: secagg.neighbours },
    quantisation: quantised === undefined ? null : { bits: quantised.bits, clip: quantised.clip },
    dp: dp === undefined ? null : dp,
    paillier: paillier === undefined ? null : { keyBits: paillier.keyBits },
  };
}

/** The owners' learning rate in a round. */
export function learningRateOf(spec: JobSpec, round: number): number {
  return learningRateAt(spec.training.learningRate, round);
}

const OPTIMISERS = { fedsgd: "FedSGD", fedavg: "FedAvg", fedprox: "FedProx", fedadam: "FedAdam" } as const;

function modelInWords(model: ModelSpec, shape: readonly number[], outputs: number): string {
  switch (model.kind) {
    case "softmax":
      return `softmax regression ${shape.join("x")}-${outputs}`;
    case "linear":
      return `linear regression ${shape.join("x")}-1`;
    case "mlp":
      return `MLP ${[shape.reduce((product, size) => product * size, 1), ...model.hidden, outputs].join("-")}`;
    case "cnn":
      return `CNN ${shape.join("x")}, filters ${model.filters.join("-")} (${model.kernel}x${model.kernel}), dense ${model.dense}-${outputs}`;
    case "layers":
      return "a LayersModel of the consumer's";
  }
}

export function partitionInWords(partition: Training["partition"]): string {
  switch (partition.kind) {
    case "iid":
      return "IID";
    case "shards":
      return `by label, ${partition.shardsPerOwner} shards an owner`;
    case "dirichlet":
      return `Dirichlet, alpha ${partition.alpha}`;
    case "column":
      return `one owner for each ${partition.column}`;
  }
}

function ruleInWords(rule: AggregationRule): string {
  switch (rule.kind) {
    case "mean":
    case "median":
      return rule.kind;
    case "trimmed-mean":
      return `trimmed mean, ${rule.trim} at each end`;
    case "krum":
      return `Krum, ${rule.byzantine} byzantine`;
    case "multi-krum":
      return `multi-Krum, ${rule.byzantine} byzantine, keep ${rule.keep}`;
  }
}
