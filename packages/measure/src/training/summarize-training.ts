import { isConserved, paid, sum } from "./conservation.ts";
import { exactnessOf } from "./exactness.ts";
import type { TrainingJob } from "./job-record.ts";
import { centralQuality, finalQuality, localMean, qualityMeasure } from "./model-quality.ts";
import { privacySpent } from "./privacy-spent.ts";
import type { TrainingRecord } from "./training-record.ts";
import type { JobTotals, PaymentSummary, QualitySummary, TrainingSummary } from "./training-summary.ts";

/** [TRAINING.2] The summary of a training. Pure. `dir` is its folder as the reader knows it. */
export function summarizeTraining(record: TrainingRecord, dir: string): TrainingSummary {
  const job = record.jobs[0] as TrainingJob;
  const quality: QualitySummary = {
    final: round(finalQuality(job)),
    central: round(centralQuality(job)),
    localMean: round(localMean(job)),
  };
  const isRegression = qualityMeasure(job) === "rmse";
  return {
    schema: record.schema,
    runId: record.runId,
    dir,
    rounds: job.rounds.length,
    accuracy: isRegression ? null : quality,
    ...(isRegression ? { rmse: quality } : {}),
    privacy: { mode: job.privacy.mode, epsilonMax: privacySpent(job).epsilonMax },
    aggregationErrorMax: exactnessOf(job).errorMax,
    payments: paymentSummary([job]),
    trades: job.trades.length,
    conserved: isConserved(record),
    ...(record.jobs.length > 1 ? { jobs: totals(record.jobs) } : {}),
  };
}

/** Where the prices of `jobs` went. */
export function paymentSummary(jobs: readonly TrainingJob[]): PaymentSummary {
  const total = (part: (job: TrainingJob) => bigint): string =>
    jobs.reduce((all, job) => all + part(job), 0n).toString();
  return {
    price: sum(jobs.map(({ price }) => price)).toString(),
    toOwners: total((job) => paid(job, "owner-share")),
    toAnalyst: total((job) => paid(job, "analyst-fee")),
    refund: total((job) => paid(job, "refund")),
  };
}

function totals(jobs: readonly TrainingJob[]): JobTotals {
  const ended = (...outcomes: readonly TrainingJob["outcome"][]): number =>
    jobs.filter(({ outcome }) => outcomes.includes(outcome)).length;
  return {
    count: jobs.length,
    settled: ended("settled", "partly-settled", "upheld"),
    refunded: ended("refunded"),
    rounds: jobs.reduce((all, { rounds }) => all + rounds.length, 0),
    payments: paymentSummary(jobs),
    trades: jobs.reduce((all, { trades }) => all + trades.length, 0),
  };
}

function round(value: number | null): number | null {
  return value === null ? null : Math.round(value * 10_000) / 10_000;
}
