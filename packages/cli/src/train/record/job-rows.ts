import type {
  Candidate,
  Contributions,
  Dispute,
  MarketStep,
  Payment,
  Trade,
  TrainingJob,
} from "@sheaf/measure";
import { type LogLine, linesOf } from "./agent-log.ts";
import { eventsNamed, type JobEvent, type MarketSight, nameOf } from "./market-sight.ts";

/** Every change of a job that its events show; payments and trades have lists of their own. */
export function stepRows(sight: MarketSight, events: readonly JobEvent[]): MarketStep[] {
  return events
    .filter(({ event }) => !["credited", "traded", "rated"].includes(event))
    .map(({ event, from, transaction, timeMs }) => ({
      event: `${event.charAt(0).toUpperCase()}${event.slice(1)}`,
      agent: nameOf(sight, from),
      transaction,
      timeMs,
    }));
}

const PAYMENT_KINDS = {
  owner: "owner-share",
  analyst: "analyst-fee",
  refund: "refund",
  bond: "bond",
} as const satisfies Record<string, Payment["kind"]>;

export function paymentRows(sight: MarketSight, events: readonly JobEvent[]): Payment[] {
  return eventsNamed(events, "credited").map(({ account, amount, kind, transaction }) => ({
    agent: nameOf(sight, account),
    kind: PAYMENT_KINDS[kind],
    amount: String(amount),
    transaction,
  }));
}

export function tradeRows(sight: MarketSight, events: readonly JobEvent[]): Trade[] {
  return eventsNamed(events, "traded").map(({ id, kind, seller, buyer, amount, subject, transaction }) => ({
    id: Number(id),
    kind,
    seller: nameOf(sight, seller),
    buyer: nameOf(sight, buyer),
    amount: String(amount),
    subject,
    transaction,
  }));
}

/** Who was asked, and what they answered. `trusts`: reputation at the time of the selection, by name. */
export function candidateRows(
  sight: MarketSight,
  events: readonly JobEvent[],
  trusts: ReadonlyMap<string, number>,
  epsilonLimit: number | null,
): Candidate[] {
  const addresses = (name: "joined" | "declined" | "left"): ReadonlySet<string> =>
    new Set(eventsNamed(events, name).map(({ owner }) => owner));
  const joined = addresses("joined");
  const declined = addresses("declined");
  const left = addresses("left");
  const selected = new Set<string>(eventsNamed(events, "selected").flatMap(({ owners }) => owners));
  const invited = new Set(eventsNamed(events, "invited").flatMap(({ owners }) => owners));
  return [...invited].map((owner) => {
    const agent = nameOf(sight, owner);
    const answer = left.has(owner)
      ? "left"
      : selected.has(owner)
        ? "selected"
        : joined.has(owner)
          ? "joined"
          : declined.has(owner)
            ? "declined"
            : "silent";
    return {
      agent,
      answer,
      trust: trusts.get(agent) ?? null,
      epsilonLimit,
    };
  });
}

/** How a dispute ended, by the events between it and the next one [MARKET.21]. */
function resultOf(after: readonly JobEvent[]): Dispute["result"] {
  if (eventsNamed(after, "disputeRejected").length > 0) return "rejected";
  if (eventsNamed(after, "disputeLapsed").length > 0) return "undecided";
  return eventsNamed(after, "settled").length > 0 ? "upheld" : "open";
}

export function disputeRows(sight: MarketSight, events: readonly JobEvent[], bond: bigint): Dispute[] {
  return eventsNamed(events, "disputed").map((disputed) => {
    const from = events.indexOf(disputed);
    const next = events.findIndex((each, index) => index > from && each.event === "disputed");
    const after = events.slice(from + 1, next < 0 ? undefined : next);
    return {
      round: disputed.round,
      by: nameOf(sight, disputed.by),
      bond: String(bond),
      votes: eventsNamed(after, "voted").map(({ arbiter, upheld, transaction }) => ({
        agent: nameOf(sight, arbiter),
        upheld,
        transaction,
      })),
      result: resultOf(after),
    };
  });
}

/** The contributions that were delivered: the last statement of the analyst, with the weights on chain. */
export function contributionRows(
  sight: MarketSight,
  job: bigint,
  events: readonly JobEvent[],
  utility: string,
  basis: Contributions["basis"],
): Contributions | null {
  const delivered = eventsNamed(events, "delivered").at(-1);
  const owners = eventsNamed(events, "selected")[0]?.owners ?? [];
  if (delivered === undefined) return null;
  const lines: readonly LogLine[] = sight.logs.get(nameOf(sight, delivered.from)) ?? [];
  const stated = linesOf(lines, "contributions").findLast((line) => line.job === String(job));
  const scores = new Map(stated?.members.map((member, index) => [member, stated.scores[index] ?? 0]));
  return {
    method: stated?.method ?? "unknown",
    utility,
    ofNobody: null,
    ofAll: null,
    evaluations: null,
    basis,
    rows: owners.map((owner, index) => ({
      agent: nameOf(sight, owner),
      score: scores.get(owner) ?? 0,
      weight: String(delivered.weights[index] ?? 0n),
    })),
  };
}

/** How the job came out, and why, in one sentence. */
export function outcomeOf(events: readonly JobEvent[]): Pick<TrainingJob, "outcome" | "outcomeReason"> {
  const settled = eventsNamed(events, "settled").at(-1);
  const rounds = eventsNamed(events, "roundClosed").length;
  if (settled?.outcome === "full") {
    return {
      outcome: "settled",
      outcomeReason: `The model of round ${rounds} was delivered and paid in full.`,
    };
  }
  if (settled?.outcome === "upheld") {
    return {
      outcome: "upheld",
      outcomeReason: "A dispute was upheld: owners are paid for their rounds, the accused analyst is not.",
    };
  }
  if (settled !== undefined) {
    return {
      outcome: "partly-settled",
      outcomeReason: `Training ended after ${rounds} rounds without a delivery: these are paid, the rest went back.`,
    };
  }
  if (eventsNamed(events, "refunded").length > 0) {
    const cause =
      eventsNamed(events, "cancelled").length > 0
        ? "The consumer cancelled the request"
        : "No round was closed in time";
    return { outcome: "refunded", outcomeReason: `${cause}: the whole price went back.` };
  }
  return { outcome: "open", outcomeReason: "The run ended before the job did." };
}
