import { invalidInput, invariant } from "@sheaf/base";

/**
 * A hedonic game without externalities: what a member gets depends on its own coalition alone [GAME.1]. Players
 * are 0..players-1; every model of a game stands behind this interface.
 */
export interface CoalitionGame {
  readonly players: number;
  /** Distinct ids, one a player, for people; no result depends on them [GAME.2]. */
  readonly names: readonly string[];
  /**
   * Utility of each member if `members` is a coalition, aligned with `members`, none beyond `utilityLimit`. `members`
   * is ascending, distinct and not empty. The same members always give the same numbers, to the last bit. The
   * array is the game's: copy it to keep or change it.
   */
  utilities(members: readonly number[]): readonly number[] | Float64Array;
  /**
   * What `utilities` gives, or `null` when some member gets less than its entry in `least` (by player). Optional:
   * it lets a model stop at the first that does [GAME.5].
   */
  utilitiesUnlessWorse?(
    members: readonly number[],
    least: ArrayLike<number>,
  ): readonly number[] | Float64Array | null;
  /**
   * For each of `members` a number that is at least its utility in any coalition that holds all of `members`.
   * Optional: it lets a search leave out what cannot be accepted, and never changes a result [GAME.5]. The array
   * is the game's.
   */
  ceilings?(members: readonly number[]): readonly number[] | Float64Array;
}

/** No utility is farther from zero, so that sums and squares over all players are finite numbers, too [GAME.1]. */
export const utilityLimit = 1e100;

/** Players, ascending. */
export type Coalition = readonly number[];

/** Every player in exactly one coalition; coalitions by their first member [GAME.3]. */
export type Partition = readonly Coalition[];

/** Everybody alone. */
export function singletons(players: number): Partition {
  return Array.from({ length: players }, (_, player) => [player]);
}

/** All in one. */
export function grandCoalition(players: number): Partition {
  return [Array.from({ length: players }, (_, player) => player)];
}

/** The same coalitions in canonical order [GAME.3]. */
export function canonicalPartition(coalitions: readonly Coalition[]): Partition {
  return coalitions
    .map((members) => [...members].sort((a, b) => a - b))
    .sort((a, b) => (a[0] as number) - (b[0] as number));
}

/**
 * The canonical form of a partition that somebody wrote; `INVALID_INPUT` when a coalition is empty, a player is
 * unknown, or is not in exactly one coalition [GAME.3].
 */
export function checkPartition(
  coalitions: readonly Coalition[],
  players: number,
  at = "partition",
): Partition {
  const seen = new Set<number>();
  for (const members of coalitions) {
    if (members.length === 0) throw invalidInput(at, "holds an empty coalition");
    for (const player of members) {
      if (!Number.isInteger(player) || player < 0 || player >= players) {
        throw invalidInput(at, `names player ${player}, players are 0 to ${players - 1}`);
      }
      if (seen.has(player)) throw invalidInput(at, `has player ${player} twice`);
      seen.add(player);
    }
  }
  if (seen.size !== players) {
    const missing = Array.from({ length: players }, (_, player) => player).find(
      (player) => !seen.has(player),
    );
    throw invalidInput(at, `leaves out player ${missing}`);
  }
  return canonicalPartition(coalitions);
}

/** The partition of these ids; `INVALID_INPUT` for an id that is unknown, and as `checkPartition` [GAME.3]. */
export function partitionOfNames(
  game: CoalitionGame,
  coalitions: readonly (readonly string[])[],
  at = "partition",
): Partition {
  const places = new Map(game.names.map((name, player) => [name, player]));
  const numbered = coalitions.map((names) =>
    names.map((name) => {
      const player = places.get(name);
      if (player === undefined) throw invalidInput(at, `"${name}" is no player`);
      return player;
    }),
  );
  return checkPartition(numbered, game.players, at);
}

/** A copy of what the members get; a utility that is not a finite number is a defect of the model (`INVARIANT`). */
export function utilitiesOf(game: CoalitionGame, members: Coalition): Float64Array {
  const utilities = Float64Array.from(game.utilities(members));
  invariant(utilities.length === members.length, "one utility a member");
  for (const utility of utilities) invariant(Number.isFinite(utility), "utilities are finite");
  return utilities;
}

/** Utility of each player (length `players`) under a canonical partition. */
export function partitionUtilities(game: CoalitionGame, partition: Partition): Float64Array {
  const out = new Float64Array(game.players);
  for (const members of partition) {
    const utilities = utilitiesOf(game, members);
    members.forEach((player, i) => {
      out[player] = utilities[i] as number;
    });
  }
  return out;
}
