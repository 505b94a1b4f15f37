import type { CoalitionPartition } from "@sheaf/measure";
import type { ColorToken } from "../charts/chart-spec.ts";

const cycle = ["c1", "c2", "c3", "c4", "c6", "c5"] as const;

/** A colour for each player of a coalition of several, the same for its members; they come round after six. */
export function tokensOf(partition: CoalitionPartition): ReadonlyMap<number, ColorToken> {
  const several = partition.filter(({ length }) => length > 1);
  return new Map(
    several.flatMap((members, i) =>
      members.map((player) => [player, cycle[i % cycle.length] as ColorToken] as const),
    ),
  );
}
