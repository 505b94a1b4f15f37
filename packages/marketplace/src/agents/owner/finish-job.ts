import type { Millis } from "@sheaf/base";
import { bondOf } from "../../chain/contracts.ts";
import { judgeWeights } from "../arbiter/examine.ts";
import { effectId, isGivenUp, record, transactOnce } from "../effects.ts";
import type { AgentOutput } from "../ports.ts";
import { also, chain, stay, type Turn } from "../turn.ts";
import { isOver } from "../view/market-view.ts";
import { endingOf, endsMs } from "../view/overdue.ts";
import type { OwnerContext, OwnerJob } from "./state.ts";

/** How long after a deadline an owner waits for others to end a state; each place waits a little longer. */
const GRACE_MS: Millis = 5_000;
const STAGGER_MS: Millis = 2_000;

/** What is to be done when training is over: dispute what was wrong, rate the analyst, withdraw [OWNER.10]. */
export function finishJob(context: OwnerContext, job: OwnerJob): Turn<OwnerJob> {
  return chain(
    job,
    (next) => disputeFault(context, next),
    (next) => rateAnalyst(context, next),
    (next) => withdrawCredit(context, next),
  );
}

/** Disputes the first round that is not what this owner sent, then weights that are not the rounds survived, if the policy risks the bond [OWNER.9] [DISPUTE.5]. */
function disputeFault({ facts, options }: OwnerContext, job: OwnerJob): Turn<OwnerJob> {
  const { self } = options.ports;
  const open = facts.state === "delivered" || facts.state === "stopped";
  if (!open || !options.policy.disputes || facts.disputed.some(({ by }) => by === self)) return stay(job);
  const weights = judgeWeights(facts)?.upheld ? [{ round: 0, code: "WRONG_WEIGHTS" }] : [];
  const fault = [...job.record.faults, ...weights].find(
    ({ round }) => !facts.disputed.some((dispute) => dispute.round === round),
  );
  if (fault === undefined) return stay(job);
  const { round, code } = fault;
  const bond = bondOf(facts.price);
  const turn = transactOnce(job, `dispute/${round}`, { method: "dispute", job: job.job, round, bond });
  if (turn[1].length === 0) return turn;
  return also(turn, record({ kind: "decision", job: job.job, what: "dispute", because: code }));
}

/** One row for the analyst that ended up with the job: rounds as they were, and as they were not. */
function rateAnalyst(context: OwnerContext, job: OwnerJob): Turn<OwnerJob> {
  const { analyst, outcome } = context.facts;
  if (analyst === undefined || !owesRating(context, job)) return stay(job);
  const { good, bad, uncertain: unclear } = job.record;
  const uncertain = unclear + (outcome === "partial" ? 1 : 0);
  const row = { subject: analyst, positive: good, negative: bad, uncertain };
  const turn = transactOnce(job, "rate", { method: "rate", job: job.job, ...row });
  return turn[1].length === 0 ? turn : also(turn, record({ kind: "rated", job: job.job, ...row }));
}

function owesRating({ facts, options, view }: OwnerContext, job: OwnerJob): boolean {
  const { self } = options.ports;
  const { good, bad } = job.record;
  if (!isOver(facts) || !facts.owners.includes(self) || !view.licences.owner.has(self)) return false;
  return good + bad > 0 && !facts.rated.has(`${self} ${facts.analyst}`) && !isGivenUp(job, "rate");
}

function withdrawCredit(context: OwnerContext, job: OwnerJob): Turn<OwnerJob> {
  if (!isOver(context.facts) || !isOwed(context, job)) return stay(job);
  return transactOnce(job, "withdraw", { method: "withdraw" });
}

function isOwed({ options, view }: OwnerContext, job: OwnerJob): boolean {
  return (view.credits.get(options.ports.self) ?? 0n) > 0n && !isGivenUp(job, "withdraw");
}

/** Nothing is left to do: the job is over, the analyst is rated, and nothing is owed to this owner. */
export function isFinished(context: OwnerContext, job: OwnerJob): boolean {
  return isOver(context.facts) && !owesRating(context, job) && !isOwed(context, job);
}

/** Wakes the owner when a state of its job has lasted too long; the first owners go first [OWNER.10]. */
export function watchDeadline({ facts, options, nowMs }: OwnerContext): AgentOutput[] {
  const place = facts.owners.indexOf(options.ports.self);
  const dueMs = endsMs(facts);
  if (place < 0 || dueMs === undefined) return [];
  const delayMs = Math.max(0, dueMs + GRACE_MS + STAGGER_MS * place - nowMs);
  return [{ type: "schedule", timer: effectId(facts.job, "overdue"), delayMs }];
}

/** Ends a state that nobody ended in time, so that owners are paid whatever the others do [OWNER.10]. */
export function endOverdue({ facts, nowMs }: OwnerContext, job: OwnerJob): Turn<OwnerJob> {
  const dueMs = endsMs(facts);
  if (dueMs === undefined || nowMs < dueMs) return stay(job);
  return transactOnce(job, `overdue/${dueMs}`, endingOf(facts));
}
