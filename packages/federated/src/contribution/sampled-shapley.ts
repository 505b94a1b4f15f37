import { invalidInput, type Random } from "@sheaf/base";
import { type MemoisedUtility, memoise } from "./memoised-utility.ts";
import type { Utility, Valuation } from "./utility.ts";

export interface SamplingOptions {
  readonly random: Random;
  /** Permutations at most; 20 a member unless given. */
  readonly permutations?: number;
  /**
   * A permutation is cut when its coalition's value is this near to that of all members, as a share of
   * |v(all) - v(nobody)|. 0.01 unless given; 0 cuts only at equality, below 0 never.
   */
  readonly withinTolerance?: number;
  /**
   * Sampling stops when the sum of the standard errors is below this share of the sum of |value|. 0.05 unless
   * given; 0 never stops early.
   */
  readonly convergence?: number;
}

export interface GtgOptions extends SamplingOptions {
  /** A round that changed the value by no more than this is worth nothing to anybody. 0 unless given. */
  readonly betweenTolerance?: number;
}

export interface SampledValuation extends Valuation {
  /** Of each value, from the spread of the marginals; of GTG's an upper estimate. */
  readonly standardErrors: readonly number[];
  readonly permutations: number;
  readonly converged: boolean;
  /** Marginals that truncation set to zero without asking for them. */
  readonly truncated: number;
  /** v(all) - v(nobody) - the sum of the values: what truncation left unassigned. */
  readonly unassigned: number;
}

/** Permutations between two looks at the convergence of Monte Carlo sampling. */
const BLOCK = 20;
/** Permutations below which a standard error says nothing. */
const FEWEST_PERMUTATIONS = 20;

/** Truncated Monte Carlo (Ghorbani and Zou 2019): marginals along random permutations [CONTRIBUTION.4]. */
export async function truncatedMonteCarlo(
  members: number,
  utility: Utility,
  options: SamplingOptions,
): Promise<SampledValuation> {
  const everybody = Array.from({ length: members }, (_, i) => i);
  const block = (): number[][] => Array.from({ length: BLOCK }, () => options.random.shuffle(everybody));
  return sample(members, memoise(members, utility), options, block);
}

/**
 * GTG-Shapley (Liu et al. 2022), one round: v(nobody) is the value of the model before it [CONTRIBUTION.5].
 * In each block of n permutations every member leads once; the estimate is unbiased at the ends of blocks.
 */
export async function gtgShapley(
  members: number,
  utility: Utility,
  options: GtgOptions,
): Promise<SampledValuation> {
  const known = memoise(members, utility);
  const everybody = Array.from({ length: members }, (_, i) => i);
  const gain = (await known.value(everybody)) - (await known.value([]));
  if (Math.abs(gain) <= (options.betweenTolerance ?? 0)) {
    return {
      values: everybody.map(() => 0),
      standardErrors: everybody.map(() => 0),
      evaluations: known.evaluations,
      permutations: 0,
      converged: true,
      truncated: members,
      unassigned: gain,
    };
  }
  const { random } = options;
  const block = (): number[][] =>
    random
      .shuffle(everybody)
      .map((leader) => [leader, ...random.shuffle(everybody.filter((member) => member !== leader))]);
  return sample(members, known, options, block);
}

async function sample(
  members: number,
  known: MemoisedUtility,
  options: SamplingOptions,
  drawBlock: () => number[][],
): Promise<SampledValuation> {
  const { permutations: limit = 20 * members, withinTolerance = 0.01, convergence = 0.05 } = options;
  if (!(Number.isInteger(limit) && limit >= 1)) {
    throw invalidInput("permutations", `${limit} is no positive integer`);
  }
  const nobody = await known.value([]);
  const whole = await known.value(Array.from({ length: members }, (_, i) => i));
  const tolerance = withinTolerance * Math.abs(whole - nobody);
  const moments = createMoments(members);
  let truncated = 0;
  let converged = false;
  while (moments.count < limit && !converged) {
    for (const order of drawBlock()) {
      const marginals = new Float64Array(members);
      truncated += await fillMarginals(order, known, nobody, whole, tolerance, marginals);
      moments.add(marginals);
    }
    converged =
      moments.count >= FEWEST_PERMUTATIONS &&
      absoluteSum(moments.standardErrors()) < convergence * absoluteSum(moments.means);
  }
  const values = [...moments.means];
  const unassigned = whole - nobody - values.reduce((sum, value) => sum + value, 0);
  return {
    values,
    standardErrors: moments.standardErrors(),
    evaluations: known.evaluations,
    permutations: moments.count,
    converged,
    truncated,
    unassigned,
  };
}

/** The marginals along one permutation; how many were left at zero by truncation. */
async function fillMarginals(
  order: readonly number[],
  known: MemoisedUtility,
  nobody: number,
  whole: number,
  tolerance: number,
  marginals: Float64Array,
): Promise<number> {
  let value = nobody;
  for (let length = 1; length <= order.length; length++) {
    if (Math.abs(whole - value) <= tolerance) return order.length - length + 1;
    const next = await known.value(order.slice(0, length));
    marginals[order[length - 1] as number] = next - value;
    value = next;
  }
  return 0;
}

/** Running means and variances of vectors (Welford). */
function createMoments(length: number) {
  const means = new Float64Array(length);
  const squares = new Float64Array(length);
  let count = 0;
  return {
    means,
    get count() {
      return count;
    },
    add(values: Float64Array): void {
      count += 1;
      values.forEach((value, i) => {
        const before = value - (means[i] as number);
        means[i] = (means[i] as number) + before / count;
        squares[i] = (squares[i] as number) + before * (value - (means[i] as number));
      });
    },
    /** Of the means; infinite before two vectors were seen. */
    standardErrors(): number[] {
      return Array.from(squares, (square) =>
        count < 2 ? Number.POSITIVE_INFINITY : Math.sqrt(square / (count - 1) / count),
      );
    },
  };
}

function absoluteSum(values: readonly number[] | Float64Array): number {
  let sum = 0;
  for (const value of values) sum += Math.abs(value);
  return sum;
}
