import { exactShapleyLimit } from "@sheaf/federated";
import { partsOf } from "@sheaf/marketplace";
import type { TrainFlags } from "./plan-training.ts";
import type { Training } from "./training-file.ts";

/**
 * A flag must not break a field that nobody named: what no longer fits `flags` follows them, and what a flag says
 * stays. `training` is the file's with the flags set; one without flags is given back as it is.
 */
export function followFlags(training: Training, flags: TrainFlags): Training {
  return [followRounds, followOwners, followGroups, followModel, followContribution].reduce(
    (followed, follow) => follow(followed, flags),
    training,
  );
}

type Follow = (training: Training, flags: TrainFlags) => Training;

const followRounds: Follow = (file, { optimiser, localEpochs }) => {
  const { training } = file;
  const { convergence, rounds } = training;
  const minRounds = Math.min(convergence.minRounds, rounds);
  const oneEpoch = optimiser === "fedsgd" && localEpochs === undefined ? { localEpochs: 1 } : {};
  return { ...file, training: { ...training, ...oneEpoch, convergence: { ...convergence, minRounds } } };
};

const followOwners: Follow = (file, { cohort: named, owners: changed }) => {
  const { owners, training } = file;
  if (named !== undefined || changed === undefined || training.cohort === "all") return file;
  return { ...file, training: { ...training, cohort: Math.min(training.cohort, owners) } };
};

const followGroups: Follow = (file, flags) => {
  const { privacy } = file;
  const { groupSize } = privacy.secagg;
  if (flags.groupSize !== undefined || groupSize === "cohort") return file;
  const resized = (size: number | "cohort"): Training => ({
    ...file,
    privacy: { ...privacy, secagg: { ...privacy.secagg, groupSize: size } },
  });
  // Only the data tells how many owners there will be; one sum of all works for any number.
  if (flags.partition !== undefined && file.partition.kind === "column") return resized("cohort");
  if (flags.owners === undefined && flags.cohort === undefined) return file;
  return groupSize > membersOf(file) ? resized(membersOf(file)) : file;
};

/** Models for samples of a certain shape. */
const PICTURES: ReadonlySet<string> = new Set(["cnn", "layers"]);

/** The samples of a table have another shape than the file's; a network of dense layers learns classes and numbers alike. */
const followModel: Follow = (file, { data, model }) =>
  data !== undefined && file.data.kind === "table" && model === undefined && PICTURES.has(file.model.kind)
    ? { ...file, model: { kind: "mlp", hidden: [32] } }
    : file;

const followContribution: Follow = (file, flags) => {
  const { contribution, training } = file;
  const { contribution: named, owners, cohort, privacy, groupSize, partition } = flags;
  const changed = [owners, cohort, privacy, groupSize, partition].some((flag) => flag !== undefined);
  if (named !== undefined || !changed || contribution.method === "participation") return file;
  const parts = partsOf(file, membersOf(file));
  if (parts < 2) return { ...file, contribution: { ...contribution, method: "participation" } };
  const isLarge = training.cohort === "all" || parts > exactShapleyLimit;
  if (contribution.method !== "shapley" || !isLarge) return file;
  return { ...file, contribution: { ...contribution, method: "gtg" } };
};

/** Owners asked in a round, where the data does not say otherwise. */
function membersOf({ owners, training: { cohort } }: Training): number {
  return cohort === "all" ? owners : Math.min(cohort, owners);
}
