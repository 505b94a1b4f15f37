import { createRandom, invalidInput } from "@sheaf/base";

/**
 * The rank of each player: its place in the order in which candidates are tried [MERGE.4]. Drawn from `seed`, or
 * given as the list of all players in that order; `INVALID_INPUT` when that is no permutation.
 */
export function tieRanks(players: number, seed: string | number, order?: readonly number[]): Float64Array {
  const drawn =
    order ??
    createRandom(`tie-order/${seed}`).shuffle(Array.from({ length: players }, (_, player) => player));
  const ranks = new Float64Array(players).fill(-1);
  drawn.forEach((player, rank) => {
    if (ranks[player] !== -1) throw invalidInput("order", `${player} is there twice or is no player`);
    ranks[player] = rank;
  });
  if (drawn.length !== players) throw invalidInput("order", `has ${drawn.length} of ${players} players`);
  return ranks;
}
