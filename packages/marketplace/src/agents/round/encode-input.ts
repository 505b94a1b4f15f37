import { clipL2, type DistributedNoise, discreteGaussian, l2Norm, quantise } from "@sheaf/federated";
import { LOSS_CAP, quantisationStep, type VectorPlan } from "./vector-plan.ts";

/** What an owner's training gave. */
export interface LocalResult {
  readonly update: Float32Array;
  readonly samples: number;
  readonly loss: number;
}

export interface EncodedInput {
  /** `plan.dimension` integers. */
  readonly values: Int32Array;
  /** The update times its weight over `maxWeight`, with its noise, before rounding: what the integers stand for. */
  readonly plain: Float32Array;
  readonly weight: number;
}

export type InputRejection = { readonly rejected: "NOT_FINITE" | "WRONG_LENGTH" | "ROUNDING_FAILED" };

/** Rounding again until the norm bound holds succeeds with more than a third each time [PHASE.7]. */
const MOST_ROUNDINGS = 100;

/** The weight of an update: its samples, as far as they count. */
export function weightOf(plan: VectorPlan, samples: number): number {
  return Math.max(1, Math.min(plan.maxWeight, samples));
}

/** The integers that an owner masks or encrypts [PHASE.6], with its share of noise where owners add it [PHASE.7]. */
export function encodeInput(
  plan: VectorPlan,
  result: LocalResult,
  entropy: (length: number) => Uint8Array,
  noise?: DistributedNoise,
): EncodedInput | InputRejection {
  if (result.update.length !== plan.parameters) return { rejected: "WRONG_LENGTH" };
  if (!result.update.every(Number.isFinite) || !Number.isFinite(result.loss))
    return { rejected: "NOT_FINITE" };
  const weight = weightOf(plan, result.samples);
  const norms = normsOf(plan, noise);
  if (norms !== undefined && norms.before <= 0) return { rejected: "ROUNDING_FAILED" };
  const normed = norms === undefined ? result.update : clipL2(result.update, norms.before).clipped;
  const { plain, saturated } = scale(normed, plan, weight);
  const rounded = roundWithin(plain, plan, entropy, norms?.rounded);
  if (rounded === undefined) return { rejected: "ROUNDING_FAILED" };
  const values = new Int32Array(plan.dimension);
  values.set(rounded);
  if (noise !== undefined)
    addNoise(values, plain, plan, discreteGaussian(noise.shareSigma, plan.parameters, entropy));
  const loss = Math.min(LOSS_CAP, Math.max(0, result.loss));
  values[plan.parameters] = weight;
  values[plan.parameters + 1] = Math.round(weight * loss * plan.lossScale);
  values[plan.parameters + 2] = plan.lossScale === 0 ? 0 : Math.min(saturated, plan.largestExtra);
  return { values, plain, weight };
}

/**
 * The L2 norm that the update is clipped to, and the one, in steps, that it keeps when it is rounded. Shares of
 * noise are sized for the rounded norm; central noise is sized for the clip itself, so that the update is clipped
 * by as much more as rounding may add [PHASE.7]. `undefined` in modes without noise.
 */
function normsOf(
  { normClip, quantisation, parameters }: VectorPlan,
  noise: DistributedNoise | undefined,
): { readonly before: number; readonly rounded: number } | undefined {
  if (normClip === undefined) return undefined;
  if (noise !== undefined) return { before: normClip, rounded: noise.quantisedNorm };
  const step = quantisationStep(quantisation);
  const rounded = normClip / step;
  // The inverse of `roundedNorm`: n^2 + n + d/4 + sqrt(d)/2 = rounded^2, or n + sqrt(d) = rounded.
  const likely =
    Math.sqrt(Math.max(0, 0.25 + rounded ** 2 - parameters / 4 - Math.sqrt(parameters) / 2)) - 0.5;
  return { before: step * Math.max(likely, rounded - Math.sqrt(parameters)), rounded };
}

/** A share of noise, in steps, on the integers and on what they stand for. */
function addNoise(
  values: Int32Array,
  plain: Float32Array,
  { quantisation }: VectorPlan,
  shares: Int32Array,
): void {
  const step = quantisationStep(quantisation);
  for (let i = 0; i < shares.length; i++) {
    values[i] = (values[i] as number) + (shares[i] as number);
    plain[i] = (plain[i] as number) + (shares[i] as number) * step;
  }
}

/** The update clipped coordinate by coordinate, times its weight, over the greatest weight. */
function scale(
  update: Float32Array,
  { quantisation: { clip }, maxWeight }: VectorPlan,
  weight: number,
): { readonly plain: Float32Array; readonly saturated: number } {
  const plain = new Float32Array(update.length);
  let saturated = 0;
  for (let i = 0; i < update.length; i++) {
    const value = update[i] as number;
    if (Math.abs(value) > clip) saturated++;
    plain[i] = (Math.max(-clip, Math.min(clip, value)) * weight) / maxWeight;
  }
  return { plain, saturated };
}

function roundWithin(
  plain: Float32Array,
  { quantisation }: VectorPlan,
  entropy: (length: number) => Uint8Array,
  norm: number | undefined,
): Int32Array | undefined {
  for (let tries = 0; tries < MOST_ROUNDINGS; tries++) {
    const quantised = quantise(plain, quantisation, entropy);
    if ("rejected" in quantised) return undefined;
    if (norm === undefined || l2Norm(quantised.values) <= norm) return quantised.values;
  }
  return undefined;
}
