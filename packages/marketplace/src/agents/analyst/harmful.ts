/** An estimated score is clearly negative from this many standard errors below zero. */
const STANDARD_ERRORS = 2;
/** A score that was valued by itself is clearly negative below this share of the best, with the sign turned. */
const SHARE_OF_BEST = 0.1;

/**
 * Whose score is clearly negative [ANALYST.10]: by more than two standard errors where scores are estimated from
 * those of groups, so that noise brands nobody; else, scores being without errors, by a tenth of the best.
 */
export function harmfulOf({
  scores,
  standardErrors,
}: {
  readonly scores: readonly number[];
  readonly standardErrors?: readonly number[];
}): boolean[] {
  const least = -SHARE_OF_BEST * Math.max(0, ...scores);
  return scores.map((score, place) => {
    const error = standardErrors?.[place] ?? 0;
    return score < (error === 0 ? least : -STANDARD_ERRORS * error);
  });
}
