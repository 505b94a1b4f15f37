import { invariant } from "@sheaf/base";
import { upperGamma } from "./incomplete-gamma.ts";

/** Below this expected count a cell is pooled with others: the chi-square distribution is no approximation there. */
export const leastExpected = 5;

/** Pearson's chi-square test of counts against the shares that they were predicted to have. */
export interface FitTest {
  /** Sum over cells of (observed - expected)^2 / expected. */
  readonly statistic: number;
  /** Cells after pooling, less one. */
  readonly degrees: number;
  /**
   * How often counts drawn by exactly these shares are at least so far from them; `null` when one cell is left, so
   * that nothing was tested.
   */
  readonly p: number | null;
  /** Observations where the share is 0: any refutes the prediction, and makes `p` 0. */
  readonly impossible: number;
  /** Categories that share a cell with another one. */
  readonly pooled: number;
}

export interface GoodnessOfFit extends FitTest {
  /** The cells after pooling, as indices of the input; those of share 0 are in none. */
  readonly cells: readonly (readonly number[])[];
}

/**
 * [CRECORD.6] Whether counts follow shares. Categories whose expected count is below 5 are one cell, and so are,
 * from the smallest on, as many others as that cell needs to expect 5 itself.
 *
 * `observed` are whole counts, `expectedShares` of the same length sum to 1, else `INVARIANT`.
 */
export function goodnessOfFit(observed: readonly number[], expectedShares: readonly number[]): GoodnessOfFit {
  invariant(observed.length === expectedShares.length, "each count has a share");
  invariant(
    observed.every((value) => Number.isSafeInteger(value) && value >= 0),
    "counts are whole numbers from 0",
  );
  const total = expectedShares.reduce((sum, share) => sum + share, 0);
  invariant(
    expectedShares.every((share) => share >= 0) && Math.abs(total - 1) < 1e-6,
    "shares are not negative and sum to 1",
  );
  const count = observed.reduce((sum, value) => sum + value, 0);
  const expected = expectedShares.map((share) => (count * share) / total);
  const cells = pool(expected);
  const over = (cell: readonly number[], values: readonly number[]): number =>
    cell.reduce((sum, i) => sum + (values[i] as number), 0);
  const statistic = cells.reduce((sum, cell) => {
    const wanted = over(cell, expected);
    return sum + (over(cell, observed) - wanted) ** 2 / wanted;
  }, 0);
  const impossible = observed.reduce((sum, value, i) => sum + (expected[i] === 0 ? value : 0), 0);
  const pooled = cells.reduce((sum, cell) => sum + (cell.length > 1 ? cell.length : 0), 0);
  return { ...fitTest(statistic, Math.max(0, cells.length - 1), impossible), pooled, cells };
}

/** [CRECORD.6] The test of several independent sets of counts: statistics and degrees of freedom add up. */
export function combineFits(fits: readonly FitTest[]): FitTest {
  const sum = (part: "statistic" | "degrees" | "impossible" | "pooled"): number =>
    fits.reduce((all, fit) => all + fit[part], 0);
  return { ...fitTest(sum("statistic"), sum("degrees"), sum("impossible")), pooled: sum("pooled") };
}

function fitTest(statistic: number, degrees: number, impossible: number): Omit<FitTest, "pooled"> {
  const tail = degrees === 0 ? null : upperGamma(degrees / 2, statistic / 2);
  return { statistic, degrees, p: impossible > 0 ? 0 : tail, impossible };
}

/** Indices of the expected counts above 0, as cells: the pool first, where there is one. */
function pool(expected: readonly number[]): readonly (readonly number[])[] {
  const ascending = expected
    .flatMap((value, index) => (value > 0 ? [{ value, index }] : []))
    .sort((a, b) => a.value - b.value || a.index - b.index);
  const pooled: number[] = [];
  const single: (readonly number[])[] = [];
  let inPool = 0;
  for (const { value, index } of ascending) {
    const isSmall = value < leastExpected;
    const isNeeded = pooled.length > 0 && inPool < leastExpected;
    if (isSmall || isNeeded) {
      pooled.push(index);
      inPool += value;
    } else single.push([index]);
  }
  return pooled.length === 0 ? single : [pooled, ...single];
}
