import {
  type Coalition,
  type CoalitionGame,
  checkPartition,
  partitionUtilities,
  singletons,
} from "../game/coalition-game.ts";
import { allBetter, defaultTolerance } from "../game/pareto.ts";
import type { StabilityOptions } from "./check-dhp.ts";
import type { Check } from "./checks.ts";
import { defaultEvaluationLimit, growSets } from "./grow-sets.ts";

/** Players that would all rather be a coalition of their own. */
export interface Blocking {
  readonly members: Coalition;
  /** Aligned with `members`. */
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/**
 * Whether a partition is in the core of the hedonic game [STABLE.6]: no set of players, each of whom gains as a
 * coalition of their own. Exact up to 17 players, and beyond where ceilings rule out what is left; else
 * `not-checked`, with the size up to which no set blocks in the statement. `INVALID_INPUT` for what is no partition.
 */
export function checkCore(
  game: CoalitionGame,
  coalitions: readonly Coalition[],
  options: StabilityOptions = {},
): Check<Blocking> {
  const { evaluationLimit = defaultEvaluationLimit, tolerance = defaultTolerance } = options;
  const before = partitionUtilities(game, checkPartition(coalitions, game.players));
  const grown = growSets({
    game,
    coalitions: singletons(game.players),
    accepts: (members) => allBetter(members, game.utilities(members), before, tolerance),
    couldAccept: (members, ceilings) => allBetter(members, ceilings, before, 0),
    fromWidth: 1,
    toWidth: game.players,
    limit: evaluationLimit,
  });
  if (grown.found !== null) {
    const members = grown.found;
    const witness = {
      members,
      before: members.map((player) => before[player] as number),
      after: [...game.utilities(members)],
    };
    return {
      verdict: "unstable",
      witness,
      statement: "not in the core: a set of players all gain on their own",
    };
  }
  if (grown.complete) {
    return {
      verdict: "stable",
      witness: null,
      statement: "in the core: no set of players all gain on their own",
    };
  }
  const statement = `the core was not checked: no set of up to ${grown.width} players blocks, larger ones were not looked at`;
  return { verdict: "not-checked", witness: null, statement };
}
