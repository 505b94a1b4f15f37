import { clipL2, gaussianNoise } from "@sheaf/federated";
import { fromBitmap } from "../round/bitmap.ts";
import { weightOf } from "../round/encode-input.ts";
import { floatsToBytes } from "../round/float-bytes.ts";
import { openNoiseShare, smallestOpenCohort } from "../round/noise.ts";
import { vectorPlan } from "../round/vector-plan.ts";
import type { JobFacts } from "../view/market-view.ts";
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
    const values = floatsToBytes(result.update);
    return { kind: "update", values, weight, loss: Math.max(0, result.loss), smallest: 0 };
  }
  const { clipped } = clipL2(result.update, plan.normClip);
  const smallest = smallestHere(facts);
  const sigma = openNoiseShare(spec, smallest);
  if (sigma === undefined)
    return { kind: "update", values: floatsToBytes(clipped), weight, loss: null, smallest: 0 };
  const noise = gaussianNoise(clipped.length, sigma, options.ports.entropy);
  for (let i = 0; i < clipped.length; i++) clipped[i] = (clipped[i] as number) + (noise[i] as number);
  return { kind: "update", values: floatsToBytes(clipped), weight, loss: null, smallest };
}

/** Fewest updates that the open round may be closed with. */
export function smallestHere({ spec, owners, opening }: JobFacts): number {
  const cohort = opening && fromBitmap(owners, opening.cohortBitmap);
  return spec === undefined || cohort === undefined ? 0 : smallestOpenCohort(spec, cohort.length);
}
