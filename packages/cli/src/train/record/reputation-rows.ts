import { type RatingRow, reputationOf } from "@sheaf/federated";
import type { OpinionPoint, Rating } from "@sheaf/measure";
import { type MarketSight, membersOf, nameOf, type SeenEvent } from "./market-sight.ts";

type Rated = Extract<SeenEvent, { readonly event: "rated" }>;

const ratedEvents = (events: readonly SeenEvent[]): readonly Rated[] =>
  events.filter((event): event is Rated => event.event === "rated");

/** The facts that were rated, as they stand on chain. */
export function ratingRows(sight: MarketSight, chain: number, events: readonly SeenEvent[]): Rating[] {
  return ratedEvents(events).map((event) => ({
    job: String(event.job),
    chain,
    rater: nameOf(sight, event.rater),
    subject: nameOf(sight, event.subject),
    positive: event.positive,
    negative: event.negative,
    uncertain: event.uncertain,
    block: event.transaction.block,
    transaction: event.transaction.hash,
  }));
}

type Closed = Extract<SeenEvent, { readonly event: "roundClosed" }>;

/**
 * What everybody was worth trusting before each job's first round, and after its settlement; and what its owners would
 * have been after each of its rounds, had the analyst rated them then: a round survived is good, a round missed uncertain.
 */
export function opinionRows(
  chain: number,
  events: readonly SeenEvent[],
  agents: readonly { readonly name: string; readonly address: string }[],
): OpinionPoint[] {
  return events.flatMap((chosen, selected) => {
    if (chosen.event !== "selected") return [];
    const { job, owners } = chosen;
    const before = events.slice(0, selected);
    const closed = events.filter(
      (event): event is Closed => event.event === "roundClosed" && event.job === job,
    );
    const last = events.findLastIndex((event) => event.event === "rated" && event.job === job);
    return [
      ...opinions(job, 0, ratingsOf(before), agents),
      ...closed.flatMap(({ round, from }, index) => {
        const passed = closed.slice(0, index + 1);
        const owned = agents.filter(({ address }) => owners.some((owner) => owner === address));
        return opinions(job, round, [...ratingsOf(before), ...provisional(job, from, owners, passed)], owned);
      }),
      ...(last < 0 ? [] : opinions(job, null, ratingsOf(events.slice(0, last + 1)), agents)),
    ];
  });

  function opinions(
    job: bigint,
    round: number | null,
    rows: readonly RatingRow[],
    among: typeof agents,
  ): OpinionPoint[] {
    return among.map(({ name, address }) => ({
      job: String(job),
      chain,
      round,
      agent: name,
      ...reputationOf(address, rows),
    }));
  }
}

/** The ratings on chain, with their age at the last of these events. */
function ratingsOf(until: readonly SeenEvent[]): RatingRow[] {
  const now = until.at(-1)?.transaction.block ?? 0;
  return ratedEvents(until).map((event) => ({
    job: event.job,
    rater: event.rater,
    subject: event.subject,
    positive: event.positive,
    negative: event.negative,
    uncertain: event.uncertain,
    age: Math.max(0, now - event.transaction.block),
  }));
}

/** What the analyst would say of each owner after these rounds. */
function provisional(
  job: bigint,
  rater: string,
  owners: readonly string[],
  passed: readonly Closed[],
): RatingRow[] {
  const survived = passed.flatMap(({ survivorBitmap }) => membersOf(survivorBitmap, owners));
  return owners.map((subject) => {
    const positive = survived.filter((owner) => owner === subject).length;
    return { job, rater, subject, positive, negative: 0, uncertain: passed.length - positive, age: 0 };
  });
}
