import { invalidInput, type Random } from "@sheaf/base";
import { z } from "zod";
import { shuffledIndices } from "../data/dataset.ts";

export const samplingSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("fixed"), size: z.int().min(1) }),
  z.strictObject({ kind: z.literal("poisson"), rate: z.number().positive().max(1) }),
]);

/** `fixed`: `size` different owners. `poisson`: each owner alone with probability `rate`, as the accountant assumes. */
export type Sampling = Readonly<z.infer<typeof samplingSchema>>;

/** The owners of one round among `owners`, by index, ascending. A Poisson draw may be empty. */
export function sampleCohort(owners: number, sampling: Sampling, random: Random): number[] {
  if (sampling.kind === "poisson") {
    return Array.from({ length: owners }, (_, index) => index).filter(() => random.chance(sampling.rate));
  }
  if (sampling.size > owners) {
    throw invalidInput("cohort", `${sampling.size} owners a round, but there are ${owners}`);
  }
  return [...shuffledIndices(owners, random).subarray(0, sampling.size).sort()];
}
