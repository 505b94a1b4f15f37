import { average } from "../statistics.ts";
import type { CoalitionRecord } from "./coalition-record.ts";
import type { FormationStep } from "./formation-record.ts";
import type { Coalition } from "./partition.ts";

/** [CRECORD.5] Part of the sum of all amounts that two sums may differ by and still count as equal: rounding. */
const tolerance = 1e-9;

/** How formation went and what it brought. Utilities are in the model's unit. */
export interface FormationAnalysis {
  /** Sum and least of all utilities, at the start and after each step. */
  readonly course: readonly { readonly sum: number; readonly minimum: number }[];
  /** [CRECORD.5] Steps, from 1, that break the rules of merge and split. */
  readonly wrongSteps: readonly number[];
  /** [CRECORD.4] Utility at the end less utility alone, in the order of the players. */
  readonly gains: readonly number[];
  readonly meanGain: number;
  /** [CRECORD.4] Players with less than alone. */
  readonly losers: readonly number[];
  /** [CRECORD.4] The final coalition of the largest sum of utilities. */
  readonly best: { readonly members: Coalition; readonly sum: number };
  /** Whether the last sum of the course is the sum of the final utilities. */
  readonly sumAgrees: boolean;
}

/** Derives the figures of formation. Pure. */
export function analyseFormation({ formation, utilities }: CoalitionRecord): FormationAnalysis {
  const { start, steps, final } = formation;
  const course = [start, ...steps].map(({ sum, minimum }) => ({ sum, minimum }));
  const sums = course.map(({ sum }) => sum);
  const rounding =
    tolerance * [...utilities.alone, ...utilities.final].reduce((all, own) => all + Math.abs(own), 0);
  const gains = utilities.final.map((own, i) => own - (utilities.alone[i] as number));
  return {
    course,
    wrongSteps: steps.flatMap((step, i) =>
      improves(step) && Math.abs(step.sum - (sums[i] as number) - gainOf(step)) <= rounding ? [] : [i + 1],
    ),
    gains,
    meanGain: average(gains),
    losers: gains.flatMap((gain, i) => (gain < 0 ? [i] : [])),
    best: bestCoalition(final, utilities.final),
    sumAgrees:
      Math.abs((sums.at(-1) as number) - utilities.final.reduce((sum, own) => sum + own, 0)) <= rounding,
  };
}

/** [CRECORD.5] Nobody concerned has less, and somebody has more: exactly, as the game compares [GAME.4]. */
function improves({ utilitiesBefore, utilitiesAfter }: FormationStep): boolean {
  const pairs = utilitiesBefore.map((before, i) => [before, utilitiesAfter[i] as number] as const);
  return pairs.every(([before, after]) => after >= before) && pairs.some(([before, after]) => after > before);
}

/** What those concerned gain together. */
function gainOf({ utilitiesBefore, utilitiesAfter }: FormationStep): number {
  return utilitiesAfter.reduce((gain, after, i) => gain + after - (utilitiesBefore[i] as number), 0);
}

/** [CRECORD.4] Of two with equal sums the one whose first member comes first. */
function bestCoalition(
  partition: readonly Coalition[],
  utilities: readonly number[],
): FormationAnalysis["best"] {
  const ranked = partition
    .map((members) => ({
      members,
      sum: members.reduce((sum, player) => sum + (utilities[player] as number), 0),
    }))
    .sort((a, b) => b.sum - a.sum || (a.members[0] ?? 0) - (b.members[0] ?? 0));
  return ranked[0] as FormationAnalysis["best"];
}
