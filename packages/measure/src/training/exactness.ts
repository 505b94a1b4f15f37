import type { TrainingJob } from "./job-record.ts";

/** Rounding of the 64-bit arithmetic that compares both means. */
const tolerance = 1e-6;

/** How exact the opened sums are. */
export interface Exactness {
  /** Over the rounds in which it is known; `null` when in none. */
  readonly errorMax: number | null;
  /** Largest share of its round's bound that an error took; `null` where nothing was quantised. */
  readonly boundShareMax: number | null;
  /** Rounds whose error was above its bound. */
  readonly violations: readonly number[];
  /** Closed rounds in which the error is not known. */
  readonly unknownRounds: number;
  /** Coordinates that were cut at the quantisation's clip, over all that were quantised; `null` without any, or when not counted. */
  readonly saturatedShare: number | null;
}

/** [TRAINING.4] The opened sums against the plain ones, over all rounds. */
export function exactnessOf(job: TrainingJob): Exactness {
  const sums = job.rounds.map(({ round, aggregation }) => ({ round, ...aggregation }));
  const errors = sums.flatMap(({ error }) => (error === null ? [] : [error]));
  const bounded = sums.flatMap(({ round, error, errorBound }) =>
    error === null || errorBound === null ? [] : [{ round, error, errorBound }],
  );
  const shares = bounded.map(({ error, errorBound }) => (error === 0 ? 0 : error / errorBound));
  const quantised =
    job.privacy.quantisation === null
      ? 0
      : job.plan.parameters * job.rounds.reduce((sum, { survivors }) => sum + survivors.length, 0);
  const cut = sums.flatMap(({ saturated }) => (saturated === null ? [] : [saturated]));
  return {
    errorMax: errors.length === 0 ? null : Math.max(...errors),
    boundShareMax: shares.length === 0 ? null : Math.max(...shares),
    violations: bounded
      .filter(({ error, errorBound }) => error > errorBound * (1 + tolerance))
      .map(({ round }) => round),
    unknownRounds: sums.length - errors.length,
    saturatedShare: quantised === 0 || cut.length < sums.length ? null : sumOf(cut) / quantised,
  };
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
