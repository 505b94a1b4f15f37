import { describe, expect, it } from "vitest";
import { foldBlock } from "../../../src/agents/view/fold-events.ts";
import {
  activeOwners,
  committedState,
  emptyView,
  isHandedOver,
  isOver,
  type JobFacts,
  type MarketView,
  nextRound,
  roundLimit,
  roundsSurvived,
} from "../../../src/agents/view/market-view.ts";
import { endingOf, endsMs } from "../../../src/agents/view/overdue.ts";
import { ratingRows } from "../../../src/agents/view/ratings.ts";
import type { Address } from "../../../src/chain/types.ts";
import { encodeJobSpec } from "../../../src/job-spec.ts";
import { toyIdentity } from "../../simulation/identities.ts";
import { tinySpec } from "../../simulation/orders.ts";
import { blockOf, type EventBody, hashOf, issued } from "../support/toy-market.ts";
import { CONSUMER, TERMS } from "../support/training.ts";

const owners = [1, 2, 3, 4].map((index) => toyIdentity(index).address);
const [first, second] = [toyIdentity(50).address, toyIdentity(51).address];

function fold(view: MarketView, number: number, ...bodies: readonly EventBody[]): MarketView {
  const { block, events } = blockOf(number, 1_000_000 + 1000 * number, bodies);
  return foldBlock(view, block, events);
}

const job = (view: MarketView): JobFacts => view.jobs.get(1n) as JobFacts;
const opened = (round: number, attempt: number): EventBody => ({
  job: 1n,
  event: "roundOpened",
  round,
  attempt,
  stateHash: hashOf(`state ${round - 1}`),
  keysRoot: hashOf("keys"),
  cohortBitmap: 0b1111n,
});
const closed = (round: number, survivorBitmap: bigint): EventBody => ({
  job: 1n,
  event: "roundClosed",
  round,
  survivorBitmap,
  updateHashes: [],
  aggregateHash: hashOf("aggregate"),
  nextStateHash: hashOf(`state ${round}`),
});

