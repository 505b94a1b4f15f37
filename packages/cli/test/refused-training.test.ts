import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runProgram } from "../src/program.ts";
import { hospitalsCsv, writeStudy } from "./training-fixture.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sheaf-refused-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

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
});
