import type { Quantisation } from "@sheaf/federated";
import type { JobSpec } from "../../job-spec.ts";

/** Numbers after the coordinates of an update: weight, weight times loss, saturated coordinates [PHASE.6]. */
export const EXTRAS = 3;

/** Losses above count as this, so that one owner cannot make the sum overflow. */
export const LOSS_CAP = 32;

/** How an update becomes the integers that are summed in secret, and back [PHASE.6]. */
export interface VectorPlan {
  readonly parameters: number;
  /** `parameters + EXTRAS`. */
  readonly dimension: number;
  readonly quantisation: Quantisation;
  /** What an update is divided by after it was multiplied with its weight. */
  readonly maxWeight: number;
  /** Units of the third number from the end; 0 where loss and saturation stay at home [PHASE.7]. */
  readonly lossScale: number;
  /** The largest number that one owner may put after its coordinates. */
  readonly largestExtra: number;
  /** L2 norm of an update, in dp modes. */
  readonly normClip: number | undefined;
}

/** Whether updates are clipped and noised. */
export function isNoised({ privacy }: JobSpec): boolean {
  return privacy.dp !== undefined;
}

/** The plan of a round with `members` in the largest sum. */
export function vectorPlan(spec: JobSpec, parameters: number, members: number): VectorPlan {
  const { secagg, paillier, dp } = spec.privacy;
  const { bits, clip } = secagg ?? paillier ?? { bits: 16, clip: 1 };
  const noised = dp !== undefined;
  const maxWeight = noised ? 1 : spec.training.maxWeight;
  const room = paillier === undefined ? Math.floor((2 ** 31 - 1) / members) : 2 ** (bits - 1) - 1;
  return {
    parameters,
    dimension: parameters + EXTRAS,
    quantisation: { bits, clip },
    maxWeight,
    lossScale: noised ? 0 : 2 ** Math.floor(Math.log2(room / (maxWeight * LOSS_CAP))),
    largestExtra: room,
    normClip: dp?.clip,
  };
}

/** Size of one step of the mean update's coordinates for one owner of full weight. */
export function quantisationStep({ bits, clip }: Quantisation): number {
  return clip / (2 ** (bits - 1) - 1);
}
