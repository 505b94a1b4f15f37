import type { CoalitionGame, Formation } from "@sheaf/game";
import type { Formation as FormationRecord, FormationStep as StepRecord } from "@sheaf/measure";
import type { CoalitionExperiment } from "../coalition-file.ts";
import { aloneUtilities } from "./stability-rows.ts";

const REASONS: Readonly<Record<Formation["stopped"], string>> = {
  stable: "no merge and no split that the rules allow was found to apply any more",
  "step-limit": "the limit of steps was reached",
  stopped: "the run was interrupted",
};

/** Every step with the utilities before and after, and what all players have together after it. */
export function formationRows(
  game: CoalitionGame,
  { mergeWidth, splitParts }: CoalitionExperiment["formation"],
  formed: Formation,
  durationMs: number,
): FormationRecord {
  const utilities = aloneUtilities(game);
  const standing = (): { sum: number; minimum: number } => ({
    sum: utilities.reduce((sum, utility) => sum + utility, 0),
    minimum: utilities.reduce((least, utility) => Math.min(least, utility), Number.POSITIVE_INFINITY),
  });
  const start = { partition: utilities.map((_, player) => [player]), ...standing() };
  const steps = formed.steps.map((step): StepRecord => {
    step.members.forEach((member, i) => {
      utilities[member] = step.after[i] as number;
    });
    return {
      kind: step.rule,
      before: step.from.map((members) => [...members]),
      after: step.to.map((members) => [...members]),
      players: [...step.members],
      utilitiesBefore: [...step.before],
      utilitiesAfter: [...step.after],
      ...standing(),
    };
  });
  return {
    rules: {
      maxMerge: mergeWidth === "any" ? null : mergeWidth,
      maxSplitParts: splitParts === "two" ? 2 : null,
      maxSplitSize: null,
    },
    start,
    steps,
    final: formed.partition.map((members) => [...members]),
    stoppedBecause: REASONS[formed.stopped],
    evaluations: formed.evaluations,
    durationMs,
  };
}
