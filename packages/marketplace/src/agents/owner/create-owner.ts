import { decode } from "@msgpack/msgpack";
import { createBudget, type PrivacyBudget, parseBudget } from "@sheaf/federated";
import { dueEarly, keepEarly, mayBeEarly, OWNER_KINDS } from "../early.ts";
import { parseEffectId, record, released } from "../effects.ts";
import type { Agent, AgentInput, AgentMessage, AgentOutput, AgentPorts } from "../ports.ts";
import { modelOfBytes } from "../round/model.ts";
import { also, andThen, chain, stay, type Turn } from "../turn.ts";
import { foldBlock } from "../view/fold-events.ts";
import { emptyView, isOver, type JobFacts } from "../view/market-view.ts";
import { advanceJob } from "./advance-job.ts";
import { endOverdue, isFinished, watchDeadline } from "./finish-job.ts";
import { onDone, onFailed } from "./on-effect.ts";
import { isEarly, onMessage } from "./on-message.ts";
import type { OwnerOptions } from "./options.ts";
import {
  BUDGET_KEY,
  emptyRecord,
  forget,
  type OwnerRecord,
  savedJobs,
  savedRecord,
  savedState,
} from "./saved.ts";
import { newOwnerJob, type OwnerContext, type OwnerJob, type OwnerState } from "./state.ts";

type Owner = Turn<OwnerState>;
type InputOf<T extends AgentInput["type"]> = Extract<AgentInput, { readonly type: T }>;

/**
 * A data owner: joins jobs by its policy, takes part in their rounds, checks everything the analyst says
 * against the chain, and sees to it that it is paid. Any number of jobs at once. The rules are in specs/agents.md.
 */
export function createOwner(options: OwnerOptions, ports: AgentPorts): Agent<OwnerState> {
  const inside = { ...options, ports };
  return {
    start: { view: emptyView, live: false, budget: undefined, jobs: new Map(), early: [] },
    step: (state, input) => react(inside, state, input),
  };
}

type Inside = OwnerContext["options"];

function react(options: Inside, state: OwnerState, input: AgentInput): Owner {
  switch (input.type) {
    case "start":
      return stay(restore(options, state, input.saved));
    case "chain":
      return onBlock(options, state, input);
    case "message":
      return route(options, state, input.message, input.nowMs);
    case "timeout":
      return onTimeout(options, state, input);
    case "done":
    case "failed":
      return onEffect(options, state, input);
  }
}

function restore(options: Inside, state: OwnerState, saved: ReadonlyMap<string, Uint8Array>): OwnerState {
  const jobs = savedJobs(saved).map((id): [bigint, OwnerJob] => {
    const bytes = savedState(saved, id);
    const candidate = bytes && modelOfBytes(options.ports, bytes);
    return [id, { ...newOwnerJob(id, savedRecord(saved, id)), candidate }];
  });
  return { ...state, jobs: new Map(jobs), budget: savedBudget(options, saved.get(BUDGET_KEY)) };
}

/** Without a limit of its own an owner accounts for its privacy all the same [OWNER.5]. */
const UNLIMITED = { epsilonLimit: Number.MAX_VALUE, delta: 1e-5 };

/** What is left of the budget; limits are those of the policy today [OWNER.5]. */
function savedBudget({ policy }: Inside, bytes: Uint8Array | undefined): PrivacyBudget {
  const fresh = createBudget(policy.privacy ?? UNLIMITED);
  return bytes === undefined ? fresh : { ...fresh, spendings: parseBudget(decode(bytes)).spendings };
}

function onBlock(options: Inside, before: OwnerState, input: InputOf<"chain">): Owner {
  const { events, block, live, nowMs } = input;
  const view = foldBlock(before.view, block, events);
  if (!live) return stay({ ...before, view });
  const touched = new Set(events.map(({ job }) => job));
  const due = dueEarly(before.early, nowMs);
  const state: OwnerState = { ...before, view, live: true, early: [] };
  const own = [...view.jobs.values()].filter((facts) => concerns(options, state, facts));
  const paid = events.flatMap((event): AgentOutput[] =>
    event.event === "credited" && event.account === options.ports.self
      ? [record({ kind: "paid", job: event.job, amountWei: event.amount })]
      : [],
  );
  return chain(
    state,
    (next) => also(stay(next), ...paid),
    ...own.map((facts) => (next: OwnerState) => advance(options, next, facts.job, nowMs)),
    ...own.map((facts) => (next: OwnerState): Owner => {
      if (before.live && !touched.has(facts.job)) return stay(next);
      return also(stay(next), ...watchDeadline({ options, view, facts, nowMs, budget: next.budget }));
    }),
    ...due.map((message) => (next: OwnerState) => route(options, next, message, nowMs)),
  );
}

