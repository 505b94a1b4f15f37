import { invalidInput } from "@sheaf/base";
import { type CoalitionGame, canonicalPartition, type Partition } from "../game/coalition-game.ts";
import { membersOf } from "../stability/subset-utilities.ts";

/** Largest game whose best partitions are found: 3^11 looks for each. */
export const bestPartitionLimit = 12;

export interface BestPartitions {
  /** Of the highest sum of utilities. */
  readonly sum: Partition;
  /** Of the highest lowest utility, and among those of the highest sum. */
  readonly min: Partition;
}

/**
 * The best of all partitions [BASELINE.2]; of equal ones that found first. Exact, by dynamic programming over sets of
 * players. `INVALID_INPUT` above 12 players.
 */
export function bestPartitions(game: CoalitionGame): BestPartitions {
  if (game.players > bestPartitionLimit) {
    const advice = "compare with merge and split, or take a smaller game";
    throw invalidInput("players", `${game.players} are more than ${bestPartitionLimit}`, advice);
  }
  const worth = worthOfSets(game);
  const fairest = maximise(worth.min, "lowest").value;
  const sumOfFair = worth.sum.map((sum, set) => ((worth.min[set] as number) < fairest ? -Infinity : sum));
  return { sum: partitionOf(maximise(worth.sum, "sum")), min: partitionOf(maximise(sumOfFair, "sum")) };
}

/** Sum and minimum of the members' utilities, by set: bit i is player i. */
function worthOfSets(game: CoalitionGame): { sum: Float64Array; min: Float64Array } {
  const sum = new Float64Array(2 ** game.players);
  const min = new Float64Array(2 ** game.players).fill(Number.POSITIVE_INFINITY);
  for (let set = 1; set < sum.length; set++) {
    for (const utility of game.utilities(membersOf(set))) {
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

/** The partition of each set whose coalitions' worth has the highest sum, or the highest lowest. */
function maximise(worth: Float64Array, by: "sum" | "lowest"): Best {
  const best = new Float64Array(worth.length);
  const first = new Uint32Array(worth.length);
  for (let set = 1; set < worth.length; set++) {
    let most = worth[set] as number;
    let chosen = set;
    const lowest = set & -set;
    const others = set ^ lowest;
    for (let left = others; left !== 0; ) {
      left = (left - 1) & others;
      const part = left | lowest;
      const own = worth[part] as number;
      const rest = best[set ^ part] as number;
      const value = by === "sum" ? own + rest : Math.min(own, rest);
      if (value <= most) continue;
      most = value;
      chosen = part;
    }
    best[set] = most;
    first[set] = chosen;
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
