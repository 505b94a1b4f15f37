import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  analyseTraining,
  isConserved,
  type PrivacyMode,
  parseTrainingRecord,
  privacyModes,
  summarizeTraining,
  type TrainingJob,
  type TrainingRecord,
} from "../src/index.ts";
import { syntheticTraining } from "./support/synthetic-training.ts";

/** A small training: enough for every rule, quick enough for many of them. */
const small = { owners: 6, rounds: 4, parameters: 1000, groupSize: 3, attackers: 1 } as const;

/** The record with its first job changed. */
function withJob(record: TrainingRecord, change: (job: TrainingJob) => Partial<TrainingJob>): TrainingRecord {
  const [first, ...rest] = record.jobs as [TrainingJob, ...TrainingJob[]];
  return { ...record, jobs: [{ ...first, ...change(first) }, ...rest] };
}

describe("the training record", () => {
  it("[TRAINING.1] survives JSON in every mode", () => {
    for (const mode of privacyModes) {
      for (const task of ["classification", "regression"] as const) {
        const record = syntheticTraining({ ...small, mode, task });
        expect(parseTrainingRecord(JSON.parse(JSON.stringify(record)))).toEqual(record);
        expect(analyseTraining(record).problems).toEqual([]);
      }
    }
  });

  it("[TRAINING.1] refuses what it does not know, and names the place", () => {
    const record = syntheticTraining(small);
    const job = record.jobs[0] as TrainingJob;
    const [first] = job.rounds;
    const cases: readonly (readonly [unknown, RegExp])[] = [
      [{ ...record, extra: 1 }, /run\.json: the record/],
      [{ ...record, schema: "sheaf.run/1" }, /schema/],
      [{ ...record, jobs: [] }, /jobs/],
      [{ ...record, jobs: [{ ...job, price: "1.5" }] }, /jobs\.0\.price/],
      [{ ...record, jobs: [{ ...job, chain: 1 }] }, /jobs\.0\.chain: there is no chain 1/],
      [{ ...record, jobs: [{ ...job, consumer: "nobody" }] }, /jobs\.0\.consumer: nobody is no agent/],
      [
        { ...record, jobs: [{ ...job, rounds: [{ ...first, survivors: ["ghost"] }] }] },
        /jobs\.0\.rounds\.0: ghost is no agent/,
      ],
      [{ ...record, agents: [...record.agents, record.agents[0]] }, /name of two agents/],
      [{ ...record, jobs: [{ ...job, privacy: { ...job.privacy, secagg: null } }] }, /secagg: must be given/],
    ];
    for (const [value, message] of cases) {
      expect(() => parseTrainingRecord(value)).toThrow(expect.objectContaining({ code: "INVALID_INPUT" }));
      expect(() => parseTrainingRecord(value)).toThrow(message);
    }
  });
});

describe("the summary", () => {
  it("[TRAINING.2] is the object of the issue, key for key", () => {
    const summary = summarizeTraining(syntheticTraining(small), "reports/r");
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
    expect(summary).toMatchObject({
      schema: "sheaf.train/1",
      dir: "reports/r",
      rounds: 4,
      privacy: { mode: "secagg", epsilonMax: null },
      payments: { price: "1000000", toOwners: "900000", toAnalyst: "100000", refund: "0" },
      trades: 6,
      conserved: true,
    });
  });

  it("[TRAINING.2] has the error instead of accuracy for a regression, and totals for several jobs", () => {
    const record = syntheticTraining({ ...small, task: "regression", jobs: 3, mode: "dp" });
    const summary = summarizeTraining(record, "d");
    expect(summary.accuracy).toBeNull();
    expect(summary.rmse?.final).toBeGreaterThan(summary.rmse?.central as number);
    expect(summary.privacy.epsilonMax).toBeCloseTo(0.9 * 2, 9);
    expect(summary.jobs).toMatchObject({ count: 3, settled: 3, refunded: 0, rounds: 12 });
    expect(summary.jobs?.payments.price).toBe("3000000");
    expect(summary.payments.price).toBe("1000000");
  });

  it("[TRAINING.2] takes the last tested round where nothing was delivered, and null where nothing was tested", () => {
    const stopped = syntheticTraining({ ...small, outcome: "partly-settled" });
    const last = stopped.jobs[0]?.rounds.at(-1)?.test?.accuracy as number;
    expect(summarizeTraining(stopped, "d").accuracy?.final).toBeCloseTo(last, 4);
    const refunded = syntheticTraining({ ...small, outcome: "refunded", baselines: false });
    expect(summarizeTraining(refunded, "d")).toMatchObject({
      rounds: 0,
      accuracy: { final: null, central: null, localMean: null },
      aggregationErrorMax: null,
      payments: { toOwners: "0", toAnalyst: "0", refund: "1000000" },
      conserved: true,
    });
  });
});