/** Jobs this owner has to look after: invited or selected and not over, remembered, or not yet paid out. */
function concerns({ ports: { self } }: Inside, state: OwnerState, facts: JobFacts): boolean {
  if (state.jobs.has(facts.job)) return true;
  if (facts.owners.length === 0 ? !facts.invited.includes(self) : !facts.owners.includes(self)) return false;
  return !isOver(facts) || (state.view.credits.get(self) ?? 0n) > 0n;
}

function route(options: Inside, state: OwnerState, message: AgentMessage, nowMs: number): Owner {
  const context = contextOf(options, state, message.job, nowMs);
  if (!state.live || context === undefined || isEarly(context, message)) {
    if (!mayBeEarly(OWNER_KINDS, state, message)) return stay(state);
    return stay({ ...state, early: keepEarly(state.early, message, nowMs) });
  }
  const job = state.jobs.get(message.job);
  if (job === undefined) return stay(state);
  return andThen(onMessage(context, job, message), (next) =>
    advance(options, put(state, next), next.job, nowMs),
  );
}

function onTimeout(options: Inside, state: OwnerState, { timer, nowMs }: InputOf<"timeout">): Owner {
  const named = parseEffectId(timer);
  const job = named && state.jobs.get(named.job);
  const context = named && contextOf(options, state, named.job, nowMs);
  if (named === undefined || job === undefined || context === undefined) return stay(state);
  if (named.name === "overdue") {
    return andThen(endOverdue(context, job), (next) => stay(put(state, next)));
  }
  const retried = /^retry\/(.+)$/.exec(named.name)?.[1];
  return advance(
    options,
    retried === undefined ? state : put(state, released(job, retried)),
    named.job,
    nowMs,
  );
}

function onEffect(options: Inside, state: OwnerState, input: InputOf<"done"> | InputOf<"failed">): Owner {
  const named = parseEffectId(input.effect);
  const job = named && state.jobs.get(named.job);
  const context = named && contextOf(options, state, named.job, input.nowMs);
  if (named === undefined || job === undefined || context === undefined) return stay(state);
  const turn =
    input.type === "done" ? onDone(context, job, named.name, input.result) : onFailed(job, named.name, input);
  return andThen(turn, (next) => advance(options, put(state, next), next.job, input.nowMs));
}

/** Does what the job's state calls for now; forgets the job when nothing is left. */
function advance(options: Inside, state: OwnerState, id: bigint, nowMs: number): Owner {
  const context = contextOf(options, state, id, nowMs);
  if (context === undefined || !state.live) return stay(state);
  const job = state.jobs.get(id) ?? newOwnerJob(id, recordFrom(context));
  return andThen(advanceJob(context, job), ({ job: next, budget }) => {
    const after = { ...put(state, next), budget };
    if (!isFinished(context, next)) return stay(after);
    const jobs = new Map(after.jobs);
    jobs.delete(id);
    return [{ ...after, jobs }, forget(id)];
  });
}

/** Without a record nothing is known of the rounds that are closed by now: they are not compared [OWNER.9]. */
function recordFrom({ facts }: OwnerContext): OwnerRecord {
  return { ...emptyRecord, compared: facts.rounds.length };
}

function contextOf(options: Inside, state: OwnerState, job: bigint, nowMs: number): OwnerContext | undefined {
  const facts = state.view.jobs.get(job);
  return facts && { options, view: state.view, facts, nowMs, budget: state.budget };
}

function put(state: OwnerState, job: OwnerJob): OwnerState {
  return { ...state, jobs: new Map(state.jobs).set(job.job, job) };
}
