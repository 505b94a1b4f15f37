import {
  demand,
  demandLicence,
  endTraining,
  going,
  holder,
  jobIn,
  lastMoment,
  licensed,
  type Operation,
  outsideAnalysts,
  refund,
  refuse,
  timely,
} from "./model-rules.ts";
import { bitsOf, isSubset, survivalsOf } from "./model-state.ts";

/** A job in training. */
export const training: Record<string, Operation> = {
  openRound(
    model,
    from,
    _value,
    id: bigint,
    round: number,
    stateHash: string,
    _root: string,
    bitmap: bigint,
  ) {
    const job = going(model, id, from);
    const next = job.closed.length + 1;
    demand(round === next && round <= job.terms.maxRounds, "WrongRound", next);
    demand(next === 1 || stateHash === job.stateHash, "WrongStateHash", job.stateHash);
    demand(job.openings > 0, "TooManyOpenings");
    const cohort = bitsOf(bitmap);
    const present = [...cohort].every((i) => i < job.owners.length && !job.left.has(i));
    demand(present, "BadCohort");
    demand(cohort.size >= 3, "TooFewMembers");
    demand(
      [...cohort].every((i) => licensed(model, 1, job.owners[i] as string)),
      "BadCohort",
    );
    job.opened = { analyst: from, cohort, survivors: new Set() };
    job.attempt += 1;
    job.openings -= 1;
    job.deadline = model.now + job.terms.roundSeconds;
  },
  closeRound(
    model,
    from,
    _value,
    id: bigint,
    round: number,
    bitmap: bigint,
    hashes: readonly string[],
    _aggregate: string,
    next: string,
  ) {
    const job = going(model, id, from);
    demand(round === job.closed.length + 1, "WrongRound", job.closed.length + 1);
    const { opened } = job;
    if (opened?.analyst !== from) refuse("NotOpened");
    const survivors = bitsOf(bitmap);
    demand(isSubset(survivors, opened.cohort), "BadSurvivors");
    demand(survivors.size >= 3, "TooFewMembers");
    demand(hashes.length === survivors.size, "WrongHashCount", survivors.size);
    job.closed.push({ ...opened, survivors });
    job.opened = undefined;
    job.attempt = 0;
    job.openings = 16;
    job.stateHash = next;
    job.deadline = model.now + job.terms.roundSeconds;
  },
  takeOver(model, from, _value, id: bigint) {
    const job = jobIn(model, id, "Training");
    demand(model.now <= lastMoment(job), "TooLate", lastMoment(job));
    demand(model.now > job.deadline || !licensed(model, 2, holder(job)), "TooEarly", job.deadline);
    demandLicence(model, 2, from);
    demand(!job.held.includes(from), "AlreadyHeld");
    demand(from !== job.consumer && !job.owners.includes(from), "PartyConflict", from);
    demand(job.held.length < 32, "TooManyAnalysts");
    job.held.push(from);
    job.openings = 16;
    job.deadline = model.now + job.terms.roundSeconds;
  },
  abandon(model, from, _value, id: bigint) {
    const job = timely(model, id, "Recruiting", "Training");
    demand(holder(job) === from, "NotAnalyst");
    demandLicence(model, 2, from);
    if (job.state === "Recruiting") refund(model, job);
    else if (outsideAnalysts(model, job) === 0) endTraining(model, job);
    else job.deadline = model.now;
  },
  leaveJob(model, from, _value, id: bigint) {
    const job = jobIn(model, id, "Training");
    const index = job.owners.indexOf(from);
    demand(index >= 0, "NotOwner");
    demand(!job.left.has(index), "AlreadyLeft");
    job.left.add(index);
  },
  deliver(model, from, _value, id: bigint, stateHash: string, weights: readonly bigint[]) {
    const job = going(model, id, from);
    demand(job.closed.length >= job.terms.minRounds, "TooFewRounds", job.terms.minRounds);
    demand(stateHash === job.stateHash, "WrongStateHash", job.stateHash);
    demand(weights.length === job.owners.length, "WrongWeightCount", job.owners.length);
    const worked = survivalsOf(job);
    weights.forEach((weight, i) => {
      demand(weight < 2n ** 64n, "WeightTooLarge", i);
      demand(weight === 0n || (worked[i] as bigint) > 0n, "WeightWithoutWork", i);
    });
    job.weights = weights;
    job.delivered = true;
    job.state = "Delivered";
    job.deadline = model.now + job.terms.disputeSeconds;
  },
};
