import { hexToBytes, type Millis } from "@sheaf/base";
import { reputationOf } from "@sheaf/federated";
import type { Address } from "../../chain/types.ts";
import { encodeJobSpec } from "../../job-spec.ts";
import { encodeBody } from "../messages/codec.ts";
import type { AgentOutput } from "../ports.ts";
import { also, andThen, chain, stay, type Turn } from "../turn.ts";
import type { JobFacts, MarketView } from "../view/market-view.ts";
import { chooseOffer } from "./choose-offer.ts";
import { type Due, type Duty, dutyOf, ratingsDue } from "./duties.ts";
import { matchOrders, ownJobs, specOf } from "./match-orders.ts";
import { holdModel, wantedHash } from "./on-message.ts";
import type { Attention, ConsumerOptions } from "./options.ts";
import { saveJob, saveOrder } from "./saved.ts";
import { type ConsumerState, ownJob, withEffort, withOrder, withOwnJob } from "./state.ts";
import { judgeAbsence } from "./verdict.ts";

type Consumer = Turn<ConsumerState>;

/** The model is asked for this many times before it counts as withheld. */
const ASKS = 4;

/** Does everything that is due, and sets the timer for what is due next. */
export function attend(attention: Attention, before: ConsumerState): Consumer {
  if (!before.live || before.begun === undefined) return stay(before);
  const { options, ports, nowMs } = attention;
  const { view, begun } = before;
  const { jobOf, surplus } = matchOrders(view, ports.self, begun, options.orders, before.orders);
  let wakeMs = Number.POSITIVE_INFINITY;
  const wake = (atMs: Millis): void => {
    if (atMs > nowMs) wakeMs = Math.min(wakeMs, atMs);
  };
  const steps: ((state: ConsumerState) => Consumer)[] = [];
  for (const index of options.orders.keys()) {
    if (!jobOf.has(index)) steps.push((state) => attendOrder(attention, state, index, wake));
  }
  for (const job of ownJobs(view, ports.self)) {
    steps.push((state) => attendModel(attention, state, job, wake));
    steps.push((state) => {
      const choice = job.state === "open" ? choiceOf(view, job, options) : undefined;
      const due = dutyOf(job, ownJob(state, job.job), {
        nowMs,
        options,
        surplus: surplus.has(job.job),
        choice,
      });
      return attendDue(attention, state, job, due, wake);
    });
    steps.push((state) => attendRatings(attention, state, job, wake));
  }
  steps.push((state) => attendCredit(attention, state, wake));
  return andThen(chain(before, ...steps), (state) => setTimer(state, nowMs, wakeMs));
}

/** [CONSUMER.3] */
function choiceOf(view: MarketView, job: JobFacts, options: ConsumerOptions): Address | undefined {
  const block = view.block?.number ?? 0;
  const rows = view.ratings.map((row) => ({ ...row, age: block - row.blockNumber }));
  const offers = [...job.offers]
    .filter(([analyst]) => view.licences.analyst.has(analyst))
    .map(([analyst, feeWei]) => ({
      analyst,
      feeWei,
      trust: reputationOf(analyst, rows, options.reputation).trust,
    }));
  return chooseOffer(offers, job.price, options.offerPolicy)?.analyst;
}

/** [CONSUMER.1] [CONSUMER.2] Sends the request of an order that has no job, its key first [CONSUMER.12]. */
function attendOrder(
  attention: Attention,
  state: ConsumerState,
  index: number,
  wake: (at: Millis) => void,
): Consumer {
  const { options, nowMs } = attention;
  const order = options.orders[index];
  const progress = state.orders[index];
  if (order === undefined || progress === undefined || progress.failed !== undefined) return stay(state);
  const { paillier } = order.spec.privacy;
  if (paillier !== undefined && progress.keys === undefined) {
    const id = `keys/${index}`;
    if (state.efforts.has(id)) return stay(state);
    const next = withEffort(state, id, { at: "sent", tries: 1 });
    return also(stay(next), { type: "compute", id, work: { kind: "paillier-keys", bits: paillier.keyBits } });
  }
  const id = `request/${index}`;
  const dueMs = (progress.askedAtMs ?? Number.NEGATIVE_INFINITY) + options.requestPatienceMs;
  if (!state.efforts.has(id) && nowMs < dueMs) {
    wake(dueMs);
    return stay(state);
  }
  if (!isFree(attention, state, id, wake)) return stay(state);
  const next = withOrder(state, index, { askedAtMs: nowMs });
  const spec = encodeJobSpec(specOf(order, progress));
  const call = { method: "request", spec, terms: order.terms, price: order.priceWei } as const;
  const saved = saveOrder(index, next.orders[index] ?? progress);
  return also(stay(sent(next, id)), saved, { type: "transact", id, call });
}

