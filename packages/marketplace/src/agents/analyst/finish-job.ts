import type { Millis } from "@sheaf/base";
import type { Address } from "@sheaf/protocol";
import { effectId, isAsked, isGivenUp, record, transactOnce } from "../effects.ts";
import type { AgentOutput } from "../ports.ts";
import { also, chain, stay, type Turn } from "../turn.ts";
import { isOver, roundsSurvived } from "../view/market-view.ts";
import { endingOf, endsMs } from "../view/overdue.ts";
import { weigh } from "./deliver.ts";
import { harmfulOf } from "./harmful.ts";
import { answersUntilMs } from "./recruit.ts";
import { standingOf } from "./standings.ts";
import { type AnalystContext, type AnalystJob, holdsJob } from "./state.ts";

const GRACE_MS: Millis = 1_000;
/** Analysts that might take a job over wait apart, by address, so that one of them succeeds and few fail. */
const TAKE_OVER_SPREAD_MS: Millis = 4_000;

/** When the job is over: rates the owners and withdraws what is due [ANALYST.10]. */
export function finishJob(context: AnalystContext, job: AnalystJob): Turn<AnalystJob> {
  if (!isOver(context.facts)) return stay(job);
  return chain(
    job,
    (next) => rateOwners(context, next),
    (next) => (isOwed(context, next) ? transactOnce(next, "withdraw", { method: "withdraw" }) : stay(next)),
  );
}

function rateOwners(context: AnalystContext, job: AnalystJob): Turn<AnalystJob> {
  const owed = owedRatings(context, job).filter((owner) => !isAsked(job, `rate/${owner}`));
  if (owed.length === 0) return stay(job);
  const harmful = harmfulOf(weigh(context.facts, job.record));
  return chain(
    job,
    ...owed.map((owner) => (next: AnalystJob) => {
      const place = context.facts.owners.indexOf(owner);
      return rateOwner(context, next, owner, harmful[place] ?? false);
    }),
  );
}

/** Rounds it survived are good, unless they did harm; rubbish it sent is bad; what may be bad luck is uncertain. */
function rateOwner(
  { facts }: AnalystContext,
  job: AnalystJob,
  owner: Address,
  harmful: boolean,
): Turn<AnalystJob> {
  const { bad, uncertain } = standingOf(job.record, owner);
  const survived = roundsSurvived(facts, owner);
  const row = {
    subject: owner,
    positive: harmful ? 0 : survived,
    negative: bad + (harmful ? survived : 0),
    uncertain,
  };
  const turn = transactOnce(job, `rate/${owner}`, { method: "rate", job: job.job, ...row });
  return turn[1].length === 0 ? turn : also(turn, record({ kind: "rated", job: job.job, ...row }));
}

/** Owners that this analyst worked with and has not rated. */
function owedRatings({ facts, options, view }: AnalystContext, job: AnalystJob): Address[] {
  const { self } = options.ports;
  if (facts.analyst !== self || facts.rounds.length === 0 || !view.licences.analyst.has(self)) return [];
  const known = (owner: Address): boolean => {
    const { bad, uncertain } = standingOf(job.record, owner);
    return roundsSurvived(facts, owner) + bad + uncertain > 0;
  };
  return facts.owners.filter(
    (owner) => known(owner) && !facts.rated.has(`${self} ${owner}`) && !isGivenUp(job, `rate/${owner}`),
  );
}

function isOwed({ options, view }: AnalystContext, job: AnalystJob): boolean {
  return (view.credits.get(options.ports.self) ?? 0n) > 0n && !isGivenUp(job, "withdraw");
}

/** Nothing is left to do: the job is over, or somebody else's. */
export function isFinished(context: AnalystContext, job: AnalystJob): boolean {
  return isOver(context.facts) && owedRatings(context, job).length === 0 && !isOwed(context, job);
}

/** Timers for the deadlines of a job: own ones are ended when overdue, others' are taken over when they stall. */
export function watchDeadline(context: AnalystContext): AgentOutput[] {
  const { facts, nowMs, options } = context;
  const at = (name: string, dueMs: Millis): AgentOutput => ({
    type: "schedule",
    timer: effectId(facts.job, name),
    delayMs: Math.max(0, dueMs - nowMs),
  });
  const timers: AgentOutput[] = [];
  const endMs = endsMs(facts);
  if (endMs !== undefined && facts.analysts.includes(options.ports.self))
    timers.push(at("overdue", endMs + GRACE_MS));
  // A consumer that is gone does not take its offer back: whoever offered ends the job.
  if (facts.state === "open" && facts.offers.has(options.ports.self))
    timers.push(at("overdue", facts.deadlineMs + GRACE_MS + spreadMs(options.ports.self)));
  if (facts.state === "recruiting" && holdsJob(context)) timers.push(at("recruit", answersUntilMs(context)));
  if (facts.state === "training" && !facts.analysts.includes(options.ports.self)) {
    timers.push(at("stall", facts.deadlineMs + GRACE_MS + spreadMs(options.ports.self)));
  }
  return timers;
}

function spreadMs(self: Address): Millis {
  return (Number(BigInt(self) % 1000n) / 1000) * TAKE_OVER_SPREAD_MS;
}

/** Ends a state that has lasted too long, so that money does not stay locked. */
export function endOverdue({ facts, nowMs }: AnalystContext, job: AnalystJob): Turn<AnalystJob> {
  const dueMs = endsMs(facts);
  if (dueMs === undefined || nowMs < dueMs) return stay(job);
  return transactOnce(job, `overdue/${dueMs}`, endingOf(facts));
}
