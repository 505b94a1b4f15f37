export * from "./attack/attacks.ts";
export type { GroupRound } from "./contribution/group-round.ts";
export * from "./contribution/member-scores.ts";
export * from "./contribution/sampled-shapley.ts";
export * from "./contribution/shapley.ts";
export * from "./contribution/share-out.ts";
export * from "./contribution/utility.ts";
export {
  checkDataset,
  type Dataset,
  sampleSize,
  splitDataset,
  type Task,
  takeSamples,
  taskSchema,
} from "./data/dataset.ts";
export * from "./data/dataset-codec.ts";
export * from "./data/digits.ts";
export * from "./data/encode-table.ts";
export type { TrainingErrorDetail } from "./data/errors.ts";
export * from "./data/fit-encoding.ts";
export * from "./data/partition.ts";
export {
  type Cell,
  type Column,
  type FeatureEncoding,
  type Table,
  type TableEncoding,
  tableEncodingSchema,
} from "./data/table.ts";
export * from "./model/backend.ts";
export * from "./model/model-spec.ts";
export * from "./optimiser/optimiser.ts";
export * from "./optimiser/server-state-codec.ts";
export * from "./paillier/ciphertext-codec.ts";
export { addCiphertexts, decryptSum, encryptVector } from "./paillier/encryption.ts";
export * from "./paillier/keys.ts";
export { ciphertextCount, type Packing, slotsPerPlaintext } from "./paillier/packing.ts";
export { type Accountant, type AccountantOptions, createAccountant } from "./privacy/accountant.ts";
export * from "./privacy/analytic-gaussian.ts";
export * from "./privacy/budget.ts";
export * from "./privacy/calibrate.ts";
export * from "./privacy/clip.ts";
export * from "./privacy/conversion.ts";
export * from "./privacy/discrete-gaussian.ts";
export {
  type DistributedNoise,
  type DistributedNoiseOptions,
  distributedNoise,
  roundedNorm,
  sumDeviation,
} from "./privacy/distributed-noise.ts";
export { addCentralNoise, type CentralNoise, gaussianNoise } from "./privacy/gaussian-noise.ts";
export * from "./privacy/mechanism.ts";
export * from "./privacy/rdp.ts";
export * from "./reputation/rating.ts";
export * from "./reputation/reputation.ts";
export * from "./reputation/select-owners.ts";
export * from "./robust/aggregate.ts";
export * from "./robust/rule.ts";
export {
  decodeKeyAdvert,
  decodeKeyAdverts,
  encodeKeyAdvert,
  encodeKeyAdverts,
} from "./secagg/advert-codec.ts";
export { checkKeyAdvert, keysRootInput } from "./secagg/adverts.ts";
export * from "./secagg/codec.ts";
export { drawGraph } from "./secagg/graph.ts";
export { drawGroups } from "./secagg/groups.ts";
export { createSecaggMember } from "./secagg/member.ts";
export * from "./secagg/quantise.ts";
export { checkRound, isAbort, isRejection, leastSurvivors, thresholdFor } from "./secagg/round.ts";
export { createSecaggServer } from "./secagg/server.ts";
export { recomputeSum } from "./secagg/transcript.ts";
export * from "./secagg/types.ts";
export { wordsToBytes } from "./secagg/words.ts";
export * from "./training/cohort.ts";
export * from "./training/convergence.ts";
export type { SavedModel } from "./training/save-model.ts";
export * from "./training/schedule.ts";
export * from "./training/trainer.ts";
