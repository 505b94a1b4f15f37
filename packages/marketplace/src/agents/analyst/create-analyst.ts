import { arbiterStep } from "../arbiter/arbiter-step.ts";
import { type ArbiterInput, initialArbiter } from "../arbiter/state.ts";
import { ANALYST_KINDS, dueEarly, keepEarly, mayBeEarly } from "../early.ts";
import { parseEffectId, record, released } from "../effects.ts";
import type { Agent, AgentInput, AgentMessage, AgentOutput, AgentPorts } from "../ports.ts";
import { also, andThen, chain, stay, type Turn } from "../turn.ts";
import { foldBlock } from "../view/fold-events.ts";
import { emptyView, isOver, type JobFacts } from "../view/market-view.ts";
import { advanceJob } from "./advance-job.ts";
import { endOverdue, isFinished, watchDeadline } from "./finish-job.ts";
import { askOwners } from "./obtain-model.ts";
import { onDone, onFailed } from "./on-effect.ts";
import { isEarly, onMessage } from "./on-message.ts";
import type { AnalystInside, AnalystOptions } from "./options.ts";
import { emptyRecord, forget, savedJobs } from "./saved.ts";
import {
  type AnalystContext,
  type AnalystJob,
  type AnalystState,
  newAnalystJob,
  withRound,
} from "./state.ts";
import { takeOver } from "./take-over.ts";

type Analyst = Turn<AnalystState>;
type InputOf<T extends AgentInput["type"]> = Extract<AgentInput, { readonly type: T }>;

const OF_ARBITER = "arbiter/";

/**
 * A data analyst: offers, recruits, leads rounds, aggregates, values, delivers, takes over what others let
 * stall, and judges disputes of others as arbiter. Any number of jobs at once. The rules are in specs/agents.md.
 */
export function createAnalyst(options: AnalystOptions, ports: AgentPorts): Agent<AnalystState> {
  const inside: AnalystInside = { ...options, ports };
  return {
    start: { view: emptyView, live: false, jobs: new Map(), early: [], arbiter: initialArbiter },
    step: (state, input) => react(inside, state, input),
  };
}

function react(options: AnalystInside, state: AnalystState, input: AgentInput): Analyst {
  switch (input.type) {
    case "start":
      return andThen(arbitrate(options, state, input), (next) => stay(restore(options, next, input.saved)));
    case "chain":
      return onBlock(options, state, input);
    case "message":
      if (input.message.kind === "transcript.answer") return arbitrate(options, state, input);
      return route(options, state, input.message, input.nowMs);
    case "timeout":
      if (input.timer.startsWith(OF_ARBITER)) return arbitrate(options, state, input);
      return onTimeout(options, state, input);
    case "done":
    case "failed":
      if (input.effect.startsWith(OF_ARBITER)) return arbitrate(options, state, input);
      return onEffect(options, state, input);
  }
}

function arbitrate(options: AnalystInside, state: AnalystState, input: ArbiterInput): Analyst {
  const [arbiter, outputs] = arbiterStep(state.arbiter, input, options.ports);
  return [{ ...state, arbiter }, outputs];
}

function restore(
  options: AnalystInside,
  state: AnalystState,
  saved: ReadonlyMap<string, Uint8Array>,
): AnalystState {
  const jobs = savedJobs(options.ports, saved).map(
    ({ job, record: kept, states, closing, unmasking }): [bigint, AnalystJob] => [
      job,
      { ...newAnalystJob(job, kept), restored: states, resumable: closing, unmasking },
    ],
  );
  return { ...state, jobs: new Map(jobs) };
}

function onBlock(options: AnalystInside, before: AnalystState, input: InputOf<"chain">): Analyst {
  const { events, block, live, nowMs } = input;
  const view = foldBlock(before.view, block, events);
  const folded = arbitrate(options, { ...before, view, live: before.live || live }, { ...input, view });
  if (!live) return folded;
  const touched = new Set(events.map(({ job }) => job));
  const due = dueEarly(before.early, nowMs);
  const own = [...view.jobs.values()].filter((facts) => concerns(options, folded[0], facts));
  const watched = own.filter(({ job }) => !before.live || touched.has(job));
  const paid = events.flatMap((event): AgentOutput[] =>
    event.event === "credited" && event.account === options.ports.self
      ? [record({ kind: "paid", job: event.job, amountWei: event.amount })]
      : [],
  );
  return chain(
    { ...folded[0], early: [] },
    (next) => [next, [...folded[1], ...paid]],
    ...own.map((facts) => (next: AnalystState) => advance(options, next, facts.job, nowMs)),
    ...watched.map(
      (facts) =>
        (next: AnalystState): Analyst =>
          also(stay(next), ...watchDeadline({ options, view, facts, nowMs })),
    ),
    ...due.map((message) => (next: AnalystState) => route(options, next, message, nowMs)),
  );
}

