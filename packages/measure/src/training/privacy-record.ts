import { z } from "zod";
import { count } from "./scalars.ts";

export const privacyModes = ["none", "secagg", "dp", "secagg+dp", "paillier"] as const;

/** How updates were hidden. A part is `null` exactly where the mode does not have it. */
export const privacySchema = z
  .strictObject({
    mode: z.enum(privacyModes),
    secagg: z
      .strictObject({
        /** Members of one sum. "cohort": one sum a round. */
        groupSize: z.union([z.int().positive(), z.literal("cohort")]),
        /** Share of a group that must help to open its sum, 0 to 1. */
        threshold: z.number().min(0).max(1),
        /** With how many others a member shares masks. */
        neighbours: z.union([z.int().positive(), z.literal("all")]),
      })
      .nullable(),
    /** Integers of `bits` bits for values of at most `clip`; `null` in the modes that send floats. */
    quantisation: z.strictObject({ bits: z.int().positive(), clip: z.number().positive() }).nullable(),
    dp: z
      .strictObject({
        /** Largest L2 norm of an update. */
        clip: z.number().positive(),
        /** Standard deviation of the noise on the sum, over `clip`. */
        noiseMultiplier: z.number().nonnegative(),
        delta: z.number().positive().lt(1),
        /** What an owner may spend in this job; `null` without a limit. */
        epsilonBudget: z.number().positive().nullable(),
        /** Who adds the noise: the analyst to the sum, or each owner its share. */
        noise: z.enum(["central", "distributed"]),
      })
      .nullable(),
    paillier: z.strictObject({ keyBits: count }).nullable(),
  })
  .superRefine((privacy, context) => {
    const parts: readonly (readonly [part: "secagg" | "dp" | "paillier", has: boolean])[] = [
      ["secagg", privacy.mode.startsWith("secagg")],
      ["dp", privacy.mode.endsWith("dp")],
      ["paillier", privacy.mode === "paillier"],
    ];
    for (const [part, has] of parts) {
      if ((privacy[part] !== null) === has) continue;
      context.addIssue({
        code: "custom",
        path: [part],
        message: `must be ${has ? "given" : "null"} in the mode ${privacy.mode}`,
      });
    }
  });

export type PrivacyMode = (typeof privacyModes)[number];
export type PrivacyRecord = Readonly<z.infer<typeof privacySchema>>;