/** [CONSUMER.5] [CONSUMER.6] Asks for the model that is due, and after some time counts it as withheld. */
function attendModel(
  { options, ports, nowMs }: Attention,
  state: ConsumerState,
  job: JobFacts,
  wake: (at: Millis) => void,
): Consumer {
  const own = ownJob(state, job.job);
  const hash = wantedHash(job);
  if (hash === undefined || own.heldHash !== undefined) return stay(state);
  if (own.early !== undefined) {
    if (ports.keccak256(own.early) === hash) return holdModel(state, job, own.early);
    const counted = withOwnJob(state, job.job, { early: undefined, wrongStates: own.wrongStates + 1 });
    return also(stay(counted), saveJob(job.job, ownJob(counted, job.job)));
  }
  if (job.state !== "delivered" && job.state !== "stopped") return stay(state);
  const periodMs = 1000 * job.terms.disputeSeconds;
  const waitMs = Math.min(options.modelWaitMs, periodMs / 2);
  const endMs = job.deadlineMs - periodMs + waitMs;
  if (nowMs >= endMs && own.asked > 0) {
    if (own.verdict !== undefined) return stay(state);
    const next = withOwnJob(state, job.job, { verdict: judgeAbsence(job, own.wrongStates) });
    return also(stay(next), saveJob(job.job, ownJob(next, job.job)));
  }
  const dueMs = (own.askedAtMs ?? Number.NEGATIVE_INFINITY) + waitMs / ASKS;
  wake(Math.max(nowMs, endMs));
  if (nowMs < dueMs) {
    wake(dueMs);
    return stay(state);
  }
  wake(nowMs + waitMs / ASKS);
  const next = withOwnJob(state, job.job, { askedAtMs: nowMs, asked: own.asked + 1 });
  return also(stay(next), ...requests(job, hash, own.asked > 0));
}

/** To the analyst, and when that was in vain to the owners too: they hold the state that they trained. */
function requests(
  job: JobFacts,
  hash: NonNullable<ReturnType<typeof wantedHash>>,
  everybody: boolean,
): AgentOutput[] {
  const send = { type: "send", job: job.job } as const;
  const stateHash = hexToBytes(hash);
  const toOwners = everybody ? job.owners : [];
  return [
    ...(job.analyst === undefined
      ? []
      : [{ ...send, to: job.analyst, kind: "model.request", body: encodeBody("model.request", {}) }]),
    ...toOwners.map((to) => ({
      ...send,
      to,
      kind: "state.request",
      body: encodeBody("state.request", { stateHash }),
    })),
  ];
}

function attendDue(
  attention: Attention,
  state: ConsumerState,
  job: JobFacts,
  due: Due,
  wake: (at: Millis) => void,
): Consumer {
  if (due === undefined) return stay(state);
  if ("wakeMs" in due) {
    wake(due.wakeMs);
    return stay(state);
  }
  const { duty } = due;
  const turn = transact(attention, state, duty, wake);
  return turn[1].length === 0 ? turn : also(turn, decision(job, duty));
}

function decision({ job }: JobFacts, { what, because, subjects }: Duty): AgentOutput {
  return { type: "record", event: { kind: "decision", job, what, because, ...(subjects && { subjects }) } };
}

/** [CONSUMER.10] */
function attendRatings(
  attention: Attention,
  state: ConsumerState,
  job: JobFacts,
  wake: (at: Millis) => void,
): Consumer {
  const steps = ratingsDue(job, ownJob(state, job.job)).map((rating) => (before: ConsumerState): Consumer => {
    const id = `rate/${job.job}/${rating.subject}`;
    return transact(attention, before, { id, call: { method: "rate", job: job.job, ...rating } }, wake);
  });
  return chain(state, ...steps);
}

/** [CONSUMER.9] */
function attendCredit(attention: Attention, state: ConsumerState, wake: (at: Millis) => void): Consumer {
  const credit = state.view.credits.get(attention.ports.self) ?? 0n;
  return credit > 0n
    ? transact(attention, state, { id: "withdraw", call: { method: "withdraw" } }, wake)
    : stay(state);
}

function transact(
  attention: Attention,
  state: ConsumerState,
  { id, call }: Pick<Duty, "id" | "call">,
  wake: (at: Millis) => void,
): Consumer {
  if (!isFree(attention, state, id, wake)) return stay(state);
  return [sent(state, id), [{ type: "transact", id, call }]];
}

/** Whether no transaction of this purpose is under way, or rests after a failure. */
function isFree(
  { nowMs }: Attention,
  { efforts }: ConsumerState,
  id: string,
  wake: (at: Millis) => void,
): boolean {
  const effort = efforts.get(id);
  if (effort?.at === "resting") wake(effort.untilMs);
  return effort === undefined || (effort.at === "resting" && nowMs >= effort.untilMs);
}

function sent(state: ConsumerState, id: string): ConsumerState {
  const before = state.efforts.get(id);
  const tries = before?.at === "resting" ? before.tries + 1 : 1;
  return withEffort(state, id, { at: "sent", tries });
}

function setTimer(state: ConsumerState, nowMs: Millis, wakeMs: Millis): Consumer {
  if (!Number.isFinite(wakeMs)) return stay(state);
  if (state.wakeMs === wakeMs) return stay(state);
  return [{ ...state, wakeMs }, [{ type: "schedule", timer: "due", delayMs: wakeMs - nowMs }]];
}
