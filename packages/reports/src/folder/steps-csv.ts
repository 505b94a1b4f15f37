import { join } from "node:path";
import type { Coalition, CoalitionRecord } from "@sheaf/measure";
import { type CsvCell, toCsv } from "./csv.ts";
import { runFiles } from "./run-files.ts";
import { writeFileAtomically } from "./write-file.ts";

const columns =
  "step,kind,before,after,player,utility_before,utility_after,sum_before,sum_after,minimum_before,minimum_after";

/**
 * Writes `steps.csv`, one row for each player concerned in a step, beside the record and gives its path. Coalitions
 * are ids joined by "+", with "|" between coalitions.
 */
export async function exportSteps(dir: string, record: CoalitionRecord): Promise<string> {
  const target = join(dir, runFiles.stepsCsv);
  await writeFileAtomically(target, toCsv(columns, stepRows(record)));
  return target;
}

function stepRows({ formation, players }: CoalitionRecord): readonly (readonly CsvCell[])[] {
  const id = (player: number): string => players[player]?.id ?? String(player);
  const named = (partition: readonly Coalition[]): string =>
    partition.map((members) => members.map(id).join("+")).join("|");
  const states = [formation.start, ...formation.steps];
  return formation.steps.flatMap((step, i) =>
    step.players.map((player, at) => [
      i + 1,
      step.kind,
      named(step.before),
      named(step.after),
      id(player),
      step.utilitiesBefore[at] ?? null,
      step.utilitiesAfter[at] ?? null,
      states[i]?.sum ?? null,
      step.sum,
      states[i]?.minimum ?? null,
      step.minimum,
    ]),
  );
}
