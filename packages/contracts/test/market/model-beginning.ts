import {
  authority,
  demand,
  demandLicence,
  jobIn,
  licensed,
  type Operation,
  recruitingAs,
  refund,
  refuse,
  timely,
} from "./model-rules.ts";
import { type ModelState, type Terms, zeroHash } from "./model-state.ts";

function answer(model: ModelState, id: bigint, from: string, given: "joined" | "declined"): void {
  const job = timely(model, id, "Recruiting");
  demand(job.invitations.get(from) === "invited", "NotInvited");
  job.invitations.set(from, given);
}

/** Licences, and a job from the request to the selection of owners. */
export const beginning: Record<string, Operation> = {
  issue(model, from, _value, subject: string, role: number) {
    demand(from === authority, "NotAuthority");
    demand(role >= 1 && role <= 3, "NoSuchRole", role);
    demand(!licensed(model, role, subject), "AlreadyLicensed", subject, role);
    model.serial += 1;
    model.licences[role]?.set(subject, model.serial);
  },
  revoke(model, from, _value, subject: string, role: number) {
    demand(from === authority, "NotAuthority");
    demandLicence(model, role, subject);
    model.licences[role]?.delete(subject);
  },

  request(model, from, value, spec: string, terms: Terms) {
    demandLicence(model, 3, from);
    demand(value > 0n && value < 2n ** 96n, "BadPrice");
    const bytes = (spec.length - 2) / 2;
    demand(bytes > 0 && bytes <= 24 * 1024, "BadSpec");
    const { minRounds, maxRounds, minOwners, maxOwners, ...seconds } = terms;
    demand(
      Object.values(seconds).every((each) => each > 0n && each <= 366n * 86_400n),
      "BadTerms",
    );
    demand(minRounds > 0 && minRounds <= maxRounds && maxRounds <= 65_535, "BadTerms");
    demand(minOwners >= 3 && minOwners <= maxOwners && maxOwners <= 256, "BadTerms");
    model.locked += value;
    model.jobs.push({
      consumer: from,
      price: value,
      terms,
      state: "Open",
      outcome: "None",
      delivered: false,
      deadline: model.now + terms.offerSeconds,
      fee: 0n,
      stateHash: zeroHash,
      offers: new Map(),
      invitations: new Map(),
      owners: [],
      left: new Set(),
      held: [],
      closed: [],
      opened: undefined,
      attempt: 0,
      openings: 0,
      weights: [],
      dispute: undefined,
      disputedBy: new Set(),
      disputedRounds: new Set(),
    });
  },
  offer(model, from, _value, id: bigint, fee: bigint) {
    const job = timely(model, id, "Open");
    demandLicence(model, 2, from);
    demand(from !== job.consumer, "PartyConflict", from);
    demand(fee <= job.price && fee < (job.offers.get(from) ?? job.price + 1n), "FeeTooHigh");
    job.offers.set(from, fee);
  },
  award(model, from, _value, id: bigint, analyst: string) {
    const job = timely(model, id, "Open");
    demand(from === job.consumer, "NotConsumer");
    const fee = job.offers.get(analyst);
    if (fee === undefined) refuse("NoOffer", analyst);
    demandLicence(model, 2, analyst);
    job.held.push(analyst);
    job.fee = fee;
    job.state = "Recruiting";
    job.deadline = model.now + job.terms.recruitSeconds;
  },
  cancel(model, from, _value, id: bigint) {
    const job = jobIn(model, id, "Open");
    demand(from === job.consumer, "NotConsumer");
    refund(model, job);
  },

  invite(model, from, _value, id: bigint, owners: readonly string[]) {
    const job = recruitingAs(model, id, from);
    for (const owner of owners) {
      demandLicence(model, 1, owner);
      demand(owner !== job.consumer && !job.held.includes(owner), "PartyConflict", owner);
      demand(!job.invitations.has(owner), "AlreadyInvited", owner);
      job.invitations.set(owner, "invited");
    }
  },
  join(model, from, _value, id: bigint) {
    answer(model, id, from, "joined");
    demandLicence(model, 1, from);
  },
  decline(model, from, _value, id: bigint) {
    answer(model, id, from, "declined");
  },
  select(model, from, _value, id: bigint, owners: readonly string[]) {
    const job = recruitingAs(model, id, from);
    const { minOwners, maxOwners } = job.terms;
    demand(owners.length >= minOwners && owners.length <= maxOwners, "WrongOwnerCount", owners.length);
    owners.forEach((owner, i) => {
      demand(job.invitations.get(owner) === "joined", "NotJoined", owner);
      demand(owners.indexOf(owner) === i, "AlreadySelected", owner);
      demandLicence(model, 1, owner);
    });
    job.owners = owners;
    job.openings = 16;
    job.state = "Training";
    job.deadline = model.now + job.terms.roundSeconds;
  },
};
