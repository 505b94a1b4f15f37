import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CoalitionRecord, CoalitionSummary } from "@sheaf/measure";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runProgram } from "../src/program.ts";
import { namedCoalitions, readCoalition, refuted, tableCsv, tableJson } from "./coalition-fixture.ts";
import { bench, endLeftovers, startBench } from "./tool.ts";

// Coalitions as a user forms them, without a chain.

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sheaf-coalition-"));
});
afterEach(async () => {
  await endLeftovers();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

async function form(
  out: string,
  ...words: string[]
): Promise<{ readonly summary: CoalitionSummary; readonly record: CoalitionRecord }> {
  const { code, stdout, stderr } = await bench(
    folder,
    "coalition",
    ...words,
    "--json",
    "--out",
    join(folder, out),
  );
  expect(code, stderr).toBe(0);
  const lines = stdout.trim().split("\n");
  expect(lines).toHaveLength(1);
  return {
    summary: JSON.parse(lines[0] as string) as CoalitionSummary,
    record: await readCoalition(join(folder, out)),
  };
}

describe("bench coalition", () => {
  it("forms and compares coalitions, and leaves a report that can be made again", async () => {
    const words = ["--no-chain", "--no-sweeps", "--seeds", "2", "--miners", "6", "--seed", "six"];
    const { summary, record } = await form("run", ...words);
    expect(Object.keys(summary)).toEqual([
      "schema",
      "runId",
      "dir",
      "miners",
      "coalitions",
      "best",
      "iterations",
      "stability",
      "meanGain",
      "chain",
    ]);
    expect(Object.keys(summary.stability)).toEqual(["dhp", "statement"]);
    expect(summary).toMatchObject({ schema: "sheaf.coalition/1", dir: "run", miners: 6, chain: null });
    expect(summary.stability.dhp).toBe(true);
    expect(summary.coalitions.flat().sort()).toEqual(["m1", "m2", "m3", "m4", "m5", "m6"]);
    expect(summary.coalitions).toEqual(namedCoalitions(record));
    expect(summary.coalitions).toContainEqual(summary.best);
    expect(summary.iterations).toBe(record.formation.steps.length);
    expect(summary.meanGain).toBeGreaterThanOrEqual(0);
    expect(record).toMatchObject({ interrupted: false, problems: [], remarks: [], chain: null });
    expect(refuted(record)).toEqual([]);
    expect(record.comparison).toMatchObject({ seeds: "1 to 2", overSeeds: { seeds: 2 }, sweeps: [] });
    expect(record.comparison.alternatives.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["merge-and-split", "singletons", "grand", "random", "best-sum", "best-min"]),
    );
    const out = join(folder, "run");
    expect((await readdir(out)).sort()).toEqual([
      "charts",
      "report.html",
      "run.json",
      "summary.json",
      "summary.md",
    ]);

    const again = await bench(folder, "report", out, "--json", "--csv");
    expect(again.code, again.stderr).toBe(0);
    const [rows, json] = again.stdout.trim().split("\n");
    expect(rows).toBe(`rows: ${join(out, "steps.csv")}`);
    expect(JSON.parse(json as string)).toEqual({ ...summary, dir: out });
    expect((await bench(folder, "report", out)).stdout).toContain(
      `stability: ${summary.stability.statement}`,
    );

    const same = await form("same", ...words);
    expect(same.record.formation.final).toEqual(record.formation.final);
    expect(same.record.utilities).toEqual(record.utilities);
    expect(same.summary.stability).toEqual(summary.stability);
    const other = await form("other", ...words.slice(0, -1), "seven");
    expect(other.record.utilities).not.toEqual(record.utilities);
  }, 480_000);

  it("sweeps what the file names, and counts every seed", async () => {
    const file = join(folder, "swept.yaml");
    await writeFile(
      file,
      `schema: sheaf.coalitions/1
title: Swept
game: { kind: sensing, miners: 5 }
comparison: { seeds: 3, sweeps: [{ parameter: linkTokens, values: [4, 0] }] }
`,
    );
    const { record } = await form("run", file);
    expect(record.title).toBe("Swept");
    const [sweep, ...others] = record.comparison.sweeps;
    expect(others).toEqual([]);
    expect(sweep?.parameter).toEqual({
      name: "linkTokens",
      label: "cost of a link",
      unit: "tokens an epoch",
    });
    expect(sweep?.points.map(({ value, seeds }) => [value, seeds])).toEqual([
      [0, 3],
      [4, 3],
    ]);
    const gains = sweep?.points.map(
      ({ rows }) => rows.find(({ name }) => name === "merge-and-split")?.meanGain.mean,
    );
    expect(gains?.[0]).toBeGreaterThan(gains?.[1] as number);
  }, 60_000);

  it("compares over seeds what a run of that seed is about", async () => {
    const { record } = await form("run", "--no-chain", "--miners", "6", "--seed", "1", "--seeds", "1");
    const ofSeed = record.comparison.overSeeds?.rows.map(({ name, sum, meanGain }) => [
      name,
      sum.mean,
      meanGain.mean,
    ]);
    expect(ofSeed).toEqual(
      record.comparison.alternatives.map(({ name, sum, meanGain }) => [name, sum, meanGain]),
    );
  }, 60_000);

  it.each([
    ["table.json", tableJson],
    ["table.csv", tableCsv],
  ])(
    "plays the table of %s",
    async (name, text) => {
      await writeFile(join(folder, name), text);
      const { summary, record } = await form("run", "--table", name);
      expect(summary).toMatchObject({
        miners: 3,
        coalitions: [["a", "b"], ["c"]],
        best: ["a", "b"],
        iterations: 1,
        stability: { dhp: true },
        chain: null,
      });
      expect(summary.meanGain).toBeCloseTo(2.5 / 3, 12);
      expect(record.utilities).toEqual({ alone: [1, 2, 1], final: [3, 2.5, 1] });
      expect(record.stability.core.verdict).toBe("holds");
      expect(record.comparison).toMatchObject({ overSeeds: null, sweeps: [], seeds: null });
      expect(record.title).toBe(`Coalitions of ${name}`);
      expect(JSON.stringify(record.model)).not.toContain(folder);
    },
    60_000,
  );

  it("ends the equal-share game of five players in one of its stable partitions", async () => {
    const file = join(folder, "equal.yaml");
    await writeFile(
      file,
      "schema: sheaf.coalitions/1\ntitle: Equal\ngame: { kind: equal-share, perHead: [1, 2, 3, 2.5, 2] }\n",
    );
    const sizes = new Set<string>();
    for (const seed of ["1", "2", "3"]) {
      const { summary, record } = await form(`run-${seed}`, file, "--seed", seed);
      expect(summary.stability.dhp).toBe(true);
      sizes.add(
        record.formation.final
          .map((members) => members.length)
          .sort()
          .join(),
      );
    }
    // The stable ones are the 10 of sizes 2 and 3 and the 5 of sizes 1 and 4.
    for (const found of sizes) expect(["2,3", "1,4"]).toContain(found);
  }, 120_000);

  it("writes the partition that it came to when it is interrupted while coalitions form", async () => {
    const out = join(folder, "run");
    const words = ["coalition", "coalition-scale", "--miners", "1500", "--out", out];
    const { child, ended, shows } = startBench(folder, words);
    await shows("forming coalitions ...");
    child.kill("SIGINT");
    const { code, stderr } = await ended;
    expect(code, stderr).toBe(130);
    const { interrupted, problems, formation } = await readCoalition(out);
    expect({ interrupted, problems }).toEqual({ interrupted: true, problems: [] });
    expect(formation.stoppedBecause).toBe("the run was interrupted");
    expect(formation.final).toHaveLength(1500 - formation.steps.length);
  }, 120_000);

  it("writes the game's part when it is interrupted in the sweeps", async () => {
    const out = join(folder, "run");
    const { child, ended, shows } = startBench(folder, [
      "coalition",
      "--no-chain",
      "--seeds",
      "1000",
      "--json",
      "--out",
      out,
    ]);
    await shows("comparing over seeds ...");
    child.kill("SIGINT");
    const { code, stdout, stderr } = await ended;
    expect(code, stderr).toBe(130);
    const record = await readCoalition(out);
    expect(record).toMatchObject({ interrupted: true, problems: [], chain: null });
    expect(record.comparison).toMatchObject({ overSeeds: null, sweeps: [], seeds: null });
    expect((JSON.parse(stdout) as CoalitionSummary).coalitions).toEqual(namedCoalitions(record));
    expect(await readdir(out)).toContain("report.html");
  }, 60_000);
});

describe("bad input", () => {
  const tables: readonly (readonly [what: string, name: string, text: string, message: RegExp])[] = [
    ["a table with a hole", "t.json", '{"players":["a","b"],"utilities":{"a":1,"b":1}}', /t\.json.*a\+b/],
    ["a table with NaN", "t.csv", "coalition,utility\na,1\nb,NaN\na+b,1\n", /t\.csv line 3.*NaN/],
    ["a table with an infinite number", "t.csv", "coalition,utility\na,1\nb,Infinity\na+b,1\n", /line 3/],
    [
      "a table with an id twice",
      "t.json",
      '{"players":["a","a"],"utilities":{"a":1,"a+a":1}}',
      /t\.json.*"?a"?/,
    ],
    ["a table with a coalition twice", "t.csv", "coalition,utility\na,1\nb,1\na+b,1\nb+a,2\n", /line 5/],
    ["a table that is no JSON", "t.json", "{", /t\.json: is not JSON/],
    ["an empty table", "t.csv", "", /t\.csv: is empty/],
    ["a key twice", "t.json", '{"players":["a"],"utilities":{"a":1,"a":2}}', /t\.json: has "a" twice/],
  ];
  it.each(tables)("%s gets one line, exit code 2, and no folder", async (_, name, text, message) => {
    await writeFile(join(folder, name), text);
    await expectRefused(["--table", join(folder, name)], message);
  });

  it("a table that is not UTF-8 is refused, one with a byte order mark is read, and any name will do", async () => {
    await writeFile(join(folder, "t.json"), Buffer.from(tableJson.replaceAll('"a"', '"\xe4"'), "latin1"));
    await expectRefused(["--table", join(folder, "t.json")], /t\.json: is not UTF-8 text: save it as UTF-8/);
    const odd =
      '\ufeff{"players":["constructor","toString"],"utilities":{"constructor":1,"toString":1,"constructor+toString":2}}';
    await writeFile(join(folder, "odd.json"), odd);
    const { summary } = await form("run", "--table", join(folder, "odd.json"));
    expect(summary.coalitions).toEqual([["constructor", "toString"]]);
  }, 60_000);

  it("is refused by the tool itself in one line", async () => {
    await writeFile(join(folder, "t.csv"), "coalition,utility\na,1\nb,1\n");
    const before = await readdir(folder);
    const { code, stdout, stderr } = await bench(folder, "coalition", "--table", "t.csv", "--out", "fresh");
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^bench: .*t\.csv.*a\+b.*\n$/);
    expect(await readdir(folder)).toEqual(before);
  }, 60_000);

  const flags: readonly (readonly [what: string, words: readonly string[], message: RegExp])[] = [
    ["a table that is not there", ["--table", "none.csv"], /none\.csv: cannot be read \(ENOENT\)/],
    ["a game that is not there", ["nonsense"], /nonsense: is no coalition game: choose one of: coalition/],
    ["a benchmark", ["multi-chain"], /multi-chain: is a benchmark: use: bench run multi-chain/],
    ["a negative reward", ["--reward", "-5"], /--reward/],
    ["no workers", ["--workers", "0"], /--workers/],
    ["a network that is not there", ["--network", "none.yaml"], /none\.yaml/],
    ["an unknown flag", ["--coalitions", "5"], /unknown option '--coalitions'/],
  ];
  it.each(flags)("%s gets one line, exit code 2, and no folder", async (_, words, message) => {
    await expectRefused(words, message);
  });

  const games: readonly (readonly [what: string, rest: string, message: RegExp])[] = [
    ["a cost that nobody could pay", "game: { kind: sensing, linkTokens: 1.0e+308 }", /linkTokens/],
    ["more miners than can be placed", "game: { kind: sensing, miners: 1000000000000 }", /miners/],
    ["more workers than can be placed", "game: { kind: sensing, workersPerKm2: 1.0e+12 }", /workersPerKm2/],
    ["utilities that no sum holds", "game: { kind: equal-share, perHead: [1, 1.7e+308] }", /perHead 2/],
    [
      "a sweep to what no scenario can be made of",
      "game: { kind: sensing }\ncomparison: { sweeps: [{ parameter: synergy, values: [1, 400] }] }",
      /synergy 400: .*overflow/,
    ],
  ];
  it.each(games)("%s gets one line, exit code 2, and no folder", async (_, rest, message) => {
    const file = join(folder, "g.yaml");
    await writeFile(file, `schema: sheaf.coalitions/1\ntitle: G\n${rest}\n`);
    await expectRefused([file], message);
  });

  it.each([
    ["run", "bench coalition coalition"],
    ["train", "bench coalition coalition"],
  ])("bench %s says what runs a coalition game", async (command, use) => {
    const errs: string[] = [];
    const code = await runProgram([command, "coalition"], { out: () => {}, err: (line) => errs.push(line) });
    expect([code, errs]).toEqual([2, [`bench: coalition: is a coalition game: use: ${use}`]]);
  });

  it("bench list names the coalition games beside the others", async () => {
    const list = async (...words: string[]): Promise<string> => {
      const outs: string[] = [];
      const code = await runProgram(["list", ...words], { out: (line) => outs.push(line), err: () => {} });
      expect(code).toBe(0);
      return outs.join("\n");
    };
    const rows = JSON.parse(await list("--json")) as readonly {
      readonly kind: string;
      readonly name: string;
    }[];
    expect(rows.filter(({ kind }) => kind === "coalition")).toMatchObject([
      { name: "coalition-faults", game: "sensing", chain: true },
      { name: "coalition-scale", game: "sensing", chain: false },
      { name: "coalition", game: "sensing", chain: true },
    ]);
    expect(new Set(rows.map(({ kind }) => kind))).toEqual(new Set(["benchmark", "training", "coalition"]));
    expect(await list()).toMatch(/^coalition +coalition +Coalitions of miners$/m);
  });

  async function expectRefused(words: readonly string[], message: RegExp): Promise<void> {
    const before = await readdir(folder);
    const outs: string[] = [];
    const errs: string[] = [];
    const code = await runProgram(["coalition", ...words, "--out", join(folder, "fresh")], {
      out: (line) => outs.push(line),
      err: (line) => errs.push(line),
    });
    expect([code, outs]).toEqual([2, []]);
    expect(errs).toHaveLength(1);
    expect(errs[0]).toMatch(message);
    expect(errs[0]).not.toContain("\n");
    expect(await readdir(folder)).toEqual(before);
  }
});
