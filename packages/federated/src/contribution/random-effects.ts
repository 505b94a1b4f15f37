import { dot, type Equation, factor, type Matrix, rightSide, solve } from "./normal-equations.ts";

export interface RandomEffects {
  /** The best estimate of each deviation, shrunk towards zero by the ridge. */
  readonly deviations: Float64Array;
  /** Variance of an equation's error over that of a deviation; infinite when no deviation is supported. */
  readonly ridge: number;
  /** Variance of an equation's error. */
  readonly errorVariance: number;
  /** Posterior variance of the sum of direction[i] * deviation[i]. */
  readonly varianceOf: (direction: Float64Array) => number;
  /** Minus twice the logarithm of the restricted likelihood, up to a constant of the degrees of freedom. */
  readonly criterion: number;
}

/** The matrix plus a ridge, factored. */
export interface RidgeFactor {
  readonly ridge: number;
  readonly lower: Matrix;
  /** Logarithm of the determinant of 1 + matrix / ridge. */
  readonly logDeterminant: number;
}

/** Ridges that are tried, in units of the matrix's mean eigenvalue: quarters of a decade from 10^4 to 10^-7. */
const RIDGE_EXPONENTS = Array.from({ length: 45 }, (_, k) => 4 - k / 4);
/** What a criterion must gain to be better: rounding gains less, and decides nothing. */
const LEAST_GAIN = 1e-6;
/** Below this share of the squares to explain, what is left over is rounding. */
const ROUNDING = 1e-13;

/** The ridges to choose from; none when the equations tell no members apart. */
export function ridgeFactors(matrix: Matrix): RidgeFactor[] {
  const { size, cells } = matrix;
  let trace = 0;
  for (let i = 0; i < size; i++) trace += cells[i * size + i] as number;
  // Over the differences between members: what is common to all is nothing that an equation can tell.
  const eigenvalue = trace / Math.max(1, size - 1);
  if (eigenvalue === 0) return [];
  return RIDGE_EXPONENTS.map((exponent) => {
    const ridge = eigenvalue * 10 ** exponent;
    const lower = factor(matrix, ridge);
    let logDeterminant = -size * Math.log(ridge);
    for (let i = 0; i < size; i++) logDeterminant += 2 * Math.log(lower.cells[i * size + i] as number);
    return { ridge, lower, logDeterminant };
  });
}

/**
 * Deviations as random effects: value = row . deviations + error, deviations of variance tau^2, errors of
 * variance sigma^2 [CONTRIBUTION.8]. The ridge sigma^2 / tau^2 is the one of `factors` with the greatest restricted
 * likelihood (Patterson and Thompson 1971), sigma^2 at its best value for each; infinite where none does better
 * than tau^2 = 0. `freedom`: degrees of freedom of the values, the levels taken out.
 */
export function estimateRandomEffects(
  factors: readonly RidgeFactor[],
  equations: readonly Equation[],
  members: number,
  freedom: number,
): RandomEffects {
  const right = rightSide(equations, members);
  const squares = equations.reduce((sum, { value }) => sum + value * value, 0);
  let best: RandomEffects = {
    deviations: new Float64Array(members),
    ridge: Number.POSITIVE_INFINITY,
    errorVariance: squares / Math.max(1, freedom),
    varianceOf: () => 0,
    criterion: freedom * Math.log(Math.max(squares, Number.MIN_VALUE)),
  };
  if (squares === 0) return best;
  for (const { ridge, lower, logDeterminant } of factors) {
    const deviations = solve(lower, right);
    const unexplained = Math.max(squares - dot(right, deviations), ROUNDING * squares);
    const criterion = freedom * Math.log(unexplained) + logDeterminant;
    if (!isLikelier(criterion, best.criterion)) continue;
    const errorVariance = unexplained / freedom;
    const varianceOf = (direction: Float64Array): number =>
      errorVariance * dot(direction, solve(lower, direction));
    best = { deviations, ridge, errorVariance, varianceOf, criterion };
  }
  return best;
}

/** Whether the one criterion stands for a greater likelihood than the other, by more than rounding. */
export function isLikelier(criterion: number, than: number): boolean {
  return criterion < than - LEAST_GAIN;
}
