import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseTrainingRecord, type TrainingRecord, type TrainingSummary } from "@sheaf/measure";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bench, endLeftovers, expectModel, processesWith, startBench } from "./tool.ts";
import { type TrainingText, writeStudy } from "./training-fixture.ts";

// The market as a user runs it: real validators, agents, broker and contracts; only the study is small.

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sheaf-train-"));
});
afterEach(async () => {
  await endLeftovers();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

async function readRecord(out: string): Promise<TrainingRecord> {
  return parseTrainingRecord(JSON.parse(await readFile(join(out, "run.json"), "utf8")));
}

async function train(changes: TrainingText, ...words: string[]) {
  const out = join(folder, "run");
  const file = await writeStudy(folder, changes);
  const { code, stdout, stderr } = await bench(folder, "train", file, "--json", "--out", out, ...words);
  const summary = JSON.parse(stdout.trim().split("\n").at(-1) || "null") as TrainingSummary;
  expect(summary, stderr).not.toBeNull();
  const record = await readRecord(out);
  expectExact(summary, record);
  expect(await processesWith(summary.runId)).toEqual([]);
  return { code, stderr, summary, record, out };
}

/** What holds however a run ended: not a unit of money is lost, not a sum is off. */
function expectExact({ conserved, payments }: TrainingSummary, record: TrainingRecord): void {
  expect(conserved).toBe(true);
  const { price, toOwners, toAnalyst, refund } = payments;
  expect(BigInt(toOwners) + BigInt(toAnalyst) + BigInt(refund)).toBe(BigInt(price));
  for (const { rounds } of record.jobs) {
    for (const { aggregation, survivors, cohort } of rounds) {
      expect(survivors.length).toBeGreaterThanOrEqual(3);
      expect(cohort).toEqual(expect.arrayContaining([...survivors]));
      if (aggregation.error !== null && aggregation.errorBound !== null)
        expect(aggregation.error).toBeLessThanOrEqual(aggregation.errorBound);
    }
  }
}

describe("bench train", () => {
  it("trains a model over four hospitals, pays everybody, and leaves a report that can be made again", async () => {
    const { code, summary, record, out, stderr } = await train({});
    expect(stderr).toContain("4 owners, 4 analysts, 1 consumer");
    expect(code).toBe(0);
    expect(Object.keys(summary)).toEqual([
      "schema",
      "runId",
      "dir",
      "rounds",
      "accuracy",
      "privacy",
      "aggregationErrorMax",
      "payments",
      "trades",
      "conserved",
    ]);
    expect(Object.keys(summary.accuracy ?? {})).toEqual(["final", "central", "localMean"]);
    expect(Object.keys(summary.privacy)).toEqual(["mode", "epsilonMax"]);
    expect(Object.keys(summary.payments)).toEqual(["price", "toOwners", "toAnalyst", "refund"]);
    expect(summary).toMatchObject({
      schema: "sheaf.train/1",
      rounds: 2,
      privacy: { mode: "secagg", epsilonMax: null },
      payments: {
        price: "1000000000000000000",
        toOwners: "800000000000000000",
        toAnalyst: "200000000000000000",
        refund: "0",
      },
      trades: 5,
    });
    const [job] = record.jobs;
    expect(record.problems).toEqual([]);
    expect(job).toMatchObject({ outcome: "settled", ended: "rounds" });
    expect(job?.rounds.map(({ survivors }) => survivors.length)).toEqual([4, 4]);
    // Something was compared, so that the bound above was a test.
    for (const { aggregation } of job?.rounds ?? []) expect(aggregation.error).toBeGreaterThan(0);
    expect(summary.aggregationErrorMax).toBeGreaterThan(0);
    expect(job?.trades.map(({ transaction }) => transaction.hash)).toHaveLength(5);
    expect(await readdir(out)).toEqual(
      expect.arrayContaining(["charts", "model", "report.html", "run.json", "summary.json", "summary.md"]),
    );
    await expectModel(join(out, "model"));

    const before = await contents(out);
    const again = await bench(folder, "report", out, "--json");
    expect(again.code).toBe(0);
    expect(JSON.parse(again.stdout)).toEqual({ ...summary, dir: out });
    expect(await contents(out)).toEqual(before);
  }, 240_000);

  it("goes on without an owner that vanishes while it trains and one before unmasking", async () => {
    const { summary, record } = await train(
      {
        partition: "{ kind: iid }",
        // Of five owners two may be missing.
        privacy: "{ mode: secagg, secagg: { threshold: 0.55 } }",
        more: "owners: 5\nphaseMs: { keys: 6000, shares: 6000, train: 12000, confirm: 6000, unmask: 6000 }",
      },
      "--vanish",
      "train:1:1",
      "--vanish",
      "unmask:2:1",
    );
    const [job] = record.jobs;
    expect(record.faults.map(({ kind, phase }) => [kind, phase])).toEqual([
      ["kill", "train"],
      ["kill", "unmask"],
    ]);
    expect(record.problems).toEqual([]);
    expect(summary.rounds).toBe(2);
    expect(job?.outcome).toBe("settled");
    expect(job?.rounds.map(({ survivors }) => survivors.length)).toEqual([4, 4]);
    expect(job?.rounds.flatMap(({ dropouts }) => dropouts).length).toBeGreaterThan(0);
  }, 240_000);

  it("lets another analyst take over from one that is killed, or settles in part", async () => {
    const { summary, record } = await train(
      {
        rounds: 3,
        more: "phaseMs: { keys: 3000, shares: 3000, train: 5000, confirm: 3000, unmask: 3000 }\nterms: { offerSeconds: 30, recruitSeconds: 60, roundSeconds: 40, resumeSeconds: 60, disputeSeconds: 60 }",
      },
      "--kill-analyst",
      "2:train",
    );
    const [job] = record.jobs;
    expect(record.faults).toMatchObject([{ kind: "kill", phase: "train" }]);
    expect(record.problems).toEqual([]);
    expect(["settled", "partly-settled"]).toContain(job?.outcome);
    if (job?.outcome === "settled") {
      expect(job.analysts).toHaveLength(2);
      expect(new Set(job.rounds.map(({ analyst }) => analyst)).size).toBe(2);
      expect(summary.rounds).toBe(3);
    } else {
      expect(summary.rounds).toBeGreaterThanOrEqual(1);
      expect(BigInt(summary.payments.refund)).toBeGreaterThan(0n);
    }
  }, 300_000);

  it("writes what happened when it is interrupted, and leaves nothing running", async () => {
    const file = await writeStudy(folder, { rounds: 40 });
    const out = join(folder, "run");
    const { child, ended, shows } = startBench(folder, [
      "train",
      file,
      "--json",
      "--out",
      out,
      "--seed",
      "stop",
    ]);
    await shows("training ...");
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    child.kill("SIGINT");
    const { code, stdout, stderr } = await ended;
    expect(code, stderr).toBe(130);
    const entries = await readdir(folder);
    if (entries.includes("run")) {
      const record = await readRecord(out);
      expect(record.interrupted).toBe(true);
      expect(record.jobs[0]?.ended).toBe("interrupted");
      expect(JSON.parse(stdout)).toMatchObject({ runId: record.runId, conserved: expect.any(Boolean) });
      expect(await processesWith(record.runId)).toEqual([]);
    }
    expect(await processesWith(folder)).toEqual([]);
  }, 180_000);

  it("runs two jobs at once, each on a sub-chain of its own", async () => {
    const { code, summary, record } = await train(
      { data: "{ kind: table, file: study.csv, label: cost, exclude: [outcome] }" },
      "--model",
      "linear",
      "--chains",
      "2",
    );
    expect(code).toBe(0);
    expect(summary.accuracy).toBeNull();
    expect(summary.rmse?.final).toBeGreaterThan(0);
    expect(summary.jobs).toMatchObject({ count: 2, settled: 2, refunded: 0, rounds: 4, trades: 10 });
    expect(record.chains.map(({ chainId }) => chainId)).toHaveLength(2);
    expect(record.jobs.map(({ chain, outcome }) => [chain, outcome])).toEqual([
      [0, "settled"],
      [1, "settled"],
    ]);
    const spans = record.jobs.map(({ steps }) => ({
      begin: steps[0]?.timeMs ?? Number.POSITIVE_INFINITY,
      end: steps.at(-1)?.timeMs ?? 0,
    }));
    expect(Math.max(...spans.map(({ begin }) => begin))).toBeLessThan(
      Math.min(...spans.map(({ end }) => end)),
    );
    expect(record.conservation).toHaveLength(2);
    const accounts = record.agents.map(({ address }) => address);
    expect(new Set(accounts).size).toBe(accounts.length);
    const trained = record.jobs.map(({ rounds }) => rounds.flatMap(({ survivors }) => survivors));
    expect(trained[0]?.filter((name) => trained[1]?.includes(name))).toEqual([]);
  }, 300_000);
});

/** Every file of the folder by its name. */
async function contents(dir: string): Promise<ReadonlyMap<string, string>> {
  const names = (await readdir(dir, { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  );
  const pairs = names.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name);
    return [path, (await readFile(path)).toString("base64")] as const;
  });
  return new Map(await Promise.all(pairs));
}
