import { releasesLeft, reputationOf } from "@sheaf/federated";
import type { Address } from "@sheaf/protocol";
import { computeOnce, record, transactOnce } from "../effects.ts";
import { jobSeed } from "../round/job-seed.ts";
import { roundMechanism } from "../round/noise.ts";
import { also, stay, type Turn } from "../turn.ts";
import type { JobFacts } from "../view/market-view.ts";
import { ratingRows } from "../view/ratings.ts";
import { saveRecord } from "./saved.ts";
import type { OwnerContext, OwnerJob } from "./state.ts";

/** Joins or declines a job this owner is invited to [OWNER.1], once the model's size is known. */
export function answerInvitation(context: OwnerContext, job: OwnerJob): Turn<OwnerJob> {
  const { facts, options } = context;
  const { self } = options.ports;
  const answered = facts.joined.includes(self) || facts.declined.includes(self);
  if (facts.state !== "recruiting" || !facts.invited.includes(self) || answered) return stay(job);
  const objection = job.unfit ?? objectionTo(context);
  if (objection !== undefined) return answer(job, "decline", objection);
  if (job.initial === undefined) return stay(job);
  const tooLarge = job.initial.state.weights.length > options.policy.maxParameters;
  return tooLarge ? answer(job, "decline", "MODEL_TOO_LARGE") : answer(job, "join", "FITS_POLICY");
}

/** Has the model made that the specification describes: its size, and what round 1 must start from. */
export function makeInitialModel({ facts, options }: OwnerContext, job: OwnerJob): Turn<OwnerJob> {
  if (facts.spec === undefined || job.initial !== undefined || job.unfit !== undefined) return stay(job);
  const seed = jobSeed(options.ports.scope, job.job, facts.spec);
  return computeOnce(job, "initialise", { kind: "initialise", spec: { ...facts.spec, seed } });
}

function answer(job: OwnerJob, method: "join" | "decline", because: string): Turn<OwnerJob> {
  const turn = transactOnce(job, method, { method, job: job.job });
  if (turn[1].length === 0) return turn;
  const decision = record({ kind: "decision", job: job.job, what: method, because });
  // From here on closed rounds are compared with it, also after a restart [OWNER.9].
  return method === "join" ? also(turn, decision, saveRecord(job)) : also(turn, decision);
}

/** Why the policy, the data or the privacy budget speaks against a job; `undefined` when nothing does. */
export function objectionTo(context: OwnerContext): string | undefined {
  const { facts, options, view } = context;
  const { spec, analyst } = facts;
  const { policy, ports } = options;
  if (!view.licences.owner.has(ports.self)) return "NOT_LICENSED";
  if (analyst === undefined || !view.licences.analyst.has(analyst)) return "ANALYST_NOT_LICENSED";
  if (spec === undefined) return "SPECIFICATION_INVALID";
  const unfair = objectionToTerms(facts.terms, spec.training.rounds, policy.minimumDisputeSeconds);
  if (unfair !== undefined) return unfair;
  if (!fitsData(context, spec)) return "DATA_DOES_NOT_FIT";
  if (!policy.modes.includes(spec.privacy.mode)) return "PRIVACY_MODE_NOT_ACCEPTED";
  if (hasSmallGroups(spec.privacy.secagg?.groupSize, policy.minimumGroup)) return "GROUPS_TOO_SMALL";
  if ((facts.price - facts.fee) / BigInt(facts.terms.maxOwners) < policy.minimumShareWei)
    return "PRICE_TOO_LOW";
  if (activeJobs(context) >= policy.maxJobs) return "TOO_MANY_JOBS";
  if (isDistrusted(context, analyst)) return "ANALYST_NOT_TRUSTED";
  return budgetAllows(context, policy.minimumRounds) ? undefined : "PRIVACY_BUDGET_EXHAUSTED";
}

/** A job that stops early is paid by its rounds among `maxRounds`, and a dispute needs time for votes [OWNER.1]. */
function objectionToTerms(
  { maxRounds, disputeSeconds }: JobFacts["terms"],
  rounds: number,
  leastSeconds: number,
): string | undefined {
  if (maxRounds > rounds) return "MORE_ROUNDS_THAN_SPECIFIED";
  return disputeSeconds < leastSeconds ? "DISPUTE_PERIOD_TOO_SHORT" : undefined;
}

function hasSmallGroups(groupSize: number | "cohort" | undefined, least: number): boolean {
  return typeof groupSize === "number" && groupSize < least;
}

function fitsData({ options: { data } }: OwnerContext, spec: NonNullable<JobFacts["spec"]>): boolean {
  const { task, shape } = spec;
  if (task.kind !== data.task.kind || data.count < 1) return false;
  if (
    task.kind === "classification" &&
    data.task.kind === "classification" &&
    task.classes !== data.task.classes
  ) {
    return false;
  }
  return shape.length === data.shape.length && shape.every((size, index) => size === data.shape[index]);
}

function activeJobs({ view, options, facts }: OwnerContext): number {
  const { self } = options.ports;
  const works = (job: JobFacts): boolean =>
    job.state === "training" ? job.owners.includes(self) && !job.left.has(self) : job.joined.includes(self);
  return [...view.jobs.values()].filter(
    (job) => job.job !== facts.job && (job.state === "recruiting" || job.state === "training") && works(job),
  ).length;
}

function isDistrusted({ view, options }: OwnerContext, analyst: Address): boolean {
  const { minimumTrust } = options.policy;
  return minimumTrust > 0 && reputationOf(analyst, ratingRows(view)).trust < minimumTrust;
}

/** Whether the budget over all jobs pays for `rounds` more rounds of this one [OWNER.5]. */
export function budgetAllows({ facts, budget }: OwnerContext, rounds: number): boolean {
  const mechanism = facts.spec && roundMechanism(facts.spec);
  if (mechanism === undefined || budget === undefined) return true;
  return releasesLeft(budget, mechanism, rounds) >= rounds;
}
