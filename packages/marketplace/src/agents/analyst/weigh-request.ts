import type { JobSpec } from "../../job-spec.ts";
import { computeOnce, record, transactOnce } from "../effects.ts";
import { jobSeed } from "../round/job-seed.ts";
import { andThen, stay, type Turn } from "../turn.ts";
import type { AnalystContext, AnalystJob } from "./state.ts";
import { transcriptTravels } from "./transcript-size.ts";

/** Offers to do a job that is open, or passes it over [ANALYST.1]; the decision stands. */
export function weighRequest(context: AnalystContext, job: AnalystJob): Turn<AnalystJob> {
  const { facts, options } = context;
  if (facts.state !== "open" || facts.offers.has(options.ports.self)) return stay(job);
  if (job.decision !== undefined) return job.decision === "offer" ? offer(context, job) : stay(job);
  const objection = job.unfit ?? objectionTo(context);
  if (objection !== undefined) return decide(job, "pass", objection);
  if (job.initial === undefined) return stay(job);
  const size = objectionToSize(context, job.initial.state.weights.length);
  if (size !== undefined) return decide(job, "pass", size);
  return andThen(decide(job, "offer", "FITS_POLICY"), (next) => offer(context, next));
}

function offer({ facts, options }: AnalystContext, job: AnalystJob): Turn<AnalystJob> {
  const fee = (facts.price * BigInt(Math.round(options.policy.feeShare * 10_000))) / 10_000n;
  return transactOnce(job, "offer", { method: "offer", job: job.job, fee });
}

function decide(job: AnalystJob, decision: "offer" | "pass", because: string): Turn<AnalystJob> {
  return [{ ...job, decision }, [record({ kind: "decision", job: job.job, what: decision, because })]];
}

/** Has the specification's model made, unless that was tried. */
export function makeInitialModel({ facts, options }: AnalystContext, job: AnalystJob): Turn<AnalystJob> {
  if (facts.spec === undefined || job.initial !== undefined || job.unfit !== undefined) return stay(job);
  const seed = jobSeed(options.ports.scope, job.job, facts.spec);
  return computeOnce(job, "initialise", { kind: "initialise", spec: { ...facts.spec, seed } });
}

/** The model is too large for this analyst, or for showing a round of it to arbiters [ANALYST.9]. */
export function objectionToSize({ facts, options }: AnalystContext, parameters: number): string | undefined {
  if (parameters > options.policy.maxParameters) return "MODEL_TOO_LARGE";
  return transcriptTravels(facts, parameters) ? undefined : "TRANSCRIPT_TOO_LARGE";
}

/** Why this analyst does not want the job; `undefined` when it does. */
export function objectionTo({ facts, options, view }: AnalystContext): string | undefined {
  const { spec, terms } = facts;
  const { policy, ports, validation } = options;
  if (!view.licences.analyst.has(ports.self)) return "NOT_LICENSED";
  if (spec === undefined) return "SPECIFICATION_INVALID";
  if (facts.consumer === ports.self) return "OWN_REQUEST";
  if (facts.price < policy.minimumPriceWei) return "PRICE_TOO_LOW";
  const held = [...view.jobs.values()].filter(
    (job) => job.analyst === ports.self && (job.state === "recruiting" || job.state === "training"),
  );
  if (held.length >= policy.maxJobs) return "TOO_MANY_JOBS";
  if (spec.contribution.method !== "participation" && !fits(spec, validation)) return "NO_VALIDATION_DATA";
  if (!roundFits(spec, terms.roundSeconds)) return "ROUND_TIME_TOO_SHORT";
  if (terms.minRounds > spec.training.rounds) return "TOO_MANY_ROUNDS_DEMANDED";
  if (terms.maxRounds > spec.training.rounds) return "MORE_ROUNDS_THAN_SPECIFIED";
  if (terms.disputeSeconds < policy.minimumDisputeSeconds) return "DISPUTE_PERIOD_TOO_SHORT";
  return undefined;
}

/** Whether a validation set is there and is of the study [ANALYST.7]. */
export function fits(spec: JobSpec, validation: AnalystContext["options"]["validation"]): boolean {
  if (validation === undefined || validation.count === 0) return false;
  const { task, shape } = validation;
  if (task.kind !== spec.task.kind) return false;
  if (
    task.kind === "classification" &&
    spec.task.kind === "classification" &&
    task.classes !== spec.task.classes
  ) {
    return false;
  }
  return shape.length === spec.shape.length && shape.every((size, index) => size === spec.shape[index]);
}

/** Keys come before the opening and the rest after it: either must fit between two transactions. */
function roundFits({ phaseMs }: JobSpec, roundSeconds: number): boolean {
  const { keys, shares, train, confirm, unmask } = phaseMs;
  return Math.max(keys, shares + train + confirm + unmask) < 1000 * roundSeconds;
}
