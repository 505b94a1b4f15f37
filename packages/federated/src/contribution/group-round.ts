import { invalidInput } from "@sheaf/base";
import { notFinite } from "./memoised-utility.ts";
import type { Equation } from "./normal-equations.ts";

export interface GroupRound {
  /** Members of each group; a member is in one group at most. */
  readonly groups: readonly (readonly number[])[];
  /** One score a group: what the group as a whole contributed to this round. */
  readonly scores: readonly number[];
}

/** The mean score a member. */
export function levelOf({ groups, scores }: GroupRound): number {
  return mean(groups.flat().length, scores);
}

export function mean(count: number, values: readonly number[]): number {
  return count === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / count;
}

/** Each member of the round has its own score. */
export function isSingle({ groups }: GroupRound): boolean {
  return groups.every((group) => group.length === 1);
}

/** What the group scores of a round can tell besides their level. */
export function freedomOf({ groups }: GroupRound): number {
  return Math.max(0, groups.length - 1);
}

/**
 * One equation a group: its score less the round's mean score of so many members, by the deviations of its
 * members less the mean deviation of the cohort; over the root of the group's size, as the variance of its error
 * grows with it. So weighted, the mean score is the best estimate of the level, and the equations are free of it.
 */
export function centredEquations(round: GroupRound, members: number): Equation[] {
  const { groups, scores } = round;
  const cohort = groups.flat();
  const level = levelOf(round);
  return groups.map((group, g) => {
    const weight = 1 / Math.sqrt(group.length);
    const row = new Float64Array(members);
    for (const member of cohort) row[member] = (-weight * group.length) / cohort.length;
    for (const member of group) row[member] = (row[member] as number) + weight;
    return { row, value: weight * ((scores[g] as number) - group.length * level) };
  });
}

/**
 * `INVALID_INPUT` for groups that overlap, are empty or name none of the `members`, and for another number of
 * scores; `NOT_FINITE` for a score that is not.
 */
export function checkRound({ groups, scores }: GroupRound, at: string, members: number): void {
  if (scores.length !== groups.length) {
    throw invalidInput(at, `${scores.length} scores for ${groups.length} groups`);
  }
  const seen = new Set<number>();
  for (const group of groups) {
    if (group.length === 0) throw invalidInput(at, "a group is empty");
    for (const member of group) {
      if (!(Number.isInteger(member) && member >= 0 && member < members)) {
        throw invalidInput(at, `${member} is no member`);
      }
      if (seen.has(member)) throw invalidInput(at, `member ${member} is in two groups`);
      seen.add(member);
    }
  }
  for (const score of scores) if (!Number.isFinite(score)) throw notFinite(`a score of ${at}`);
}
