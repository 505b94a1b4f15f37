import { invalidInput } from "@sheaf/base";
import { z } from "zod";

/**
 * One release of a noisy sum: Gaussian noise of `noiseMultiplier` times the clipping norm on the sum of the
 * updates of a cohort. Neighbouring inputs differ in one owner's update, which one of them replaces by the
 * zero vector [PRIVACY.1].
 */
export const mechanismSchema = z.strictObject({
  /** Standard deviation of the noise on the sum, divided by the clipping norm. 0 is no noise. */
  noiseMultiplier: z.number().min(0),
  /**
   * Probability of an owner to be in the cohort; 1 counts no amplification. Only a cohort that stays secret
   * from whoever sees the result amplifies [PRIVACY.6].
   */
  sampleRate: z.number().min(0).max(1).default(1),
  /** How the cohort is drawn: each owner by its own coin, or a fixed number of owners. */
  sampling: z.enum(["poisson", "fixed-size"]).default("poisson"),
  /**
   * Noise that is a sum of discrete Gaussian shares: bound on the absolute log ratio of its density to that
   * of one discrete Gaussian, all coordinates together [PRIVACY.10]. Absent for central noise.
   */
  deviation: z.number().min(0).optional(),
});

export type Mechanism = z.infer<typeof mechanismSchema>;
export type MechanismInput = z.input<typeof mechanismSchema>;

/** The complete mechanism; `INVALID_INPUT` for a number out of range. */
export function parseMechanism(input: MechanismInput): Mechanism {
  const parsed = mechanismSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw invalidInput(["mechanism", ...(issue?.path ?? [])].join("."), issue?.message ?? "invalid");
}
