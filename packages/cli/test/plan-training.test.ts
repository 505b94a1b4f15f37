import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CodedError } from "@sheaf/base";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { layout } from "../src/layout.ts";
import { planTraining, type TrainFlags } from "../src/train/plan-training.ts";
import { loadTraining } from "../src/train/training-file.ts";

const file = await loadTraining("digits", layout.benchmarks);
const plan = (flags: TrainFlags) => planTraining(file, flags);

function refusal(flags: TrainFlags): string {
  try {
    plan(flags);
  } catch (error) {
    expect(error).toBeInstanceOf(CodedError);
    expect((error as CodedError).code).toBe("INVALID_INPUT");
    return (error as CodedError).message;
  }
  return "accepted";
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sheaf-plan-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the plan of a training", () => {
  it("is the file when no flag is given", () => {
    expect(plan({})).toEqual({
      name: "digits",
      training: file.training,
      seed: "sheaf",
      chains: undefined,
      broker: undefined,
    });
  });

  it("applies every flag", async () => {
    const topology = join(folder, "model.json");
    await writeFile(topology, JSON.stringify({ modelTopology: { class_name: "Sequential", config: [] } }));
    const { training, seed, chains, broker } = plan({
      owners: "12",
      rounds: "7",
      cohort: "10",
      privacy: "secagg+dp",
      groupSize: "5",
      epsilon: "8.5",
      noise: "1.25",
      model: topology,
      partition: "shards:3",
      optimiser: "fedadam",
      localEpochs: "2",
      batch: "32",
      lr: "0.05",
      aggregation: "multi-krum:0,2",
      contribution: "gtg",
      attack: ["sign-flip:2", "free-rider"],
      vanish: ["unmask:3:2", "keys"],
      killAnalyst: "4:confirm",
      jobs: "2",
      chains: "3",
      price: "1000",
      broker: "mqtts://broker.example:8883",
      network: "n.yaml",
      seed: "s",
    });
    expect(training).toMatchObject({
      owners: 12,
      model: { kind: "layers", model: { class_name: "Sequential" } },
      partition: { kind: "shards", shardsPerOwner: 3 },
      training: {
        rounds: 7,
        cohort: 10,
        optimiser: { kind: "fedadam" },
        localEpochs: 2,
        batchSize: 32,
        learningRate: { kind: "constant", initial: 0.05 },
      },
      privacy: {
        mode: "secagg+dp",
        secagg: { groupSize: 5 },
        dp: { epsilonBudget: 8.5, noiseMultiplier: 1.25 },
      },
      aggregation: { kind: "multi-krum", byzantine: 0, keep: 2 },
      contribution: { method: "gtg" },
      attackers: [
        { kind: "sign-flip", owners: 2 },
        { kind: "free-rider", owners: 1 },
      ],
      faults: [
        { kind: "owners-vanish", phase: "unmask", round: 3, owners: 2 },
        { kind: "owners-vanish", phase: "keys", round: 2, owners: 1 },
        { kind: "analyst-dies", round: 4, phase: "confirm" },
      ],
      jobs: 2,
      priceWei: "1000",
    });
    expect(training.network).toBe(join(process.cwd(), "n.yaml"));
    expect([seed, chains, broker]).toEqual(["s", 3, "mqtts://broker.example:8883"]);
  });

  it("reads the short forms", () => {
    const models = ["softmax", "linear", "mlp:32,16", "cnn:4,8"].map(
      (model) => plan({ model }).training.model,
    );
    expect(models).toMatchObject([
      { kind: "softmax" },
      { kind: "linear" },
      { kind: "mlp", hidden: [32, 16] },
      { kind: "cnn", filters: [4, 8], kernel: 3 },
    ]);
    const rules = ["mean", "median", "trimmed-mean:0.1", "krum:2"].map(
      (aggregation) => plan({ aggregation }).training.aggregation,
    );
    expect(rules).toMatchObject([
      { kind: "mean" },
      { kind: "median" },
      { kind: "trimmed-mean", trim: 0.1 },
      { kind: "krum", byzantine: 2 },
    ]);
    expect(plan({ partition: "dirichlet:0.3" }).training.partition).toEqual({
      kind: "dirichlet",
      alpha: 0.3,
    });
    expect(plan({ cohort: "all", groupSize: "cohort" }).training).toMatchObject({
      training: { cohort: "all" },
      privacy: { secagg: { groupSize: "cohort" } },
    });
    expect(plan({ data: "x.csv", label: "y", partition: "column:site" }).training).toMatchObject({
      data: { kind: "table", file: join(process.cwd(), "x.csv"), label: "y" },
      partition: { kind: "column", column: "site" },
    });
    expect(plan({ data: "x.csv", label: "y" }).training.partition).toEqual({ kind: "iid" });
    expect(plan({ data: "dir/x.csv", label: "y" }).training.title).toBe("Training on x.csv");
  });

  it("lets the cohort and the least rounds follow a number that was changed", () => {
    expect(plan({ owners: "8" }).training.training.cohort).toBe(8);
    expect(plan({ rounds: "2" }).training.training.convergence.minRounds).toBe(2);
  });

  it.each<readonly [TrainFlags, string, number | "cohort"]>([
    [{ privacy: "none" }, "gtg", 5],
    [{ privacy: "dp" }, "gtg", 5],
    [{ privacy: "paillier" }, "participation", 5],
    [{ privacy: "secagg+dp", owners: "5" }, "participation", 5],
    [{ owners: "4" }, "participation", 4],
    [{ groupSize: "cohort" }, "participation", "cohort"],
    [{ owners: "10" }, "shapley", 5],
    [{ data: "x.csv", label: "y", partition: "column:site" }, "participation", "cohort"],
    [{ privacy: "none", contribution: "shapley" }, "shapley", 5],
  ])("lets contribution and groups follow %j", (flags, method, groupSize) => {
    const { contribution, privacy } = plan(flags).training;
    expect([contribution.method, privacy.secagg.groupSize]).toEqual([method, groupSize]);
  });

  it("lets the model follow data of another shape, and the epochs a gradient", () => {
    expect(plan({ data: "x.csv", label: "y" }).training.model).toEqual({ kind: "mlp", hidden: [32] });
    expect(plan({ data: "x.csv", label: "y", model: "linear" }).training.model).toEqual({ kind: "linear" });
    expect(plan({ optimiser: "fedsgd" }).training.training.localEpochs).toBe(1);
    expect(plan({ optimiser: "fedsgd", localEpochs: "3" }).training.training.localEpochs).toBe(3);
  });

  const refused: readonly (readonly [TrainFlags, string])[] = [
    ...["2", "257", "-4", "many", "1e2", ""].map((owners) => [{ owners }, "--owners"] as const),
    ...["0", "65536", "2.5"].map((rounds) => [{ rounds }, "--rounds"] as const),
    ...["2", "some", "21"].map((cohort) => [{ cohort }, "--cohort"] as const),
    [{ owners: "5", cohort: "8" }, "--cohort"],
    ...["secret", ""].map((privacy) => [{ privacy }, "--privacy"] as const),
    ...["2", "all", "21"].map((groupSize) => [{ groupSize }, "--group-size"] as const),
    ...["0", "-1", "inf", "much"].map((epsilon) => [{ epsilon }, "--epsilon"] as const),
    ...["0", "-1", "x"].map((noise) => [{ noise }, "--noise"] as const),
    ...["forest", "mlp:", "mlp:0", "mlp:8:8", "cnn:x", "none.json"].map(
      (model) => [{ model }, "--model"] as const,
    ),
    ...(["none", "secagg", "paillier"] as const).flatMap((privacy) => [
      [{ privacy, epsilon: "1" }, "--epsilon"] as const,
      [{ privacy, noise: "1" }, "--noise"] as const,
    ]),
    ...(["none", "dp", "paillier"] as const).map(
      (privacy) => [{ privacy, groupSize: "5" }, "--group-size"] as const,
    ),
    [{ data: "x.csv" }, "--data"],
    [{ label: "y" }, "--label"],
    ...["column", "shards:0", "dirichlet:-1", "iid:2", "random", "column:"].map(
      (partition) => [{ partition }, "--partition"] as const,
    ),
    [{ partition: "column:site" }, "--partition"],
    [{ optimiser: "adam" }, "--optimiser"],
    ...["0", "x"].map((localEpochs) => [{ localEpochs }, "--local-epochs"] as const),
    ...["0", "x"].map((batch) => [{ batch }, "--batch"] as const),
    ...["0", "-1", "fast"].map((lr) => [{ lr }, "--lr"] as const),
    ...["best", "krum:x", "trimmed-mean:0.7", "multi-krum:x"].map(
      (aggregation) => [{ aggregation }, "--aggregation"] as const,
    ),
    [{ contribution: "guess" }, "--contribution"],
    ...[
      ["bribe:1"],
      ["scaling:x"],
      ["scaling:0"],
      ["scaling:1:1"],
      ["scaling:20"],
      ["scaling:12", "free-rider:8"],
    ].map((attack) => [{ attack }, "--attack"] as const),
    ...["lunch:1:1", "keys:0:1", "keys:1:0", "keys:x", "keys:1:1:1", "keys:9999:1", "keys:1:21"].map(
      (text) => [{ vanish: [text] }, "--vanish"] as const,
    ),
    ...["0:train", "2:lunch", "x", "2:train:1", "9999:train"].map(
      (killAnalyst) => [{ killAnalyst }, "--kill-analyst"] as const,
    ),
    [{ rounds: "2", vanish: ["keys:3"] }, "--vanish"],
    ...["0", "17", "x"].map((jobs) => [{ jobs }, "--jobs"] as const),
    ...["0", "x"].map((chains) => [{ chains }, "--chains"] as const),
    ...["0", "-1", "1.5", "1e18", ""].map((price) => [{ price }, "--price"] as const),
    ...["localhost", "http://127.0.0.1:1883", "mqtt://", "mqtt://u:p@127.0.0.1"].map(
      (broker) => [{ broker }, "--broker"] as const,
    ),
    [{ seed: "" }, "--seed"],
    [{ seed: "x".repeat(129) }, "--seed"],
  ];
  it.each(refused)("refuses %j with one line that names %s", (flags, option) => {
    const message = refusal(flags);
    expect(message).toContain(option);
    expect(message.startsWith(option), message).toBe(true);
    expect(message).not.toContain("\n");
  });
});