describe("conservation", () => {
  const books = ["deposited", "locked", "credited", "withdrawn", "balance"] as const;

  it("[TRAINING.7] [TRAINING.6] is broken by one unit anywhere, in any amount", () => {
    const record = syntheticTraining({ ...small, jobs: 2 });
    const paidRows = record.jobs.flatMap((job, at) => job.payments.map((_, row) => [at, row] as const));
    fc.assert(
      fc.property(
        fc.oneof(fc.constantFrom(...books), fc.constantFrom(...paidRows)),
        fc.constantFrom(1n, -1n),
        (place, by) => {
          const change = (amount: string): string => {
            const changed = BigInt(amount) + by;
            return (changed < 0n ? BigInt(amount) + 1n : changed).toString();
          };
          const broken: TrainingRecord =
            typeof place === "string"
              ? {
                  ...record,
                  conservation: record.conservation.map((own) => ({ ...own, [place]: change(own[place]) })),
                }
              : {
                  ...record,
                  jobs: record.jobs.map((job, at) => ({
                    ...job,
                    payments: job.payments.map((payment, row) =>
                      at === place[0] && row === place[1]
                        ? { ...payment, amount: change(payment.amount) }
                        : payment,
                    ),
                  })),
                };
          expect(isConserved(record)).toBe(true);
          expect(isConserved(broken)).toBe(false);
          expect(analyseTraining(broken).problems.join()).toContain("value is not conserved");
        },
      ),
    );
  });

  it("[TRAINING.7] is not claimed where the books could not be read, and counts bonds", () => {
    const record = syntheticTraining(small);
    expect(isConserved({ ...record, conservation: [] })).toBe(false);
    expect(analyseTraining({ ...record, conservation: [] }).problems.join()).toContain("could not be read");
    const transaction = { hash: `0x${"0".repeat(64)}`, block: 184, gasUsed: null };
    const disputed = withJob(record, ({ payments }) => ({
      disputes: [{ round: 0, by: "owner-1", bond: "50", votes: [], result: "undecided" }],
      payments: [...payments, { agent: "owner-1", kind: "bond", amount: "50", transaction }],
    }));
    expect(isConserved(disputed)).toBe(true);
    expect(isConserved(withJob(disputed, () => ({ disputes: [] })))).toBe(true);
    expect(isConserved(withJob(disputed, () => ({ payments: record.jobs[0]?.payments ?? [] })))).toBe(false);
  });
});

describe("validity", () => {
  const record = (mode: PrivacyMode): TrainingRecord => syntheticTraining({ ...small, mode, dropouts: 0 });
  const problemsOf = (changed: TrainingRecord): string => analyseTraining(changed).problems.join("; ");

  it("[TRAINING.8] is lost by each thing that the rule names", () => {
    const base = record("secagg+dp");
    const inRounds = (change: (round: TrainingJob["rounds"][number]) => object): TrainingRecord =>
      withJob(base, ({ rounds }) => ({ rounds: rounds.map((round) => ({ ...round, ...change(round) })) }));
    const cases: readonly (readonly [TrainingRecord, RegExp])[] = [
      [{ ...base, interrupted: true }, /interrupted/],
      [{ ...base, problems: ["the broker was lost"] }, /the broker was lost/],
      [withJob(base, () => ({ outcome: "open" })), /not over/],
      [
        inRounds(({ aggregation }) => ({
          aggregation: { ...aggregation, error: (aggregation.errorBound ?? 0) * 1.01 },
        })),
        /quantisation bound in rounds 1, 2, 3, 4/,
      ],
      [inRounds(({ hashes }) => ({ hashes: { ...hashes, state: hashes.aggregate } })), /model hashes/],
      [
        inRounds(({ aggregation }) => ({
          aggregation: { ...aggregation, groups: [{ members: ["owner-1", "owner-2"], kept: true }] },
        })),
        /fewer than three owners/,
      ],
      [
        inRounds(() => ({ epsilon: [{ agent: "owner-2", inJob: 8.01, overall: 8.01 }] })),
        /above the job's budget of 8/,
      ],
      [
        inRounds(() => ({ epsilon: [{ agent: "owner-2", inJob: 1, overall: 20.5 }] })),
        /owner-2 spent epsilon 20\.500, above its own limit/,
      ],
    ];
    expect(analyseTraining(base)).toMatchObject({ valid: true, problems: [] });
    for (const [changed, problem] of cases) {
      expect(problemsOf(changed)).toMatch(problem);
      expect(analyseTraining(changed).valid).toBe(false);
    }
  });

  it("[TRAINING.4] remarks where exactness is not known, and does not call it exact", () => {
    const unknown = withJob(record("secagg"), ({ rounds }) => ({
      rounds: rounds.map((round) => ({ ...round, aggregation: { ...round.aggregation, error: null } })),
    }));
    const analysis = analyseTraining(unknown);
    expect(analysis.valid).toBe(true);
    expect(analysis.remarks.join()).toContain("exactness was not checked");
    expect(summarizeTraining(unknown, "d").aggregationErrorMax).toBeNull();
  });
});
