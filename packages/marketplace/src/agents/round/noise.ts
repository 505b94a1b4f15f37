import { createCipheriv } from "node:crypto";
import {
  type DistributedNoise,
  distributedNoise,
  leastSurvivors,
  type MechanismInput,
  type SecaggRound,
} from "@sheaf/federated";
import type { JobSpec } from "../../job-spec.ts";
import { quantisationStep, type VectorPlan } from "./vector-plan.ts";

/** Unlimited bytes that follow from 32 secret ones (AES-256-CTR): noise that an arbiter can draw again. */
export function streamOf(seed: Uint8Array): (length: number) => Uint8Array {
  const cipher = createCipheriv("aes-256-ctr", seed, new Uint8Array(16));
  return (length) => new Uint8Array(cipher.update(new Uint8Array(length)));
}

/** The share of noise that each member of a masked group adds, sized for its smallest surviving part [PHASE.7];
 * "impossible" when the quantisation is too coarse or too fine for it. */
export function groupNoise(
  spec: JobSpec,
  plan: VectorPlan,
  group: SecaggRound,
): DistributedNoise | "impossible" | undefined {
  const { dp } = spec.privacy;
  if (dp === undefined || dp.noise !== "distributed") return undefined;
  try {
    return distributedNoise({
      clip: dp.clip,
      step: quantisationStep(plan.quantisation),
      dimension: plan.parameters,
      noiseMultiplier: dp.noiseMultiplier,
      smallestCohort: leastSurvivors(group),
    });
  } catch {
    return "impossible";
  }
}

/** Standard deviation of the share that each of `smallest` owners adds to its open update in mode dp [PHASE.7]. */
export function openNoiseShare(spec: JobSpec, smallest: number): number | undefined {
  const { dp } = spec.privacy;
  if (dp === undefined || dp.noise !== "distributed") return undefined;
  return (dp.noiseMultiplier * dp.clip) / Math.sqrt(smallest);
}

/**
 * Fewest updates that are ever summed in a round without masks [PHASE.9]: two thirds of the cohort where
 * owners' shares of noise must add up, else three.
 */
export function smallestOpenCohort(spec: JobSpec, cohort: number): number {
  return spec.privacy.dp?.noise === "distributed" ? Math.max(3, Math.ceil((2 * cohort) / 3)) : 3;
}

/**
 * One round as the accountants count it for an owner that takes part [PHASE.7]: who takes part stands on chain,
 * so sampling hides nobody and amplifies nothing. Without the group's `noise`, as it is at best; `undefined` in
 * modes without noise.
 */
export function roundMechanism(spec: JobSpec, noise?: DistributedNoise): MechanismInput | undefined {
  const { dp } = spec.privacy;
  if (dp === undefined) return undefined;
  // Shares of discrete noise are counted at whole orders only, whatever their deviation.
  const discrete = spec.privacy.secagg !== undefined && dp.noise === "distributed";
  if (noise === undefined)
    return { noiseMultiplier: dp.noiseMultiplier, ...(discrete ? { deviation: 0 } : {}) };
  return { noiseMultiplier: noise.noiseMultiplier, deviation: noise.deviation };
}
