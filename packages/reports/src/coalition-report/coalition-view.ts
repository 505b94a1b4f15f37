import {
  analyseCoalition,
  type Coalition,
  type CoalitionAnalysis,
  type CoalitionPartition,
  type CoalitionRecord,
  type CoalitionSummary,
  summarizeCoalition,
} from "@sheaf/measure";
import type { ColorToken } from "../charts/chart-spec.ts";
import { tokensOf } from "./tokens.ts";

/** Everything a report of a coalition run is made from, derived once. */
export interface CoalitionView {
  readonly record: CoalitionRecord;
  readonly analysis: CoalitionAnalysis;
  readonly summary: CoalitionSummary;
  /** The id of a player. */
  readonly id: (player: number) => string;
  /** "{miner-1, miner-4}". */
  readonly group: (members: Coalition) => string;
  /** The name of a coalition of the final partition: "C3"; else its members. */
  readonly name: (members: Coalition) => string;
  /** The colour of a player: that of its final coalition; muted when it ends alone. */
  readonly color: (player: number) => ColorToken;
}

/** Derives the view of a coalition run. `dir` is its folder as the summary names it. */
export function createCoalitionView(record: CoalitionRecord, dir: string): CoalitionView {
  const final = record.formation.final;
  const names = new Map(final.map((members, i) => [members.join(), `C${i + 1}`]));
  const id = (player: number): string => record.players[player]?.id ?? String(player);
  const group = (members: Coalition): string => `{${members.map(id).join(", ")}}`;
  const colors = tokensOf(final);
  return {
    record,
    analysis: analyseCoalition(record),
    summary: summarizeCoalition(record, dir),
    id,
    group,
    name: (members) => names.get(members.join()) ?? group(members),
    color: (player) => colors.get(player) ?? "muted",
  };
}

/** A partition in one line; where it is long, how many coalitions of each size. */
export function partitionText({ group }: CoalitionView, partition: CoalitionPartition): string {
  const whole = partition.map(group).join(" ");
  return whole.length <= 160 ? whole : sizesText(partition);
}

/** "3 alone, 2 of size 4". */
export function sizesText(partition: CoalitionPartition): string {
  const counts = new Map<number, number>();
  for (const { length } of partition) counts.set(length, (counts.get(length) ?? 0) + 1);
  return [...counts]
    .sort(([a], [b]) => a - b)
    .map(([size, count]) => (size === 1 ? `${count} alone` : `${count} of size ${size}`))
    .join(", ");
}
