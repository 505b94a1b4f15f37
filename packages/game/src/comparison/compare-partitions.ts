import { createRandom } from "@sheaf/base";
import {
  type CoalitionGame,
  canonicalPartition,
  grandCoalition,
  type Partition,
  singletons,
} from "../game/coalition-game.ts";
import { bestPartitionLimit, bestPartitions } from "./best-partition.ts";
import { measurePartition, type PartitionMeasures } from "./measure-partition.ts";

/** Ways to partition the players [BASELINE.3]. */
export type PartitionMethod = "merge-split" | "singletons" | "grand" | "random" | "best-sum" | "best-min";

export interface ComparisonRow {
  readonly method: PartitionMethod;
  readonly partition: Partition;
  readonly measures: PartitionMeasures;
}

/**
 * What merge and split came to beside other partitions of the same game [BASELINE.3]: one row a method, `best-sum` and
 * `best-min` for games of up to 12 players only. `random` has coalitions as large as those of merge and split and
 * members at random, drawn from `seed`, so that it tells what choosing members is worth.
 */
export function comparePartitions(
  game: CoalitionGame,
  formed: Partition,
  seed: string | number = 1,
): readonly ComparisonRow[] {
  const partitions: [PartitionMethod, Partition][] = [
    ["merge-split", formed],
    ["singletons", singletons(game.players)],
    ["grand", grandCoalition(game.players)],
    ["random", dealtAtRandom(game.players, formed, seed)],
  ];
  if (game.players <= bestPartitionLimit) {
    const { sum, min } = bestPartitions(game);
    partitions.push(["best-sum", sum], ["best-min", min]);
  }
  return partitions.map(([method, partition]) => ({
    method,
    partition,
    measures: measurePartition(game, partition),
  }));
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
