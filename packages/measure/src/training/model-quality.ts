import { average } from "../statistics.ts";
import type { TrainingJob } from "./job-record.ts";
import type { ModelEvaluation } from "./scalars.ts";

/** The figure by which a task is judged: accuracy (more is better) or the root mean squared error (less is). */
export type QualityMeasure = "accuracy" | "rmse";

/** A round and how good the model was after it. */
export interface QualityPoint {
  readonly round: number;
  readonly value: number;
}

/** A level of quality, and when it was reached for the first time. */
export interface Milestone {
  /** Accuracy at least, or error at most. */
  readonly level: number;
  /** `null` when it never was. */
  readonly round: number | null;
  /** Since the start of the first round. */
  readonly afterMs: number | null;
}

/** [TRAINING.2] The figure by which the job's task is judged. */
export function qualityMeasure(job: TrainingJob): QualityMeasure {
  return job.plan.task.kind === "classification" ? "accuracy" : "rmse";
}

/** The model's quality on the consumer's test data after each round that was tested. */
export function qualityByRound(job: TrainingJob): readonly QualityPoint[] {
  return job.rounds.flatMap(({ round, test }) => {
    const value = test?.[qualityMeasure(job)] ?? null;
    return value === null ? [] : [{ round, value }];
  });
}

/** [TRAINING.2] The delivered model's quality; where none was delivered, that of the last round that was tested. */
export function finalQuality(job: TrainingJob): number | null {
  return job.delivered?.[qualityMeasure(job)] ?? qualityByRound(job).at(-1)?.value ?? null;
}

/** The quality of central training at its end; `null` when there was none. */
export function centralQuality(job: TrainingJob): number | null {
  return job.baselines.central?.points.at(-1)?.test[qualityMeasure(job)] ?? null;
}

/** The quality of each owner alone, in the order of the record. */
export function localQualities(job: TrainingJob): readonly number[] {
  const measure = qualityMeasure(job);
  const known = (test: ModelEvaluation): readonly number[] => {
    const value = test[measure];
    return value === null ? [] : [value];
  };
  return (job.baselines.locals?.results ?? []).flatMap(({ test }) => known(test));
}

/** The mean over owners of the quality of each alone; `null` without any. */
export function localMean(job: TrainingJob): number | null {
  const values = localQualities(job);
  return values.length === 0 ? null : average(values);
}

/** The mean over owners of the test loss of each alone; `null` without any. */
export function localLossMean(job: TrainingJob): number | null {
  const losses = (job.baselines.locals?.results ?? []).map(({ test }) => test.loss);
  return losses.length === 0 ? null : average(losses);
}

/** When the job reached `level` for the first time. */
export function milestone(job: TrainingJob, level: number): Milestone {
  const reaches = (value: number): boolean =>
    qualityMeasure(job) === "accuracy" ? value >= level : value <= level;
  const round = qualityByRound(job).find(({ value }) => reaches(value))?.round ?? null;
  const end = job.rounds.find((own) => own.round === round)?.endMs;
  const start = job.rounds[0]?.startMs;
  const afterMs = end === undefined || start === undefined ? null : end - start;
  return { level, round, afterMs };
}

/** The speed of convergence: 50, 80, 90 and 95 % right; or an error of at most 2, 1.5, 1.25 and 1.1 times the central one. */
export function milestones(job: TrainingJob): readonly Milestone[] {
  const central = centralQuality(job);
  const levels =
    qualityMeasure(job) === "accuracy"
      ? [0.5, 0.8, 0.9, 0.95]
      : [2, 1.5, 1.25, 1.1].flatMap((factor) => (central === null ? [] : [factor * central]));
  return levels.map((level) => milestone(job, level));
}
