import type { VectorPlan } from "./vector-plan.ts";
import { quantisationStep } from "./vector-plan.ts";

/** A part of a round as it was opened: one update, or the sum of a group. */
export interface OpenedPart {
  /** Indices of owners, ascending. */
  readonly members: readonly number[];
  /** Weighted mean of the members' updates. */
  readonly mean: Float32Array;
  readonly weight: number;
  /** Mean loss by weight; `null` where it stays at home. */
  readonly loss: number | null;
  readonly saturated: number | null;
}

/**
 * The mean of a sum of `members` inputs [PHASE.6]; `BAD_WEIGHT` when the weights in it cannot be theirs: then a
 * member sent something else, and the part is left out.
 */
export function decodeSum(
  plan: VectorPlan,
  sum: Int32Array,
  members: readonly number[],
): OpenedPart | { readonly rejected: "BAD_WEIGHT" } {
  const weight = sum[plan.parameters] as number;
  if (weight < members.length || weight > members.length * plan.maxWeight) return { rejected: "BAD_WEIGHT" };
  const factor = (quantisationStep(plan.quantisation) * plan.maxWeight) / weight;
  const mean = new Float32Array(plan.parameters);
  for (let i = 0; i < plan.parameters; i++) mean[i] = (sum[i] as number) * factor;
  if (plan.lossScale === 0) return { members, mean, weight, loss: null, saturated: null };
  const loss = Math.max(0, sum[plan.parameters + 1] as number) / plan.lossScale / weight;
  return { members, mean, weight, loss, saturated: Math.max(0, sum[plan.parameters + 2] as number) };
}
