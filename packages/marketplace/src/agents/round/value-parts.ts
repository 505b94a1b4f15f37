import { createRandom } from "@sheaf/base";
import {
  aggregate,
  applyAggregate,
  exactShapley,
  gtgShapley,
  leaveOneOut,
  truncatedMonteCarlo,
  type Utility,
} from "@sheaf/federated";
import type { ComputeResult, ValueRequest } from "../ports.ts";

/**
 * What each part of a round contributed [ANALYST.7]. The utility of some parts is the validation loss that the
 * model loses when it is moved by their weighted mean alone; `lossOf` evaluates weights on the host's
 * validation set.
 */
export async function valueParts(
  { spec, state, parts, seed }: ValueRequest,
  lossOf: (weights: Float32Array) => Promise<number>,
): Promise<Extract<ComputeResult, { kind: "valued" }>> {
  const before = await lossOf(state.weights);
  const utility: Utility = async (members) => {
    if (members.length === 0) return 0;
    const some = members.map((member) => parts[member] as (typeof parts)[number]);
    const means = some.map((part) => part.mean);
    const weights = some.map((part) => part.weight);
    const { update } = aggregate(means, weights, { kind: "mean" });
    return before - (await lossOf(applyAggregate(state, update, spec.training.optimiser).weights));
  };
  const { values, evaluations } = await valuate(spec.contribution, parts.length, utility, seed);
  return { kind: "valued", scores: values, evaluations: evaluations + 1 };
}

function valuate(
  { method, permutations }: ValueRequest["spec"]["contribution"],
  parts: number,
  utility: Utility,
  seed: string,
): Promise<{ readonly values: readonly number[]; readonly evaluations: number }> {
  const sampling = { random: createRandom(seed), ...(permutations === undefined ? {} : { permutations }) };
  switch (method) {
    case "leave-one-out":
      return leaveOneOut(parts, utility);
    case "shapley":
      return exactShapley(parts, utility);
    case "truncated-monte-carlo":
      return truncatedMonteCarlo(parts, utility, sampling);
    case "gtg":
      return gtgShapley(parts, utility, sampling);
    case "participation":
      return Promise.resolve({ values: Array.from({ length: parts }, () => 1), evaluations: 0 });
  }
}
