import type { CoalitionGame } from "../game/coalition-game.ts";

/** Utilities in every coalition of a small game, a set of players as bits (bit i is player i). */
export interface SubsetUtilities {
  readonly players: number;
  /** Entry `set * players + player`; `NaN` where the player is no member. */
  readonly values: Float64Array;
}

/** Asks the game for each of its 2^n - 1 coalitions once. */
export function subsetUtilities(game: CoalitionGame): SubsetUtilities {
  const { players } = game;
  const values = new Float64Array(2 ** players * players).fill(Number.NaN);
  for (let set = 1; set < 2 ** players; set++) {
    const members = membersOf(set);
    const utilities = game.utilities(members);
    members.forEach((player, i) => {
      values[set * players + player] = utilities[i] as number;
    });
  }
  return { players, values };
}

/** The players of a set, ascending. */
export function membersOf(set: number): number[] {
  const out: number[] = [];
  for (let left = set; left !== 0; left &= left - 1) out.push(31 - Math.clz32(left & -left));
  return out;
}

/** The set of some players. */
export function setOf(members: readonly number[]): number {
  return members.reduce((set, player) => set | (1 << player), 0);
}
