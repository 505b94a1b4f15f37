import type { TrainingJob } from "./job-record.ts";
import { type TrainingPhase, trainingPhases } from "./round-record.ts";
import type { OpenedSums } from "./visibility.ts";

/** Who was asked in a round and who came through. */
export interface RoundSurvival {
  readonly round: number;
  readonly attempt: number;
  readonly invited: number;
  readonly cohort: number;
  readonly survivors: number;
  /** Owners whose update is missing, by the phase in which they fell out; phases without any are left out. */
  readonly lost: readonly { readonly phase: TrainingPhase; readonly count: number }[];
  /** Fell out after their update had arrived: it is in the sum all the same. */
  readonly lostAfterUpload: number;
}

/** Owners asked, on chain, and in the sum, round by round. */
export function survivalByRound(job: TrainingJob): readonly RoundSurvival[] {
  return job.rounds.map((round) => {
    const counted = new Set(round.survivors);
    const missing = round.dropouts.filter(({ agent }) => !counted.has(agent));
    return {
      round: round.round,
      attempt: round.attempt,
      invited: round.invited.length,
      cohort: round.cohort.length,
      survivors: round.survivors.length,
      lost: trainingPhases.flatMap((phase) => {
        const count = missing.filter((dropout) => dropout.phase === phase).length;
        return count === 0 ? [] : [{ phase, count }];
      }),
      lostAfterUpload: round.dropouts.length - missing.length,
    };
  });
}

/** The sums that the job's rounds opened. Where nothing is masked, that is one of all survivors each. */
export function openedSums(job: TrainingJob): OpenedSums {
  const single = job.privacy.mode === "none" || job.privacy.mode === "dp";
  const rounds = job.rounds.map(({ survivors }) => survivors.length);
  const groups = job.rounds.flatMap(({ aggregation }) =>
    aggregation.groups.map(({ members }) => members.length),
  );
  const fewest = (sizes: readonly number[]): number | null =>
    sizes.length === 0 ? null : sizes.reduce((least, size) => Math.min(least, size));
  return {
    smallest: fewest(single ? rounds : groups),
    smallestRound: fewest(rounds),
    onePerRound: single || job.rounds.every(({ aggregation }) => aggregation.groups.length <= 1),
  };
}
