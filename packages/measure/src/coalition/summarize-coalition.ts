import { analyseCoalition } from "./coalition-analysis.ts";
import type { CoalitionRecord } from "./coalition-record.ts";
import type { CoalitionSummary } from "./coalition-summary.ts";
import type { Coalition } from "./partition.ts";

/** [CRECORD.3] The summary of a coalition run. Pure. `dir` is its folder as the reader knows it. */
export function summarizeCoalition(record: CoalitionRecord, dir: string): CoalitionSummary {
  const { formation, chain } = analyseCoalition(record);
  const { verdict, statement } = record.stability.dhp;
  const named = (members: Coalition): readonly string[] =>
    members.map((player) => record.players[player]?.id ?? String(player));
  return {
    schema: "sheaf.coalition/1",
    runId: record.runId,
    dir,
    miners: record.players.length,
    coalitions: record.formation.final.map(named),
    best: named(formation.best.members),
    iterations: record.formation.steps.length,
    stability: { dhp: verdict === "not-refuted" ? null : verdict === "stable", statement },
    meanGain: formation.meanGain,
    chain: chain === null ? null : { blocks: chain.blocks, chiSquareP: chain.fit.p },
  };
}
