import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CodedError } from "@sheaf/base";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { layout } from "../src/layout.ts";
import { runProgram } from "../src/program.ts";
import { planTraining, type TrainFlags } from "../src/train/plan-training.ts";
import { loadTraining } from "../src/train/training-file.ts";
import { hospitalsCsv, writeStudy } from "./training-fixture.ts";

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

// Through the whole program, up to the moment when the first validator would start.
describe("what is refused before anything starts", () => {
  const training = (): string => join(folder, "training.yaml");
  const study = ["--data", "study.csv", "--label", "outcome"];
  const cases: readonly (readonly [string, readonly string[], RegExp])[] = [
    [
      "one secret sum with values by group",
      ["--contribution", "leave-one-out"],
      /contribution\.method.*only one sum/,
    ],
    ["Shapley values of an open cohort", ["--contribution", "shapley"], /contribution\.method/],
    ["Krum without groups", ["--aggregation", "krum:1"], /aggregation: "krum" needs \d+ parts/],
    [
      "Krum with too few groups",
      ["--aggregation", "krum:1", "--group-size", "3"],
      /aggregation: "krum" needs \d+ parts/,
    ],
    ["groups above the owners of a column", ["--group-size", "5"], /groupSize: groups of 5 in a cohort of 4/],
    [
      "only attackers among the owners of a column",
      ["--attack", "scaling:4"],
      /attackers: 4 attackers among 4 owners/,
    ],
    ["several passes of fedsgd", ["--optimiser", "fedsgd", "--local-epochs", "2"], /localEpochs: fedsgd/],
    [
      "robust aggregation under central noise",
      ["--privacy", "dp", "--aggregation", "median"],
      /central noise/,
    ],
    [
      "a model of classes for a regression",
      ["--data", "study.csv", "--label", "cost"],
      /model: softmax regression learns classes/,
    ],
    ["a file that is not there", ["--data", "none.csv", "--label", "y"], /none\.csv/],
    ["a broken table", ["--data", "broken.csv", "--label", "y"], /broken\.csv.*3/],
    ["no label", ["--data", "study.csv"], /--data.*--label/],
    ["an unknown label", ["--data", "study.csv", "--label", "mood"], /"mood"/],
    ["an unknown column", [...study, "--partition", "column:town"], /study\.csv.*column "town".*hospital/],
    [
      "two hospitals",
      ["--data", "two.csv", "--label", "outcome", "--partition", "column:hospital"],
      /partition\.column: has 2 values/,
    ],
    [
      "too many hospitals",
      ["--data", "many.csv", "--label", "outcome", "--partition", "column:hospital"],
      /has 29\d values/,
    ],
    ["a network that is not there", ["--network", "none.yaml"], /none\.yaml: there is no such file/],
    ["a network that runs already", ["--network", "external.yaml"], /chain x: runs already/],
    [
      "nobody at the broker's address",
      ["--broker", "mqtt://127.0.0.1:9"],
      /--broker: mqtt:\/\/127\.0\.0\.1:9/,
    ],
    ["too many chains", ["--chains", "65"], /--chains: must be a whole number from 1 to 64/],
    ["an unwritable folder", ["--out", "/proc/none"], /--out \/proc\/none/],
    ["a folder that holds something", ["--out", "."], /--out \.: the folder is not empty/],
    [
      "a cell that is empty",
      ["--data", "hole.csv", "--label", "outcome"],
      /^bench: .*hole\.csv, line 3, column "age": the value is missing/,
    ],
    [
      "one class only",
      ["--data", "single.csv", "--label", "outcome"],
      /^bench: .*single\.csv, column "outcome": has one class only/,
    ],
    [
      "no feature",
      ["--data", "bare.csv", "--label", "outcome"],
      /^bench: .*bare\.csv: no column is left as a feature/,
    ],
    [
      "an owner without a name",
      ["--data", "nameless.csv", "--label", "outcome", "--partition", "column:hospital"],
      /^bench: .*nameless\.csv, line 4, column "hospital": the value is missing/,
    ],
    ["a benchmark", [], /multi-chain: is a benchmark: use: bench run multi-chain/],
  ];
  const before = process.cwd();

  beforeAll(async () => {
    await writeStudy(folder);
    await writeFile(join(folder, "two.csv"), hospitalsCsv(40, ["north", "south"]));
    await writeFile(
      join(folder, "many.csv"),
      hospitalsCsv(
        900,
        Array.from({ length: 300 }, (_, at) => `h${at}`),
      ),
    );
    const lines = hospitalsCsv(40).split("\n");
    const changed = (line: number, from: RegExp, to: string): string =>
      lines.map((text, index) => (index === line - 1 ? text.replace(from, to) : text)).join("\n");
    await writeFile(join(folder, "hole.csv"), changed(3, /^\d+/, ""));
    await writeFile(join(folder, "nameless.csv"), changed(4, /north|south|east|west/, ""));
    await writeFile(join(folder, "single.csv"), "age,outcome\n1,yes\n2,yes\n");
    await writeFile(join(folder, "bare.csv"), "outcome\nyes\nno\n");
    await writeFile(join(folder, "broken.csv"), 'x,y\n1,2\n"3,4\n');
    await writeFile(
      join(folder, "external.yaml"),
      'schema: sheaf.network/1\ndescription: none\nchains:\n  - { name: x, endpoints: ["http://127.0.0.1:9"] }\n',
    );
    process.chdir(folder);
  });
  afterAll(() => process.chdir(before));

  it.each(cases)(
    "%s",
    async (what, words, message) => {
      const lines: string[] = [];
      const out = (line: string): void => void lines.push(`out: ${line}`);
      const name = what === "a benchmark" ? "multi-chain" : training();
      const target = words.includes("--out") ? [] : ["--out", join(folder, "never")];
      const code = await runProgram(["train", name, ...words, ...target], {
        out,
        err: (line) => lines.push(line),
      });
      expect(lines[0]).toMatch(message);
      expect(lines.filter((line) => !line.startsWith("("))).toHaveLength(1);
      expect(lines[0]).not.toContain("\n");
      expect(code).toBe(2);
      await expect(rm(join(folder, "never"), { recursive: true })).rejects.toMatchObject({ code: "ENOENT" });
    },
    30_000,
  );

  it("lists benchmarks and trainings with their kinds", async () => {
    const lines: string[] = [];
    const output = { out: (line: string) => void lines.push(line), err: () => {} };
    expect(await runProgram(["list"], output)).toBe(0);
    expect(lines.join("\n")).toMatch(/^digits +training +Owners of handwritten digits/m);
    expect(lines.join("\n")).toMatch(/^multi-chain +benchmark /m);
    lines.length = 0;
    expect(await runProgram(["list", "--json"], output)).toBe(0);
    const rows = JSON.parse(lines[0] ?? "") as readonly Record<string, unknown>[];
    expect(rows).toContainEqual(
      expect.objectContaining({
        name: "digits",
        kind: "training",
        owners: file.training.owners,
        rounds: file.training.training.rounds,
      }),
    );
    expect(rows).toContainEqual(
      expect.objectContaining({ name: "multi-chain", kind: "benchmark", arms: expect.any(Array) }),
    );
    lines.length = 0;
    const err = (line: string): void => void lines.push(line);
    expect(await runProgram(["run", "digits"], { out: err, err })).toBe(2);
    expect(lines).toEqual(["bench: digits: is a training: use: bench train digits"]);
  });
});
