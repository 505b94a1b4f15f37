import { settleFull, settleRounds } from "./model-payment.ts";
import {
  demand,
  demandLicence,
  endTraining,
  holder,
  jobIn,
  lastMoment,
  licensed,
  type Operation,
  outsideAnalysts,
  refund,
  timely,
} from "./model-rules.ts";
import { credit, type ModelJob, type ModelState } from "./model-state.ts";

const bondOf = (job: ModelJob): bigint => (job.price / 20n > 0n ? job.price / 20n : 1n);

function settle(model: ModelState, id: bigint, job: ModelJob): void {
  if (job.delivered) settleFull(model, id, job);
  else settleRounds(model, id, job, "Partial");
}

function reopen(model: ModelState, job: ModelJob, bondTo: string): void {
  credit(model, bondTo, bondOf(job));
  job.state = job.delivered ? "Delivered" : "Stopped";
  job.deadline = model.now + job.terms.disputeSeconds;
}

function expire(model: ModelState, id: bigint): void {
  const job = jobIn(model, id, "Open", "Recruiting", "Training", "Delivered", "Disputed", "Stopped");
  if (job.state === "Training") {
    const able = job.owners.filter((owner, i) => !job.left.has(i) && licensed(model, 1, owner)).length;
    const over = model.now > lastMoment(job) || able < job.terms.minOwners;
    demand(over, "TooEarly", lastMoment(job));
    endTraining(model, job);
    return;
  }
  demand(model.now > job.deadline, "TooEarly", job.deadline);
  if (job.state === "Disputed") reopen(model, job, job.dispute?.by as string);
  else if (job.state === "Open" || job.state === "Recruiting") refund(model, job);
  else settle(model, id, job);
}

function raterRole(job: ModelJob, rater: string, subject: string): number {
  if (job.held.includes(rater) && job.owners.includes(subject)) return 2;
  if (rater === job.consumer && job.held.includes(subject)) return 3;
  return job.owners.includes(rater) && job.held.includes(subject) ? 1 : 0;
}

/** A job after training, its money, and what its parties say of each other. */
export const ending: Record<string, Operation> = {
  accept(model, from, _value, id: bigint) {
    const job = jobIn(model, id, "Delivered", "Stopped");
    demand(from === job.consumer, "NotConsumer");
    settle(model, id, job);
  },
  settle(model, _from, _value, id: bigint) {
    jobIn(model, id, "Delivered", "Stopped", "Disputed");
    expire(model, id);
  },
  expire(model, _from, _value, id: bigint) {
    expire(model, id);
  },
  dispute(model, from, value, id: bigint, round: number) {
    const job = timely(model, id, "Delivered", "Stopped");
    demand(from === job.consumer || job.owners.includes(from), "NotParty");
    demand(round <= job.closed.length && (round > 0 || job.delivered), "NoSuchRound", round);
    demand(!job.disputedBy.has(from) && !job.disputedRounds.has(round), "AlreadyDisputed");
    demand(value === bondOf(job), "WrongBond", bondOf(job));
    const arbiters = outsideAnalysts(model, job);
    demand(arbiters > 0, "NoArbiters");
    model.locked += value;
    job.disputedBy.add(from);
    job.disputedRounds.add(round);
    const accused = round === 0 ? holder(job) : (job.closed[round - 1]?.analyst as string);
    const counts = { upheld: 0, rejected: 0, voters: new Set<string>() };
    job.dispute = { by: from, round, accused, arbiters, lastSerial: model.serial, ...counts };
    job.state = "Disputed";
    job.deadline = model.now + job.terms.disputeSeconds;
  },
  vote(model, from, _value, id: bigint, upheld: boolean) {
    const job = timely(model, id, "Disputed");
    const dispute = job.dispute as NonNullable<ModelJob["dispute"]>;
    const serial = model.licences[2]?.get(from);
    const party = from === job.consumer || job.owners.includes(from) || job.held.includes(from);
    demand(serial !== undefined && serial <= dispute.lastSerial && !party, "NotArbiter");
    demand(!dispute.voters.has(from), "AlreadyVoted");
    dispute.voters.add(from);
    if (upheld) dispute.upheld += 1;
    else dispute.rejected += 1;
    if (dispute.upheld > dispute.arbiters / 2) {
      credit(model, dispute.by, bondOf(job));
      settleRounds(model, id, job, "Upheld", dispute.accused);
    } else if (dispute.rejected > dispute.arbiters / 2) {
      reopen(model, job, dispute.accused);
    }
  },
  withdraw(model, from) {
    demand((model.credits.get(from) ?? 0n) > 0n, "NothingToWithdraw");
    model.credits.delete(from);
  },

  rate(model, from, _value, id: bigint, subject: string, ...counts: readonly number[]) {
    const job = model.jobs[Number(id) - 1];
    const role =
      job && (job.state === "Settled" || job.state === "Refunded") ? raterRole(job, from, subject) : 0;
    demand(role > 0, "MayNotRate");
    demandLicence(model, role, from);
    demand(
      counts.some((count) => count > 0),
      "EmptyRating",
    );
    const key = `${id} ${from} ${subject}`;
    demand(!model.ratings.has(key), "AlreadyRated");
    model.ratings.add(key);
  },
};
