import type { FormationOptions } from "@sheaf/game";
import type { CoalitionExperiment } from "./coalition-file.ts";

/** The rules of merge and split as the game takes them. */
export function formationOptions({
  mergeWidth,
  splitParts,
  stepLimit,
}: CoalitionExperiment["formation"]): Pick<FormationOptions, "mergeWidth" | "splitParts" | "stepLimit"> {
  return { ...(mergeWidth === "any" ? {} : { mergeWidth }), splitParts, stepLimit };
}
