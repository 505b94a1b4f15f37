import { invalidInput } from "@sheaf/base";
import { averageOpinion, discount, fuse, trustOf, vacuous } from "./opinion.ts";
import type { RatingRow, Reputation } from "./rating.ts";
import { agreementsOf, collectVoices, credibilityOf, usualInteraction } from "./voices.ts";

export interface ReputationParams {
  /**
   * Whose view: its own rows count directly, those of others as recommendations. Absent: all are
   * recommendations.
   */
  readonly viewer?: string;
  /** Trust in somebody of whom nothing is known, 0..1. 0.5 unless given. */
  readonly base?: number;
  /** How many good events a bad one weighs, at least 1. 2 unless given. */
  readonly negativeWeight?: number;
  /** Age at which an event counts half, in the unit of the rows' age. No ageing unless given. */
  readonly halfLife?: number;
  /** Events that one row counts for at most: a rater cannot shout. 100 unless given. */
  readonly eventsPerRow?: number;
  /** Distance from the others' trust at which a recommendation keeps 1/e of its credit. 0.35 unless given. */
  readonly deviationScale?: number;
}

type Settings = Required<Omit<ReputationParams, "viewer">>;

/** Recommendations that concentrate on one subject weigh at most this many times the rater's usual ones. */
const LARGEST_INTERACTION = 2;

/**
 * What is thought of `subject`, given all rows, also those on others: they show how recommenders judge.
 * `INVALID_INPUT` for rows or parameters out of range. Nobody's word on himself counts.
 */
export function reputationOf(
  subject: string,
  rows: readonly RatingRow[],
  params: ReputationParams = {},
): Reputation {
  const known = reputationsOf(rows, params).get(subject);
  if (known !== undefined) return known;
  return { ...vacuous, trust: trustOf(vacuous, parseSettings(params).base) };
}

/** The same for everybody who was rated, after Kang et al. 2019 [REPUTATION.1]. */
export function reputationsOf(
  rows: readonly RatingRow[],
  params: ReputationParams = {},
): ReadonlyMap<string, Reputation> {
  const settings = parseSettings(params);
  const voices = collectVoices(rows, settings);
  const agreements = new Map(
    [...voices].map(([subject, list]) => [subject, agreementsOf(list, params.viewer, settings)]),
  );
  const credibility = credibilityOf(agreements);
  const usual = usualInteraction(voices);
  const reputations = new Map<string, Reputation>();
  for (const [subject, list] of voices) {
    const agreement = agreements.get(subject);
    const recommended = averageOpinion(
      list
        .filter(({ rater }) => rater !== params.viewer)
        .map(({ rater, opinion, events }) => {
          const interaction = Math.min(LARGEST_INTERACTION, events / (usual.get(rater) as number));
          const credit = (agreement?.get(rater) ?? 1) * (credibility.get(rater) ?? 1);
          return { opinion: discount(opinion, credit), weight: interaction * credit };
        }),
    );
    const own = list.find(({ rater }) => rater === params.viewer);
    const opinion = own === undefined ? recommended : fuse(own.opinion, recommended);
    reputations.set(subject, { ...opinion, trust: trustOf(opinion, settings.base) });
  }
  return reputations;
}

function parseSettings(params: ReputationParams): Settings {
  const settings: Settings = {
    base: params.base ?? 0.5,
    negativeWeight: params.negativeWeight ?? 2,
    halfLife: params.halfLife ?? Number.POSITIVE_INFINITY,
    eventsPerRow: params.eventsPerRow ?? 100,
    deviationScale: params.deviationScale ?? 0.35,
  };
  if (!(settings.base >= 0 && settings.base <= 1)) throw invalidInput("base", "not between 0 and 1");
  if (!(settings.negativeWeight >= 1)) throw invalidInput("negativeWeight", "below 1");
  for (const name of ["halfLife", "eventsPerRow", "deviationScale"] as const) {
    if (!(settings[name] > 0)) throw invalidInput(name, "not positive");
  }
  return settings;
}
