import type { Address } from "@sheaf/protocol";
import type { ChainEvent, JobState } from "../../chain/types.ts";
import { jobSpecOnChain } from "../../job-spec.ts";
import type { BlockRef } from "../ports.ts";
import type { DisputeResult, JobFacts, MarketView, Opening } from "./market-view.ts";

type EventOf<E extends ChainEvent["event"]> = Extract<ChainEvent, { readonly event: E }>;

/** The view after a block [AGENT.1]. Events of jobs whose request was not seen are passed over. */
export function foldBlock(view: MarketView, block: BlockRef, events: readonly ChainEvent[]): MarketView {
  return events.reduce<MarketView>((before, event) => foldEvent(before, event, block), { ...view, block });
}

function foldEvent(view: MarketView, event: ChainEvent, block: BlockRef): MarketView {
  switch (event.event) {
    case "issued":
    case "revoked": {
      const holders = new Set(view.licences[event.role]);
      if (event.event === "issued") holders.add(event.subject);
      else holders.delete(event.subject);
      return { ...view, licences: { ...view.licences, [event.role]: holders } };
    }
    case "credited":
      return addCredit(view, event.account, event.amount);
    case "withdrawn":
      return addCredit(view, event.account, -event.amount);
    case "requested":
      return withJob(view, requested(event, block));
    case "rated":
      return withJob(
        { ...view, ratings: [...view.ratings, event] },
        ratedIn(view.jobs.get(event.job), event),
      );
    default: {
      const job = view.jobs.get(event.job);
      return job === undefined ? view : withJob(view, foldJob(job, event, block));
    }
  }
}

function withJob(view: MarketView, job: JobFacts | undefined): MarketView {
  return job === undefined ? view : { ...view, jobs: new Map(view.jobs).set(job.job, job) };
}

function addCredit(view: MarketView, account: Address, amount: bigint): MarketView {
  const credits = new Map(view.credits);
  return { ...view, credits: credits.set(account, (credits.get(account) ?? 0n) + amount) };
}

function requested(event: EventOf<"requested">, block: BlockRef): JobFacts {
  const nothing = { opening: undefined, delivered: undefined, dispute: undefined, analyst: undefined };
  const nobody = { analysts: [], invited: [], joined: [], declined: [], owners: [] };
  return {
    ...nothing,
    ...nobody,
    job: event.job,
    consumer: event.consumer,
    price: event.price,
    spec: jobSpecOnChain(event.spec),
    terms: event.terms,
    state: "open",
    outcome: "none",
    deadlineMs: block.timestampMs + 1000 * event.terms.offerSeconds,
    offers: new Map(),
    fee: 0n,
    left: new Set(),
    rounds: [],
    disputed: [],
    rated: new Set(),
  };
}

function ratedIn(job: JobFacts | undefined, event: EventOf<"rated">): JobFacts | undefined {
  return job && { ...job, rated: new Set(job.rated).add(`${event.rater} ${event.subject}`) };
}

type Entry = Pick<JobFacts, "state" | "deadlineMs">;

/** Events that move a job through its life; each line is a transition of specs/market.md. */
function foldJob(job: JobFacts, event: ChainEvent, block: BlockRef): JobFacts {
  const enter = (state: JobState, seconds: number): Entry => ({
    state,
    deadlineMs: block.timestampMs + 1000 * seconds,
  });
  const { recruitSeconds, roundSeconds } = job.terms;
  switch (event.event) {
    case "offered":
      return { ...job, offers: new Map(job.offers).set(event.analyst, event.fee) };
    case "awarded": {
      const { fee, analyst } = event;
      return { ...job, ...enter("recruiting", recruitSeconds), fee, analyst, analysts: [analyst] };
    }
    case "invited":
      return { ...job, invited: [...job.invited, ...event.owners] };
    case "joined":
      return { ...job, joined: [...job.joined, event.owner] };
    case "declined":
      return { ...job, declined: [...job.declined, event.owner] };
    case "selected":
      return { ...job, ...enter("training", roundSeconds), owners: event.owners };
    case "abandoned":
      return { ...job, deadlineMs: block.timestampMs };
    case "left":
      return { ...job, left: new Set(job.left).add(event.owner) };
    case "roundOpened":
      return { ...job, ...enter("training", roundSeconds), opening: opened(job, event, block) };
    case "roundClosed":
      return { ...closed(job, event), ...enter("training", roundSeconds) };
    case "tookOver": {
      const { analyst } = event;
      const analysts = [...job.analysts, analyst];
      return { ...job, ...enter("training", roundSeconds), analyst, analysts, opening: undefined };
    }
    default:
      return foldEnding(job, event, enter);
  }
}

/** Events from the end of training on. */
function foldEnding(
  job: JobFacts,
  event: ChainEvent,
  enter: (state: JobState, seconds: number) => Entry,
): JobFacts {
  const { disputeSeconds } = job.terms;
  switch (event.event) {
    case "delivered":
      return { ...job, ...enter("delivered", disputeSeconds), delivered: event, opening: undefined };
    case "stopped":
      return { ...job, ...enter("stopped", disputeSeconds), opening: undefined };
    case "disputed": {
      const { by, round, accused } = event;
      const disputed = [...job.disputed, { by, round, accused, result: "open" as DisputeResult }];
      return { ...job, ...enter("disputed", disputeSeconds), dispute: event, disputed };
    }
    case "disputeRejected":
    case "disputeLapsed": {
      const back = job.delivered === undefined ? "stopped" : "delivered";
      const result: DisputeResult = event.event === "disputeLapsed" ? "undecided" : "rejected";
      const disputed = job.disputed.map((each) => (each.round === event.round ? { ...each, result } : each));
      return { ...job, ...enter(back, disputeSeconds), dispute: undefined, disputed };
    }
    case "settled":
      return { ...job, state: "settled", outcome: event.outcome };
    case "cancelled":
    case "refunded":
      return { ...job, state: "refunded" };
    default:
      return job;
  }
}

function opened({ analyst }: JobFacts, event: EventOf<"roundOpened">, block: BlockRef): Opening | undefined {
  const { round, attempt, stateHash, keysRoot, cohortBitmap } = event;
  return analyst && { round, attempt, analyst, stateHash, keysRoot, cohortBitmap, block };
}

function closed(job: JobFacts, event: EventOf<"roundClosed">): JobFacts {
  const { opening } = job;
  if (opening === undefined) return job;
  const { round, survivorBitmap, updateHashes, aggregateHash, nextStateHash } = event;
  const row = {
    round,
    analyst: opening.analyst,
    opening,
    survivorBitmap,
    updateHashes,
    aggregateHash,
    nextStateHash,
  };
  return { ...job, opening: undefined, rounds: [...job.rounds, row] };
}
