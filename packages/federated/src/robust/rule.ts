import { z } from "zod";

/** How a server makes one update of many. Byzantine counts and trims are what the rule can bear. */
export const aggregationRuleSchema = z.discriminatedUnion("kind", [
  /** Mean, weighted by the weights given. No protection: one member can move it anywhere. */
  z.strictObject({ kind: z.literal("mean") }),
  /** Coordinate-wise median. Weights are not used. */
  z.strictObject({ kind: z.literal("median") }),
  /** Coordinate-wise mean without the `trim` share (of all updates) at each end. Weights are not used. */
  z.strictObject({ kind: z.literal("trimmed-mean"), trim: z.number().min(0).lt(0.5) }),
  /** The one update nearest to its neighbours; bears `byzantine` of n >= 2 byzantine + 3. */
  z.strictObject({ kind: z.literal("krum"), byzantine: z.number().int().min(0) }),
  /** Weighted mean of the `keep` updates nearest to their neighbours; keep <= n - byzantine - 2. */
  z.strictObject({
    kind: z.literal("multi-krum"),
    byzantine: z.number().int().min(0),
    keep: z.number().int().min(1),
  }),
]);

export type AggregationRule = z.infer<typeof aggregationRuleSchema>;

export interface Refusal {
  /** Position in the list of updates. */
  readonly index: number;
  readonly code: "WRONG_LENGTH" | "NOT_FINITE" | "BAD_WEIGHT";
}

export interface Aggregate {
  /** The mean update (dimension of the updates). */
  readonly update: Float32Array;
  /** Positions of the updates that went into it, ascending. */
  readonly chosen: readonly number[];
  /** Updates left out because they were malformed, ascending. */
  readonly refused: readonly Refusal[];
}

export type RobustErrorDetail = {
  /** The rule needs at least `needed` well-formed updates. */
  readonly code: "TOO_FEW_UPDATES";
  readonly rule: AggregationRule["kind"];
  readonly needed: number;
  readonly have: number;
};