describe("the view of the market is a fold over its events [AGENT.1]", () => {
  const steps: readonly (readonly [string, EventBody[], (facts: JobFacts, view: MarketView) => void])[] = [
    [
      "requested",
      [
        ...owners.map((owner) => issued("owner", owner)),
        {
          job: 1n,
          event: "requested",
          consumer: CONSUMER,
          price: 900n,
          spec: encodeJobSpec(tinySpec("none")),
          terms: { ...TERMS, maxRounds: 1 },
        },
      ],
      (facts) => {
        expect(facts).toMatchObject({ state: "open", price: 900n, spec: { title: "simulated none" } });
        expect(endsMs(facts)).toBe(1_001_000 + 60_000);
        expect(roundLimit(facts)).toBe(1);
      },
    ],
    [
      "offered",
      [{ job: 1n, event: "offered", analyst: first, fee: 90n }],
      (facts) => expect(facts.offers.get(first)).toBe(90n),
    ],
    [
      "awarded",
      [{ job: 1n, event: "awarded", analyst: first, fee: 90n }],
      (facts) => expect(facts).toMatchObject({ state: "recruiting", analyst: first, fee: 90n }),
    ],
    [
      "recruited",
      [
        { job: 1n, event: "invited", owners },
        { job: 1n, event: "joined", owner: owners[0] as Address },
        { job: 1n, event: "declined", owner: owners[1] as Address },
        { job: 1n, event: "selected", owners },
      ],
      (facts) => {
        expect(facts).toMatchObject({
          state: "training",
          owners,
          joined: [owners[0]],
          declined: [owners[1]],
        });
        expect(endsMs(facts)).toBe(1_004_000 + 120_000 + 60_000);
        expect(committedState(facts)).toBeUndefined();
        expect(endingOf(facts)).toEqual({ method: "expire", job: 1n });
      },
    ],
    [
      "opened",
      [opened(1, 1)],
      (facts) => expect(facts.opening).toMatchObject({ attempt: 1, analyst: first, block: { number: 5 } }),
    ],
    [
      "opened again",
      [opened(1, 2)],
      (facts) => expect(facts.opening).toMatchObject({ attempt: 2, block: { number: 6 } }),
    ],
    [
      "closed",
      [closed(1, 0b0111n)],
      (facts) => {
        expect(facts.opening).toBeUndefined();
        expect(committedState(facts)).toBe(hashOf("state 1"));
        expect(nextRound(facts)).toBe(2);
        expect(owners.map((owner) => roundsSurvived(facts, owner))).toEqual([1, 1, 1, 0]);
        expect(roundsSurvived(facts, CONSUMER)).toBe(0);
      },
    ],
    [
      "taken over, with one owner gone and one without licence",
      [
        opened(2, 1),
        { job: 1n, event: "tookOver", analyst: second, previous: first },
        { job: 1n, event: "left", owner: owners[0] as Address },
        { job: 0n, event: "revoked", subject: owners[1] as Address, role: "owner" },
      ],
      (facts, view) => {
        expect(facts).toMatchObject({ analyst: second, analysts: [first, second], opening: undefined });
        expect(facts.rounds[0]?.analyst).toBe(first);
        expect(activeOwners(view, facts)).toEqual(owners.slice(2));
      },
    ],
    [
      "delivered",
      [{ job: 1n, event: "delivered", stateHash: hashOf("state 1"), weights: [1n, 1n, 1n, 0n] }],
      (facts) => {
        expect(facts).toMatchObject({ state: "delivered", delivered: { stateHash: hashOf("state 1") } });
        expect(isHandedOver(facts)).toBe(true);
        expect(endingOf(facts)).toEqual({ method: "settle", job: 1n });
      },
    ],
    [
      "disputed",
      [{ job: 1n, event: "disputed", by: CONSUMER, round: 1, accused: first, arbiters: 3 }],
      (facts) =>
        expect(facts).toMatchObject({
          state: "disputed",
          dispute: { round: 1, accused: first },
          disputed: [{ by: CONSUMER }],
        }),
    ],
    [
      "the dispute is rejected, or nobody decided it [MARKET.21]",
      [{ job: 1n, event: "disputeRejected", by: CONSUMER, round: 1 }],
      (facts, { block }) => {
        expect(facts).toMatchObject({
          state: "delivered",
          dispute: undefined,
          disputed: [{ round: 1, result: "rejected" }],
        });
        expect(endsMs(facts)).toBe((block?.timestampMs ?? 0) + 1000 * facts.terms.disputeSeconds);
      },
    ],
    [
      "settled, credited, rated, withdrawn",
      [
        { job: 1n, event: "settled", outcome: "full" },
        { job: 1n, event: "credited", account: first, amount: 90n, kind: "analyst" },
        {
          job: 1n,
          event: "rated",
          index: 0n,
          rater: first,
          subject: owners[0] as Address,
          positive: 1,
          negative: 0,
          uncertain: 0,
        },
        { job: 0n, event: "withdrawn", account: first, amount: 40n },
      ],
      (facts, view) => {
        expect(isOver(facts)).toBe(true);
        expect(endsMs(facts)).toBeUndefined();
        expect(view.credits.get(first)).toBe(50n);
        expect(facts.rated.has(`${first} ${owners[0]}`)).toBe(true);
        expect(ratingRows(fold(view, 30))).toMatchObject([{ subject: owners[0], age: 18 }]);
      },
    ],
  ];
  let view = emptyView;
  it.each(steps.map(([name], index) => [name, index] as const))("%s", (_, index) => {
    const [, bodies, check] = steps[index] as (typeof steps)[number];
    view = fold(view, index + 1, ...bodies);
    check(job(view), view);
  });

  it("training that stops without a delivery, and what nobody asked for", () => {
    const begun = steps
      .slice(0, 7)
      .reduce((before, [, bodies], index) => fold(before, index + 1, ...bodies), emptyView);
    const stopped = fold(begun, 20, { job: 1n, event: "stopped", closedRounds: 1 });
    expect(job(stopped)).toMatchObject({ state: "stopped" });
    const disputed = fold(stopped, 21, {
      job: 1n,
      event: "disputed",
      by: CONSUMER,
      round: 1,
      accused: first,
      arbiters: 1,
    });
    expect(job(fold(disputed, 22, { job: 1n, event: "disputeRejected", by: CONSUMER, round: 1 })).state).toBe(
      "stopped",
    );
    expect(job(fold(begun, 20, { job: 1n, event: "refunded" })).state).toBe("refunded");
    expect(fold(begun, 20, { job: 9n, event: "refunded" }).jobs.size).toBe(1);
    expect(
      job(
        fold(emptyView, 1, {
          job: 1n,
          event: "requested",
          consumer: CONSUMER,
          price: 1n,
          spec: "?",
          terms: TERMS,
        }),
      ).spec,
    ).toBeUndefined();
  });
});
