import {
  type Coalition,
  type CoalitionGame,
  checkPartition,
  type Partition,
  partitionUtilities,
} from "../game/coalition-game.ts";
import { defaultTolerance, isBetter } from "../game/pareto.ts";
import type { StabilityOptions } from "./check-dhp.ts";
import type { Check } from "./checks.ts";
import { mergeAscending } from "./grow-sets.ts";

/** One player that would rather be elsewhere. */
export interface Move {
  readonly player: number;
  readonly from: Coalition;
  /** The coalition it would join, as it is without the player; empty is alone. */
  readonly to: Coalition;
  readonly before: number;
  readonly after: number;
}

/** Nash stability [STABLE.4]: nobody gains by joining another coalition, or by leaving to be alone. Exact. */
export function checkNash(
  game: CoalitionGame,
  coalitions: readonly Coalition[],
  options: StabilityOptions = {},
): Check<Move> {
  const move = findMove(game, checkPartition(coalitions, game.players), options, false);
  if (move === null) return stable("Nash-stable: nobody gains by moving alone to another coalition");
  return unstable(move, "not Nash-stable: a player gains by moving to another coalition");
}

/**
 * Individual stability [STABLE.5]: nobody gains by joining another coalition of which no member loses by it, or by
 * leaving to be alone. Exact.
 */
export function checkIndividual(
  game: CoalitionGame,
  coalitions: readonly Coalition[],
  options: StabilityOptions = {},
): Check<Move> {
  const move = findMove(game, checkPartition(coalitions, game.players), options, true);
  if (move === null) return stable("individually stable: nobody gains by moving to where nobody loses by it");
  return unstable(move, "not individually stable: a player gains by moving to where nobody loses by it");
}

function stable(statement: string): Check<Move> {
  return { verdict: "stable", witness: null, statement };
}

function unstable(witness: Move, statement: string): Check<Move> {
  return { verdict: "unstable", witness, statement };
}

function findMove(
  game: CoalitionGame,
  partition: Partition,
  { tolerance = defaultTolerance }: StabilityOptions,
  welcome: boolean,
): Move | null {
  const before = partitionUtilities(game, partition);
  for (const from of partition) {
    for (const player of from) {
      const now = before[player] as number;
      for (const to of from.length === 1 ? partition : [...partition, []]) {
        if (to === from) continue;
        const members = mergeAscending(to, [player]);
        if (!couldGain(game, members, player, now)) continue;
        const utilities = game.utilities(members);
        const after = utilities[members.indexOf(player)] as number;
        if (!isBetter(after, now, tolerance)) continue;
        const loses = (other: number, i: number) =>
          other !== player && (utilities[i] as number) < (before[other] as number);
        if (welcome && members.some(loses)) continue;
        return { player, from, to, before: now, after };
      }
    }
  }
  return null;
}

function couldGain(game: CoalitionGame, members: Coalition, player: number, now: number): boolean {
  if (game.ceilings === undefined) return true;
  return (game.ceilings(members)[members.indexOf(player)] as number) > now;
}
