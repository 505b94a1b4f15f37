import type { Dataset } from "@sheaf/federated";
import { z } from "zod";

/** What an owner agrees to. */
export const ownerPolicySchema = z.strictObject({
  /** Least price, after the analyst's fee, for one of the largest possible number of owners. */
  minimumShareWei: z.coerce.bigint().min(0n).default(0n),
  /** Privacy modes that it takes part in: by default those in which nobody sees its update. */
  modes: z
    .array(z.enum(["none", "secagg", "dp", "secagg+dp", "paillier"]))
    .min(1)
    .default(["secagg", "secagg+dp"]),
  /** Largest model, in parameters. */
  maxParameters: z.int().min(1).default(10_000_000),
  /** Fewest members of a sum that hides this owner's update. */
  minimumGroup: z.int().min(3).default(3),
  /** Jobs at once. */
  maxJobs: z.int().min(1).default(16),
  /** Over all jobs; without it, jobs in dp modes are accounted for and taken without limit. */
  privacy: z.strictObject({ epsilonLimit: z.number().positive(), delta: z.number().gt(0).lt(1) }).optional(),
  /** Rounds that the budget must pay for a job to be taken. */
  minimumRounds: z.int().min(1).default(1),
  /** Jobs whose results can be disputed for a shorter time are declined: arbiters must be able to vote. */
  minimumDisputeSeconds: z.int().min(1).default(30),
  /** Analysts trusted less are declined, 0 to 1. */
  minimumTrust: z.number().min(0).max(1).default(0),
  /** Whether a bond is risked when a round on chain is not what was sent. */
  disputes: z.boolean().default(true),
});

export type OwnerPolicy = Readonly<z.output<typeof ownerPolicySchema>>;

export interface OwnerOptions {
  readonly policy: OwnerPolicy;
  /** What the data set is; the host holds the samples. */
  readonly data: Pick<Dataset, "task" | "shape" | "count">;
}
