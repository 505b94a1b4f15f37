import { type RatingRow, reputationOf } from "@sheaf/federated";
import type { OpinionPoint, Rating } from "@sheaf/measure";
import { type MarketSight, nameOf, type SeenEvent } from "./market-sight.ts";

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

/** What everybody was worth trusting before each job's first round, and after its settlement. */
export function opinionRows(
  chain: number,
  events: readonly SeenEvent[],
  agents: readonly { readonly name: string; readonly address: string }[],
): OpinionPoint[] {
  const jobs = [...new Set(events.flatMap((event) => (event.event === "selected" ? [event.job] : [])))];
  return jobs.flatMap((job) => {
    const selected = events.findIndex((event) => event.event === "selected" && event.job === job);
    const last = events.findLastIndex((event) => event.event === "rated" && event.job === job);
    return [
      ...opinionsAt(events.slice(0, selected), 0),
      ...(last < 0 ? [] : opinionsAt(events.slice(0, last + 1), null)),
    ];

    function opinionsAt(until: readonly SeenEvent[], round: number | null): OpinionPoint[] {
      const now = until.at(-1)?.transaction.block ?? 0;
      const rows: RatingRow[] = ratedEvents(until).map((event) => ({
        job: event.job,
        rater: event.rater,
        subject: event.subject,
        positive: event.positive,
        negative: event.negative,
        uncertain: event.uncertain,
        age: Math.max(0, now - event.transaction.block),
      }));
      return agents.map(({ name, address }) => ({
        job: String(job),
        chain,
        round,
        agent: name,
        ...reputationOf(address, rows),
      }));
    }
  });
}
