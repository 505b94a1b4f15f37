import type { Coalition, CoalitionGame } from "./coalition-game.ts";

/** Relative gain below which "better" does not count [GAME.4]. */
export const defaultTolerance = 1e-9;

/** Whether `after` exceeds `before` by more than `tolerance` of the larger of both [GAME.4]. */
export function isBetter(after: number, before: number, tolerance: number): boolean {
  return after - before > tolerance * Math.max(Math.abs(after), Math.abs(before));
}

/** How a coalition compares for its members: 0 somebody is worse, 1 nobody is worse, 2 and somebody is better. */
export type Acceptance = 0 | 1 | 2;

/**
 * Compares `after` (aligned with `members`) with `before` (by player) in the Pareto order [GAME.4]. "Worse" has
 * no tolerance: no number of steps can take anything from anybody, and none can be undone by rounding.
 */
export function acceptance(
  members: readonly number[],
  after: ArrayLike<number>,
  before: ArrayLike<number>,
  tolerance: number,
): Acceptance {
  let result: Acceptance = 1;
  for (let i = 0; i < members.length; i++) {
    const now = after[i] as number;
    const then = before[members[i] as number] as number;
    if (now < then) return 0;
    if (result === 1 && isBetter(now, then, tolerance)) result = 2;
  }
  return result;
}

/** `acceptance` of `members` as a coalition, for those who have `before` (by player). */
export function acceptanceOf(
  game: CoalitionGame,
  members: Coalition,
  before: ArrayLike<number>,
  tolerance: number,
): Acceptance {
  if (game.utilitiesUnlessWorse === undefined) {
    return acceptance(members, game.utilities(members), before, tolerance);
  }
  const after = game.utilitiesUnlessWorse(members, before);
  return after === null ? 0 : acceptance(members, after, before, tolerance);
}

/** Whether each of `members` is better, and not merely somebody [STABLE.6]. */
export function allBetter(
  members: readonly number[],
  after: ArrayLike<number>,
  before: ArrayLike<number>,
  tolerance: number,
): boolean {
  return members.every((player, i) => isBetter(after[i] as number, before[player] as number, tolerance));
}
