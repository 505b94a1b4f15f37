import type { RatingRow } from "@sheaf/federated";
import type { MarketView } from "./market-view.ts";

/** The rows of the reputation contract, with their age in blocks. */
export function ratingRows({ ratings, block }: MarketView): RatingRow[] {
  const now = block?.number ?? 0;
  return ratings.map(({ job, rater, subject, positive, negative, uncertain, blockNumber }) => ({
    job,
    rater,
    subject,
    positive,
    negative,
    uncertain,
    age: Math.max(0, now - blockNumber),
  }));
}
