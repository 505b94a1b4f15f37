import { clipL2, gaussianNoise } from "@sheaf/federated";
import { fromBitmap } from "../round/bitmap.ts";
import { weightOf } from "../round/encode-input.ts";
import { floatsToBytes } from "../round/float-bytes.ts";
import { openNoiseShare, smallestOpenCohort } from "../round/noise.ts";
import { isNoised, vectorPlan } from "../round/vector-plan.ts";
import type { OpenAnswer, OwnerContext, Trained } from "./state.ts";

type OpenUpdate = Extract<OpenAnswer, { kind: "update" }>;

/**
 * The update as modes none and dp send it [OWNER.7]: in dp clipped as a whole, of weight 1, without its loss,
 * and with this owner's share of the noise if owners add it.
 */
export function encodeOpenUpdate(
  { facts, options }: OwnerContext,
  { result }: Trained,
): OpenUpdate | { readonly rejected: string } {
  const { spec, opening } = facts;
  if (spec === undefined || opening === undefined) return { rejected: "SPECIFICATION_INVALID" };
  if (!result.update.every(Number.isFinite) || !Number.isFinite(result.loss))
    return { rejected: "NOT_FINITE" };
  const plan = vectorPlan(spec, result.update.length, 1);
  const weight = weightOf(plan, result.samples);
  if (plan.normClip === undefined) {
    return { kind: "update", values: floatsToBytes(result.update), weight, loss: Math.max(0, result.loss) };
  }
  const { clipped } = clipL2(result.update, plan.normClip);
  const cohort = fromBitmap(facts.owners, opening.cohortBitmap)?.length ?? 0;
  const sigma = isNoised(spec) ? openNoiseShare(spec, smallestOpenCohort(spec, cohort)) : undefined;
  if (sigma !== undefined) {
    const noise = gaussianNoise(clipped.length, sigma, options.ports.entropy);
    for (let i = 0; i < clipped.length; i++) clipped[i] = (clipped[i] as number) + (noise[i] as number);
  }
  return { kind: "update", values: floatsToBytes(clipped), weight, loss: null };
}
