import {
  centredEquations,
  checkRound,
  freedomOf,
  type GroupRound,
  isSingle,
  levelOf,
  mean,
} from "./group-round.ts";
import { conditionOf, normalMatrix } from "./normal-equations.ts";
import { estimateRandomEffects, isLikelier, type RandomEffects, ridgeFactors } from "./random-effects.ts";

export interface MemberScores {
  /** Score of each member over all rounds; they sum to the sum of all group scores. */
  readonly scores: readonly number[];
  /**
   * Standard error (posterior standard deviation) of each score, the ridge taken as known; absent when nothing
   * was estimated from groups of several members, or there was nothing to estimate it from.
   */
  readonly standardErrors?: readonly number[];
  /** Rounds in which each member took part. */
  readonly appearances: readonly number[];
  /** Error variance over the variance between members; infinite: the groups show no differences between members. */
  readonly ridge: number;
  /** Power of a round's mean score that differences and errors are proportional to. */
  readonly fading: number;
  /**
   * Ratio of the largest to the smallest eigenvalue of the normal matrix over the differences between
   * members; infinite when the groups do not tell some of them apart.
   */
  readonly conditioning: number;
  /** Root mean square of what the scores do not explain of the group scores. */
  readonly residual: number;
}

/** Powers to choose from: differences stay as the model converges, or shrink with what a round gains. */
const FADINGS = [0, 0.5, 1];
/** Share of the largest mean score below which one says no more of how large differences are. */
const LEAST_LEVEL = 0.01;

/**
 * Members' scores from group scores over rounds with redrawn groups [CONTRIBUTION.8]. In each round a member is
 * credited the round's mean score a member plus its own deviation, which is shrunk towards equal shares as far as
 * the group scores ask for. `INVALID_INPUT` for groups that overlap, are empty or name no member, `NOT_FINITE` for
 * a score that is not.
 */
export function memberScores(rounds: readonly GroupRound[], members: number): MemberScores {
  for (const [r, round] of rounds.entries()) checkRound(round, `rounds[${r}]`, members);
  const { effects, scales, fading, conditioning } = fit(rounds, members);
  const appearances = new Array<number>(members).fill(0);
  const scores = new Array<number>(members).fill(0);
  let squares = 0;
  let count = 0;
  rounds.forEach((round, r) => {
    const credits = creditsOf(round, effects.deviations, scales[r] as number);
    for (const [member, credit] of credits) {
      appearances[member] = (appearances[member] as number) + 1;
      scores[member] = (scores[member] as number) + credit;
    }
    round.groups.forEach((group, g) => {
      const explained = group.reduce((sum, member) => sum + (credits.get(member) as number), 0);
      squares += ((round.scores[g] as number) - explained) ** 2;
      count += 1;
    });
  });
  const freedom = rounds.reduce((sum, round) => sum + freedomOf(round), 0);
  const isEstimated = freedom > 0 && !rounds.every(isSingle);
  return {
    scores,
    ...(isEstimated ? { standardErrors: standardErrors(rounds, scales, effects, members) } : {}),
    appearances,
    ridge: effects.ridge,
    fading,
    conditioning,
    residual: count === 0 ? 0 : Math.sqrt(squares / count),
  };
}

interface Fit {
  /** In units of each round's scale. */
  readonly effects: RandomEffects;
  readonly scales: readonly number[];
  readonly fading: number;
  readonly conditioning: number;
}

/** The likeliest fading, and the deviations under it. */
function fit(rounds: readonly GroupRound[], members: number): Fit {
  const byRound = rounds.map((round) => centredEquations(round, members));
  const matrix = normalMatrix(byRound.flat(), members);
  const factors = ridgeFactors(matrix);
  const freedom = rounds.reduce((sum, round) => sum + freedomOf(round), 0);
  const fits = FADINGS.map((fading) => {
    const scales = scalesOf(rounds, fading);
    const scaled = byRound.flatMap((equations, r) =>
      equations.map(({ row, value }) => ({ row, value: value / (scales[r] as number) })),
    );
    const effects = estimateRandomEffects(factors, scaled, members, freedom);
    // The density of a round's values is that of the scaled ones, over the scale once a degree of freedom.
    const stretch = rounds.reduce(
      (sum, round, r) => sum + 2 * freedomOf(round) * Math.log(scales[r] as number),
      0,
    );
    return { effects, scales, fading, criterion: effects.criterion + stretch };
  });
  const best = fits.reduce((least, next) => (isLikelier(next.criterion, least.criterion) ? next : least));
  const seen = new Set(rounds.flatMap(({ groups }) => groups.flat()));
  return {
    ...best,
    conditioning: conditionOf(
      matrix,
      [...seen].sort((a, b) => a - b),
    ),
  };
}

/** How large differences are in each round, the round of the largest mean score being 1. */
function scalesOf(rounds: readonly GroupRound[], fading: number): number[] {
  const levels = rounds.map((round) => Math.abs(levelOf(round)));
  const largest = Math.max(...levels);
  return levels.map((level) => (largest === 0 ? 1 : Math.max(level / largest, LEAST_LEVEL) ** fading));
}

/** What each member of a round is credited: its own score where it has one. */
function creditsOf(round: GroupRound, deviations: Float64Array, scale: number): Map<number, number> {
  if (isSingle(round)) {
    return new Map(round.groups.map(([member], g) => [member as number, round.scores[g] as number]));
  }
  const cohort = round.groups.flat();
  const level = levelOf(round);
  const deviation = (member: number): number => deviations[member] as number;
  const centre = mean(cohort.length, cohort.map(deviation));
  return new Map(cohort.map((member) => [member, level + scale * (deviation(member) - centre)]));
}

/** Of the credits that were estimated: what is not known of the rounds' levels and of the member's deviation. */
function standardErrors(
  rounds: readonly GroupRound[],
  scales: readonly number[],
  { errorVariance, varianceOf }: RandomEffects,
  members: number,
): number[] {
  const estimated = rounds.flatMap((round, r) =>
    isSingle(round) ? [] : [{ cohort: round.groups.flat(), scale: scales[r] as number }],
  );
  return Array.from({ length: members }, (_, member) => {
    const direction = new Float64Array(members);
    let ofLevels = 0;
    for (const { cohort, scale } of estimated.filter((round) => round.cohort.includes(member))) {
      ofLevels += (scale * scale * errorVariance) / cohort.length;
      direction[member] = (direction[member] as number) + scale;
      for (const other of cohort) direction[other] = (direction[other] as number) - scale / cohort.length;
    }
    return Math.sqrt(ofLevels + Math.max(0, varianceOf(direction)));
  });
}
