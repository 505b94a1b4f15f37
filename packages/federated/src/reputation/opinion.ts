import type { Opinion, RatingRow } from "./rating.ts";

/** Evidence at which half of an opinion is still uncertain (Jøsang's non-informative prior weight). */
const PRIOR_WEIGHT = 2;

/** Nothing is known. */
export const vacuous: Opinion = { belief: 0, disbelief: 0, uncertainty: 1 };

export interface EvidenceWeights {
  readonly negativeWeight: number;
  readonly halfLife: number;
  readonly eventsPerRow: number;
}

/** Weight of a row's events: halved every `halfLife`, and scaled down if the row tells of more than it may. */
export function rowWeight(row: RatingRow, { halfLife, eventsPerRow }: EvidenceWeights): number {
  const events = row.positive + row.negative + row.uncertain;
  return 2 ** (-row.age / halfLife) * Math.min(1, eventsPerRow / Math.max(events, 1));
}

/** Events that a row counts for, aged. */
export function rowEvents(row: RatingRow, weights: EvidenceWeights): number {
  return rowWeight(row, weights) * (row.positive + row.negative + row.uncertain);
}

/**
 * The opinion that rows of one rater on one subject amount to [REPUTATION.1] [REPUTATION.2]: with a good and n
 * bad events (weighted), u = (uncertain + 2) / (a + n + uncertain + 2), b = (1 - u) a / (a + n) and
 * d = (1 - u) n / (a + n).
 */
export function opinionOf(rows: readonly RatingRow[], weights: EvidenceWeights): Opinion {
  let good = 0;
  let bad = 0;
  let open = PRIOR_WEIGHT;
  for (const row of rows) {
    const weight = rowWeight(row, weights);
    good += weight * row.positive;
    bad += weight * weights.negativeWeight * row.negative;
    open += weight * row.uncertain;
  }
  const total = good + bad + open;
  return { belief: good / total, disbelief: bad / total, uncertainty: open / total };
}

/** belief + base * uncertainty. */
export function trustOf(opinion: Opinion, base: number): number {
  return opinion.belief + base * opinion.uncertainty;
}

/** The opinion as somebody takes it who believes its holder only to the share `credit` [REPUTATION.5]. */
export function discount({ belief, disbelief }: Opinion, credit: number): Opinion {
  const certain = credit * (belief + disbelief);
  return { belief: credit * belief, disbelief: credit * disbelief, uncertainty: 1 - certain };
}

/** Weighted mean of opinions; vacuous when there are none or all weights are zero [REPUTATION.3]. */
export function averageOpinion(
  opinions: readonly { readonly opinion: Opinion; readonly weight: number }[],
): Opinion {
  let belief = 0;
  let disbelief = 0;
  let uncertainty = 0;
  let total = 0;
  for (const { opinion, weight } of opinions) {
    belief += weight * opinion.belief;
    disbelief += weight * opinion.disbelief;
    uncertainty += weight * opinion.uncertainty;
    total += weight;
  }
  if (total === 0) return vacuous;
  return { belief: belief / total, disbelief: disbelief / total, uncertainty: uncertainty / total };
}

/** Cumulative fusion of two opinions from different evidence (Jøsang) [REPUTATION.6]. */
export function fuse(a: Opinion, b: Opinion): Opinion {
  const scale = a.uncertainty + b.uncertainty - a.uncertainty * b.uncertainty;
  return {
    belief: (a.belief * b.uncertainty + b.belief * a.uncertainty) / scale,
    disbelief: (a.disbelief * b.uncertainty + b.disbelief * a.uncertainty) / scale,
    uncertainty: (a.uncertainty * b.uncertainty) / scale,
  };
}
