import { invalidInput } from "@sheaf/base";
import { type CoalitionGame, canonicalPartition, type Partition } from "../game/coalition-game.ts";
import { membersOf, subsetUtilities } from "../stability/subset-utilities.ts";

/** Largest game whose best partition is found: 3^12 / 2 looks. */
export const bestPartitionLimit = 12;

/**
 * The best of all partitions [BASELINE.2]: of the highest sum of utilities, or of the highest lowest utility and
 * among those of the highest sum; of equal ones that found first. Exact, by dynamic programming over sets of
 * players. `INVALID_INPUT` above 12 players.
 */
export function bestPartition(game: CoalitionGame, objective: "sum" | "min"): Partition {
  if (game.players > bestPartitionLimit) {
    const advice = "compare with merge and split, or take a smaller game";
    throw invalidInput("players", `${game.players} are more than ${bestPartitionLimit}`, advice);
  }
  const worth = worthOfSets(game);
  if (objective === "sum") return partitionOf(maximise(worth.sum, (a, b) => a + b));
  const fairest = maximise(worth.min, Math.min).value;
  const sumOfFair = worth.sum.map((sum, set) => ((worth.min[set] as number) < fairest ? -Infinity : sum));
  return partitionOf(maximise(sumOfFair, (a, b) => a + b));
}

/** Sum and minimum of the members' utilities, by set. */
function worthOfSets(game: CoalitionGame): { sum: Float64Array; min: Float64Array } {
  const { players, values } = subsetUtilities(game);
  const sum = new Float64Array(2 ** players);
  const min = new Float64Array(2 ** players).fill(Number.POSITIVE_INFINITY);
  for (let set = 1; set < sum.length; set++) {
    for (const player of membersOf(set)) {
      const utility = values[set * players + player] as number;
      sum[set] = (sum[set] as number) + utility;
      min[set] = Math.min(min[set] as number, utility);
    }
  }
  return { sum, min };
}

interface Best {
  readonly value: number;
  /** By set: the coalition of its lowest player in its best partition. */
  readonly first: Uint32Array;
}

function maximise(worth: Float64Array, combine: (a: number, b: number) => number): Best {
  const best = new Float64Array(worth.length);
  const first = new Uint32Array(worth.length);
  for (let set = 1; set < worth.length; set++) {
    const lowest = set & -set;
    best[set] = worth[set] as number;
    first[set] = set;
    for (let part = (set - 1) & set; part !== 0; part = (part - 1) & set) {
      if ((part & lowest) === 0) continue;
      const value = combine(worth[part] as number, best[set & ~part] as number);
      if (value <= (best[set] as number)) continue;
      best[set] = value;
      first[set] = part;
    }
  }
  return { value: best.at(-1) as number, first };
}

function partitionOf({ first }: Best): Partition {
  const coalitions: number[][] = [];
  for (let left = first.length - 1; left !== 0; left &= ~(first[left] as number)) {
    coalitions.push(membersOf(first[left] as number));
  }
  return canonicalPartition(coalitions);
}