/** Jobs to look after: open ones, ones held or once held, ones that may stall, and ones not yet paid out. */
function concerns({ ports: { self } }: AnalystInside, state: AnalystState, facts: JobFacts): boolean {
  if (state.jobs.has(facts.job) || !isOver(facts)) return true;
  return facts.analysts.includes(self) && (state.view.credits.get(self) ?? 0n) > 0n;
}

function route(options: AnalystInside, state: AnalystState, message: AgentMessage, nowMs: number): Analyst {
  const context = contextOf(options, state, message.job, nowMs);
  if (!state.live || context === undefined || isEarly(context, message)) {
    if (!mayBeEarly(ANALYST_KINDS, state, message)) return stay(state);
    return stay({ ...state, early: keepEarly(state.early, message, nowMs) });
  }
  const job = state.jobs.get(message.job);
  if (job === undefined) return stay(state);
  return andThen(onMessage(context, job, message), (next) =>
    advance(options, put(state, next), next.job, nowMs),
  );
}

function onTimeout(
  options: AnalystInside,
  state: AnalystState,
  { timer, nowMs }: InputOf<"timeout">,
): Analyst {
  const named = parseEffectId(timer);
  const job = named && state.jobs.get(named.job);
  const context = named && contextOf(options, state, named.job, nowMs);
  if (named === undefined || job === undefined || context === undefined) return stay(state);
  return andThen(timedOut(context, job, named.name), (next) =>
    advance(options, put(state, next), next.job, nowMs),
  );
}

function timedOut(context: AnalystContext, job: AnalystJob, name: string): Turn<AnalystJob> {
  switch (name) {
    case "phase":
      return stay(withRound(job, { over: true }));
    case "recruit":
      return stay({ ...job, recruited: true });
    case "overdue":
      return endOverdue(context, job);
    case "stall":
      return takeOver(context, job);
    case "state":
      return askOwners(context, job);
    case "again":
      return stay(job);
    default: {
      const retried = /^retry\/(.+)$/.exec(name)?.[1];
      return stay(retried === undefined ? job : released(job, retried));
    }
  }
}

function onEffect(
  options: AnalystInside,
  state: AnalystState,
  input: InputOf<"done"> | InputOf<"failed">,
): Analyst {
  const named = parseEffectId(input.effect);
  const job = named && state.jobs.get(named.job);
  const context = named && contextOf(options, state, named.job, input.nowMs);
  if (named === undefined || job === undefined || context === undefined) return stay(state);
  const turn =
    input.type === "done"
      ? onDone(context, job, named.name, input.result)
      : onFailed(context, job, named.name, input);
  return andThen(turn, (next) => advance(options, put(state, next), next.job, input.nowMs));
}

/** Does what the job's state calls for now; forgets the job when nothing is left. */
function advance(options: AnalystInside, state: AnalystState, id: bigint, nowMs: number): Analyst {
  const context = contextOf(options, state, id, nowMs);
  if (context === undefined || !state.live) return stay(state);
  const job = state.jobs.get(id) ?? newAnalystJob(id, emptyRecord);
  return andThen(advanceJob(context, job), (next): Analyst => {
    if (!isFinished(context, next)) return stay(put(state, next));
    const jobs = new Map(state.jobs);
    jobs.delete(id);
    return [
      { ...state, jobs },
      context.facts.analysts.includes(options.ports.self) ? forget(id, context.facts.rounds.length) : [],
    ];
  });
}

function contextOf(
  options: AnalystInside,
  state: AnalystState,
  job: bigint,
  nowMs: number,
): AnalystContext | undefined {
  const facts = state.view.jobs.get(job);
  return facts && { options, view: state.view, facts, nowMs };
}

function put(state: AnalystState, job: AnalystJob): AnalystState {
  return { ...state, jobs: new Map(state.jobs).set(job.job, job) };
}
