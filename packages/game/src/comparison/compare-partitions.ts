import { createRandom } from "@sheaf/base";
import { formCoalitions } from "../formation/form-coalitions.ts";
import type { Formation, FormationOptions } from "../formation/formation.ts";
import {
  type CoalitionGame,
  canonicalPartition,
  grandCoalition,
  type Partition,
  singletons,
} from "../game/coalition-game.ts";
import { bestPartition, bestPartitionLimit } from "./best-partition.ts";
import { measurePartition, type PartitionMeasures } from "./measure-partition.ts";

/** Ways to partition the players [BASELINE.3]. */
export type PartitionMethod = "merge-split" | "singletons" | "grand" | "random" | "best-sum" | "best-min";

export interface ComparisonRow {
  readonly method: PartitionMethod;
  readonly partition: Partition;
  readonly measures: PartitionMeasures;
}

export interface Comparison {
  readonly formation: Formation;
  /** One a method; `best-sum` and `best-min` for games of up to 12 players only. */
  readonly rows: readonly ComparisonRow[];
}

/**
 * Merge and split beside other partitions of the same game [BASELINE.3]. `random` has coalitions as large as those
 * of merge and split and members at random, so that it tells what choosing members is worth.
 */
export function comparePartitions(game: CoalitionGame, options: FormationOptions = {}): Comparison {
  const formation = formCoalitions(game, options);
  const partitions: [PartitionMethod, Partition][] = [
    ["merge-split", formation.partition],
    ["singletons", singletons(game.players)],
    ["grand", grandCoalition(game.players)],
    ["random", dealtAtRandom(game.players, formation.partition, options.seed ?? 1)],
  ];
  if (game.players <= bestPartitionLimit) {
    partitions.push(["best-sum", bestPartition(game, "sum")], ["best-min", bestPartition(game, "min")]);
  }
  const rows = partitions.map(
    ([method, partition]): ComparisonRow => ({
      method,
      partition,
      measures: measurePartition(game, partition),
    }),
  );
  return { formation, rows };
}

function dealtAtRandom(players: number, like: Partition, seed: string | number): Partition {
  const shuffled = createRandom(`random-partition/${seed}`).shuffle(
    Array.from({ length: players }, (_, player) => player),
  );
  let next = 0;
  const dealt = like.map(({ length }) => {
    next += length;
    return shuffled.slice(next - length, next);
  });
  return canonicalPartition(dealt);
}
