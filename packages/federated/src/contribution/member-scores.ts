import { invalidInput } from "@sheaf/base";
import { notFinite } from "./memoised-utility.ts";
import { conditionOf, type Equation, normalMatrix, solveRidge } from "./normal-equations.ts";

export interface GroupRound {
  /** Members of each group; a member is in one group at most. */
  readonly groups: readonly (readonly number[])[];
  /** One score a group: what the group as a whole contributed to this round. */
  readonly scores: readonly number[];
}

export interface MemberScores {
  /** Score of each member over all rounds; they sum to the sum of all group scores. */
  readonly scores: readonly number[];
  /** Rounds in which each member took part. */
  readonly appearances: readonly number[];
  /**
   * Ratio of the largest to the smallest eigenvalue of the normal matrix over the differences between
   * members; infinite when the groups do not tell some of them apart.
   */
  readonly conditioning: number;
  /** Root mean square of what the scores do not explain of the group scores. */
  readonly residual: number;
}

/**
 * Members' scores from group scores over rounds with redrawn groups [CONTRIBUTION.8]. In each round a member is
 * credited the round's mean score a member plus its own deviation; the deviations are found by least squares
 * with penalty `ridge` (0.1 unless given), which pulls towards equal shares. `INVALID_INPUT` for groups that
 * overlap, are empty or name no member, `NOT_FINITE` for a score that is not.
 */
export function memberScores(
  rounds: readonly GroupRound[],
  members: number,
  options: { readonly ridge?: number } = {},
): MemberScores {
  const { ridge = 0.1 } = options;
  if (!(ridge > 0)) throw invalidInput("ridge", `${ridge} is not positive`);
  for (const [r, round] of rounds.entries()) checkRound(round, `rounds[${r}]`, members);
  const rows = rounds.flatMap((round) => centredRows(round, members));
  const matrix = normalMatrix(rows, members);
  const deviations = solveRidge(matrix, rows, ridge);
  const appearances = new Array<number>(members).fill(0);
  const scores = new Array<number>(members).fill(0);
  let squares = 0;
  for (const round of rounds) {
    const cohort = round.groups.flat();
    const level = mean(cohort.length, round.scores);
    const centre = mean(
      cohort.length,
      cohort.map((member) => deviations[member] as number),
    );
    const credit = (member: number): number => level + (deviations[member] as number) - centre;
    for (const member of cohort) {
      appearances[member] = (appearances[member] as number) + 1;
      scores[member] = (scores[member] as number) + credit(member);
    }
    round.groups.forEach((group, g) => {
      const explained = group.reduce((sum, member) => sum + credit(member), 0);
      squares += ((round.scores[g] as number) - explained) ** 2;
    });
  }
  const present = appearances.flatMap((count, member) => (count > 0 ? [member] : []));
  return {
    scores,
    appearances,
    conditioning: conditionOf(matrix, present),
    residual: rows.length === 0 ? 0 : Math.sqrt(squares / rows.length),
  };
}

/**
 * One equation a group: its score less the round's mean score of so many members, by the deviations of its
 * members less the mean deviation of the cohort.
 */
function centredRows({ groups, scores }: GroupRound, members: number): Equation[] {
  const cohort = groups.flat();
  const level = mean(cohort.length, scores);
  return groups.map((group, g) => {
    const row = new Float64Array(members);
    for (const member of cohort) row[member] = -group.length / cohort.length;
    for (const member of group) row[member] = (row[member] as number) + 1;
    return { row, value: (scores[g] as number) - group.length * level };
  });
}

function mean(count: number, values: readonly number[]): number {
  return count === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / count;
}

function checkRound({ groups, scores }: GroupRound, at: string, members: number): void {
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
