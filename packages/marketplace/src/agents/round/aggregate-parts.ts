import { errorCode } from "@sheaf/base";
import { addCentralNoise, aggregate, applyAggregate, type ServerState } from "@sheaf/federated";
import type { JobSpec } from "../../job-spec.ts";
import type { OpenedPart } from "./decode-sum.ts";
import { streamOf } from "./noise.ts";

export interface RoundOutcome {
  /** The mean update after the rule and the noise: what `aggregateHash` is of. */
  readonly update: Float32Array;
  /** Positions of the parts that the rule used. */
  readonly chosen: readonly number[];
  readonly next: ServerState;
}

/**
 * From opened parts to the next state [PHASE.10]: the rule of the specification, central noise drawn from
 * `noiseSeed` where the analyst adds it, and the server's optimiser. The same bits on every machine, so that
 * an arbiter gets the same hashes. The code when there are too few parts, or the result is not finite.
 */
export function aggregateParts(
  spec: JobSpec,
  state: ServerState,
  parts: readonly OpenedPart[],
  noiseSeed: Uint8Array | undefined,
): RoundOutcome | { readonly rejected: string } {
  const { dp } = spec.privacy;
  const central = dp?.noise === "central" ? dp : undefined;
  // [PHASE.7] No seed, no round: an aggregate without its noise is never what was agreed.
  if (central !== undefined && noiseSeed?.length !== 32) return { rejected: "NO_NOISE_SEED" };
  try {
    const { update, chosen } =
      central !== undefined && noiseSeed !== undefined
        ? noisyMean(central, parts, noiseSeed)
        : aggregate(
            parts.map((part) => part.mean),
            parts.map((part) => part.weight),
            spec.aggregation,
            { dimension: state.weights.length },
          );
    return { update, chosen, next: applyAggregate(state, update, spec.training.optimiser) };
  } catch (error) {
    return { rejected: errorCode(error) ?? "AGGREGATION_FAILED" };
  }
}

function noisyMean(
  dp: { readonly clip: number; readonly noiseMultiplier: number },
  parts: readonly OpenedPart[],
  seed: Uint8Array,
): Pick<RoundOutcome, "update" | "chosen"> {
  const sum = new Float64Array(parts[0]?.mean.length ?? 0);
  let weight = 0;
  for (const part of parts) {
    weight += part.weight;
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (part.mean[i] as number) * part.weight;
  }
  const noisy = addCentralNoise(sum, dp, streamOf(seed));
  return { update: noisy.map((value) => value / weight), chosen: parts.map((_, index) => index) };
}
