/** An estimated score is clearly negative from this many standard errors below zero. */
const STANDARD_ERRORS = 2;
/** A score without an error is clearly negative below this share of the best, with the sign turned. */
const SHARE_OF_BEST = 0.1;

/**
 * Whose score is clearly negative [ANALYST.10]: by more than two standard errors where scores are estimated from
 * those of groups, so that noise brands nobody; else by a tenth of the best. Groups that show no differences between
 * owners (`ridge` is infinite) tell nothing of whose a loss is.
 */
export function harmfulOf({
  scores,
  standardErrors,
  ridge,
}: {
  readonly scores: readonly number[];
  readonly standardErrors?: readonly number[];
  readonly ridge?: number;
}): boolean[] {
  if (standardErrors !== undefined && ridge === Number.POSITIVE_INFINITY) return scores.map(() => false);
  const least = -SHARE_OF_BEST * Math.max(0, ...scores);
  return scores.map((score, place) => {
    const error = standardErrors?.[place] ?? 0;
    return score < (error === 0 ? least : -STANDARD_ERRORS * error);
  });
}
