/**
 * Value of a coalition, given as member numbers 0..n-1, ascending; of nobody for the empty list. Must answer
 * the same for the same members. Asked one coalition at a time.
 */
export type Utility = (members: readonly number[]) => Promise<number>;

export interface Valuation {
  /** One value a member. */
  readonly values: readonly number[];
  /** How many coalitions the utility was asked for. */
  readonly evaluations: number;
}

export type ContributionErrorDetail =
  /** Exact Shapley values need 2^members evaluations. */
  | { readonly code: "TOO_MANY_MEMBERS"; readonly members: number; readonly limit: number }
  /** A utility or a score was NaN or infinite. */
  | { readonly code: "NOT_FINITE"; readonly what: string };
