import { errorCode } from "@sheaf/base";
import { describe, expect, it } from "vitest";
import { loadBenchmark } from "../src/benchmark-file.ts";
import { loadCoalition } from "../src/coalition/coalition-file.ts";
import { listExperiments } from "../src/experiment-file.ts";
import { layout } from "../src/layout.ts";
import { runProgram } from "../src/program.ts";
import { loadTraining, parseTraining } from "../src/train/training-file.ts";
import { type TrainingText, trainingText } from "./training-fixture.ts";

const parse = (changes: TrainingText) => parseTraining(trainingText(changes), "/studies/t.yaml");

function refusal(changes: TrainingText): string {
  try {
    parse(changes);
  } catch (error) {
    expect(errorCode(error)).toBe("INVALID_INPUT");
    return (error as Error).message;
  }
  return "accepted";
}

describe("a training file", () => {
  it("gets defaults, and paths relative to itself", () => {
    const training = parse({
      network: "../nets/n.yaml",
      data: "{ kind: table, file: s.csv, label: y, testFile: t.csv }",
    });
    expect(training.network).toBe("/nets/n.yaml");
    expect(training.data).toMatchObject({ file: "/studies/s.csv", testFile: "/studies/t.csv" });
    expect(training).toMatchObject({
      owners: 20,
      jobs: 1,
      priceWei: "1000000000000000000",
      attackers: [],
      faults: [],
    });
    expect(training.privacy.secagg.groupSize).toBe("cohort");
  });

  it("says line and field of what is wrong", () => {
    const cases: readonly (readonly [TrainingText, RegExp])[] = [
      [{ rounds: 0 }, /t\.yaml:9: training\.rounds: must be at least 1/],
      [{ cohort: "2" }, /t\.yaml:10: training\.cohort/],
      [{ privacy: "{ mode: secret }" }, /t\.yaml:15: privacy\.mode/],
      [
        { privacy: "{ mode: secagg, secagg: { grupSize: 3 } }" },
        /t\.yaml:15: privacy\.secagg\.grupSize: unknown key/,
      ],
      [{ data: "{ kind: table, file: s.csv }" }, /t\.yaml:4: data\.label: is missing/],
      [{ data: "{ kind: pictures }" }, /t\.yaml:4: data/],
      [{ data: "{ kind: digits }" }, /t\.yaml:5: partition\.column: the digits have no columns/],
      [{ partition: "{ kind: dirichlet, alpha: 0 }" }, /t\.yaml:5: partition\.alpha/],
      [{ contribution: "guess" }, /t\.yaml:16: contribution\.method/],
      [{ more: "owners: 2" }, /t\.yaml:17: owners: must be at least 3/],
      [{ more: "owners: 300" }, /t\.yaml:17: owners: must be at most 256/],
      [{ more: 'priceWei: "0"' }, /t\.yaml:17: priceWei: .*wei/],
      [{ more: 'priceWei: "-5"' }, /t\.yaml:17: priceWei: .*wei/],
      [{ more: "surprise: 1" }, /t\.yaml:17: surprise: unknown key/],
      [
        { more: "faults: [{ kind: analyst-dies, round: 3, phase: train }]" },
        /t\.yaml:17: faults\[0\]\.round: there are only 2/,
      ],
      [
        { more: "faults: [{ kind: owners-vanish, round: 1, phase: lunch }]" },
        /t\.yaml:17: faults\[0\]\.phase/,
      ],
      [{ more: "terms: { roundSeconds: 100 }" }, /t\.yaml:17: terms\.roundSeconds: a round of 165 s/],
      [{ more: "terms: { roundSeconds: 0 }" }, /t\.yaml:17: terms\.roundSeconds: must be at least 1/],
      [
        { partition: "{ kind: iid }", cohort: "6", more: "owners: 5" },
        /t\.yaml:10: training\.cohort: 6 of 5 owners/,
      ],
      [
        {
          partition: "{ kind: iid }",
          more: "owners: 5\nattackers: [{ kind: scaling, owners: 3 }, { kind: free-rider, owners: 2 }]",
        },
        /t\.yaml:18: attackers: 5 attackers among 5 owners/,
      ],
      [
        { partition: "{ kind: iid }", cohort: "4", privacy: "{ mode: secagg, secagg: { groupSize: 5 } }" },
        /t\.yaml:15: privacy\.secagg\.groupSize: groups of 5 in a cohort of 4/,
      ],
    ];
    for (const [changes, message] of cases) expect(refusal(changes)).toMatch(message);
    expect(() => parseTraining("schema: sheaf.training/1\ntitle: [\n", "t.yaml")).toThrow(
      /t\.yaml:3: not valid YAML/,
    );
  });
});

describe("the files of benchmarks/", () => {
  it("are each readable as what they are", async () => {
    const loaders = { benchmark: loadBenchmark, training: loadTraining, coalition: loadCoalition };
    const all = await listExperiments(layout.benchmarks);
    expect(new Set(all.map(({ kind }) => kind))).toEqual(new Set(Object.keys(loaders)));
    for (const { name, kind } of all) {
      await expect(loaders[kind](name, layout.benchmarks)).resolves.toMatchObject({ name });
    }
  });

  it("are refused by the other command, which names the right one", async () => {
    await expect(loadBenchmark("digits", layout.benchmarks)).rejects.toMatchObject({
      message: "digits: is a training",
      advice: "use: bench train digits",
    });
    await expect(loadTraining("multi-chain", layout.benchmarks)).rejects.toMatchObject({
      message: "multi-chain: is a benchmark",
      advice: "use: bench run multi-chain",
    });
  });

  it("are listed by their kind when a name is not known", async () => {
    await expect(loadTraining("nonsense", layout.benchmarks)).rejects.toThrow(/is no training/);
    const all = await listExperiments(layout.benchmarks);
    for (const [load, own] of [
      [loadTraining, "training"],
      [loadBenchmark, "benchmark"],
    ] as const) {
      const advice = await load("nonsense", layout.benchmarks).then(
        () => "found",
        (error: { readonly advice?: string }) => error.advice,
      );
      const names = all.filter(({ kind }) => kind === own).map(({ name }) => name);
      expect(advice).toBe(`choose one of: ${names.join(", ")}, or name a file`);
    }
  });

  it("lists benchmarks and trainings with their kinds", async () => {
    const file = await loadTraining("digits", layout.benchmarks);
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
