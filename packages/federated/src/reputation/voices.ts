import { invalidInput } from "@sheaf/base";
import { type EvidenceWeights, opinionOf, rowEvents, trustOf } from "./opinion.ts";
import type { Opinion, RatingRow } from "./rating.ts";

/** Voices whose median one liar cannot decide. */
const FEWEST_VOICES = 3;

/** What one rater holds of one subject. */
export interface Voice {
  readonly rater: string;
  readonly opinion: Opinion;
  readonly events: number;
}

/** The voices on each subject; nobody's word on himself counts. `INVALID_INPUT` for rows that make no sense. */
export function collectVoices(rows: readonly RatingRow[], settings: EvidenceWeights): Map<string, Voice[]> {
  const grouped = new Map<string, Map<string, RatingRow[]>>();
  for (const row of rows) {
    checkRow(row);
    if (row.rater === row.subject) continue;
    const raters = grouped.get(row.subject) ?? new Map<string, RatingRow[]>();
    grouped.set(row.subject, raters);
    const list = raters.get(row.rater) ?? [];
    raters.set(row.rater, list);
    list.push(row);
  }
  return new Map(
    [...grouped].map(([subject, raters]) => [
      subject,
      [...raters].map(([rater, list]) => ({
        rater,
        opinion: opinionOf(list, settings),
        events: list.reduce((sum, row) => sum + rowEvents(row, settings), 0),
      })),
    ]),
  );
}

/**
 * How near each voice is to the others: exp(-(distance / scale)^4) from the median of all, each counting once
 * however much it says; little differences, which chance makes, cost nothing. Where fewer than three speak,
 * from the viewer's own experience, if it has any [REPUTATION.4].
 */
export function agreementsOf(
  voices: readonly Voice[],
  viewer: string | undefined,
  settings: { readonly base: number; readonly deviationScale: number },
): Map<string, number> {
  const trusts = voices.map(({ opinion }) => trustOf(opinion, settings.base));
  const own = trusts[voices.findIndex(({ rater }) => rater === viewer)];
  const reference = voices.length < FEWEST_VOICES ? own : medianOf(trusts);
  if (reference === undefined) return new Map();
  return new Map(
    voices.map(({ rater }, i) => {
      const distance = ((trusts[i] as number) - reference) / settings.deviationScale;
      return [rater, Math.exp(-(distance ** 4))];
    }),
  );
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] as number;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[half - 1] as number)) / 2;
}

/** Mean agreement of each rater over all subjects on which it could deviate [REPUTATION.5]. */
export function credibilityOf(
  agreements: ReadonlyMap<string, ReadonlyMap<string, number>>,
): Map<string, number> {
  const sums = new Map<string, { sum: number; count: number }>();
  for (const raters of agreements.values()) {
    for (const [rater, agreement] of raters) {
      const { sum, count } = sums.get(rater) ?? { sum: 0, count: 0 };
      sums.set(rater, { sum: sum + agreement, count: count + 1 });
    }
  }
  return new Map([...sums].map(([rater, { sum, count }]) => [rater, sum / count]));
}

/** Mean events of each rater with one subject. */
export function usualInteraction(voices: ReadonlyMap<string, readonly Voice[]>): Map<string, number> {
  const sums = new Map<string, { events: number; subjects: number }>();
  for (const list of voices.values()) {
    for (const { rater, events } of list) {
      const known = sums.get(rater) ?? { events: 0, subjects: 0 };
      sums.set(rater, { events: known.events + events, subjects: known.subjects + 1 });
    }
  }
  return new Map(
    [...sums].map(([rater, { events, subjects }]) => [rater, Math.max(events / subjects, Number.MIN_VALUE)]),
  );
}

function checkRow(row: RatingRow): void {
  for (const name of ["positive", "negative", "uncertain", "age"] as const) {
    if (!(row[name] >= 0 && Number.isFinite(row[name]))) {
      throw invalidInput(`rating of ${row.subject} by ${row.rater}`, `${name} is ${row[name]}`);
    }
  }
}
