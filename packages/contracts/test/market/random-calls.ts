import type { Random } from "@sheaf/base";
import type { Call } from "./model.ts";
import { authority } from "./model-rules.ts";
import { type ModelJob, type ModelState, survivalsOf, type Terms } from "./model-state.ts";
import { everybody, people } from "./world.ts";

/** What happens next in a random walk: a call, or time that passes. */
export type Happening = { readonly call: Call } | { readonly jumpTo: bigint };

const ownersOfAll = [...people.owners, people.everything];
const analystsOfAll = [...people.analysts, people.everything];
const consumersOfAll = [...people.consumers, people.everything];
const hashOf = (n: number): string => `0x${n.toString(16).padStart(64, "0")}`;
const root = hashOf(0xbeef);

/** Mostly what the parties of some job would do; else the same with something wrong; sometimes time, or licences. */
export function nextHappening(model: ModelState, random: Random): Happening {
  const dice = random.float();
  const live = model.jobs.flatMap((job, i) =>
    job.state === "Settled" || job.state === "Refunded" ? [] : [BigInt(i + 1)],
  );
  if (dice < 0.05 && live.length > 0) return jump(model, random, random.pick(live));
  if (dice < 0.11) return { call: licence(model, random) };
  if (live.length === 0 || (dice < 0.15 && live.length < 4)) return { call: request(random) };
  const id = dice < 0.3 ? BigInt(1 + random.int(model.jobs.length)) : random.pick(live);
  const call = plausible(model, random, id);
  return { call: random.chance(0.25) ? spoil(call, random, model) : call };
}

/** To just before, at, or just after some moment that matters. */
function jump(model: ModelState, random: Random, id: bigint): Happening {
  const { deadline, terms } = model.jobs[Number(id) - 1] as ModelJob;
  const moment = random.chance(0.5) ? deadline : deadline + terms.resumeSeconds;
  const to = moment + BigInt(random.int(3) - 1);
  return { jumpTo: to > model.now ? to : model.now + 1n };
}

function licence(model: ModelState, random: Random): Call {
  const role = 1 + random.int(3);
  const holders = [...(model.licences[role]?.keys() ?? [])];
  const pool = [ownersOfAll, analystsOfAll, consumersOfAll][role - 1] as readonly string[];
  const from = random.chance(0.95) ? authority : random.pick(everybody);
  return random.chance(0.35) && holders.length > 1
    ? { from, name: "revoke", args: [random.pick(holders), role] }
    : { from, name: "issue", args: [random.pick(pool), role, root] };
}

function request(random: Random): Call {
  const seconds = (): bigint => BigInt(1 + random.int(random.chance(0.3) ? 50 : 5_000));
  const maxRounds = 1 + random.int(5);
  const minOwners = 3 + random.int(2);
  const terms: Terms = {
    offerSeconds: seconds(),
    recruitSeconds: seconds(),
    roundSeconds: seconds(),
    resumeSeconds: seconds(),
    disputeSeconds: seconds(),
    minRounds: 1 + random.int(maxRounds),
    maxRounds,
    minOwners,
    maxOwners: minOwners + random.int(4),
  };
  const value = random.pick([1n, 7n, 19n, 20n, 10n ** 18n + BigInt(random.uint32()), 2n ** 96n - 1n]);
  return { from: random.pick(consumersOfAll), name: "request", args: ["0x7b7d", terms], value };
}

function plausible(model: ModelState, random: Random, id: bigint): Call {
  const job = model.jobs[Number(id) - 1] as ModelJob;
  const late = model.now > job.deadline + (job.state === "Training" ? job.terms.resumeSeconds : 0n);
  if (random.chance(late ? 0.6 : 0.03)) {
    return { from: random.pick(everybody), name: random.chance(0.7) ? "expire" : "settle", args: [id] };
  }
  return whenIn(model, job, random, id);
}

function whenIn(model: ModelState, job: ModelJob, random: Random, id: bigint): Call {
  if (job.state === "Open") return whenOpen(job, random, id);
  if (job.state === "Recruiting") return whenRecruiting(job, random, id);
  if (job.state === "Training") return whenTraining(model, job, random, id);
  if (job.state === "Disputed") {
    // Arbiters mostly agree, or few votes would decide anything.
    const upheld = random.chance(id % 2n === 0n ? 0.85 : 0.15);
    return { from: random.pick(analystsOfAll), name: "vote", args: [id, upheld] };
  }
  if (job.state === "Delivered" || job.state === "Stopped") return whenEnded(job, random, id);
  return whenOver(job, random, id);
}

function whenOpen(job: ModelJob, random: Random, id: bigint): Call {
  if (random.chance(0.04)) return { from: job.consumer, name: "cancel", args: [id] };
  if (job.offers.size > 0 && random.chance(0.5)) {
    return { from: job.consumer, name: "award", args: [id, random.pick([...job.offers.keys()])] };
  }
  const fee = random.pick([0n, 1n, job.price / 3n, job.price - 1n, job.price]);
  return { from: random.pick(analystsOfAll), name: "offer", args: [id, fee] };
}

function whenRecruiting(job: ModelJob, random: Random, id: bigint): Call {
  const holder = job.held.at(-1) as string;
  const with_ = (state: string): string[] =>
    [...job.invitations].flatMap(([who, is]) => (is === state ? [who] : []));
  const joined = with_("joined");
  const waiting = with_("invited");
  if (random.chance(0.012)) return { from: holder, name: "abandon", args: [id] };
  const fresh = ownersOfAll.filter(
    (each) => !job.invitations.has(each) && each !== holder && each !== job.consumer,
  );
  if (joined.length >= job.terms.minOwners && random.chance(0.4)) {
    const owners = random.shuffle(joined).slice(0, job.terms.maxOwners);
    return { from: holder, name: "select", args: [id, owners] };
  }
  if (waiting.length > 0 && random.chance(0.8)) {
    return { from: random.pick(waiting), name: random.chance(0.9) ? "join" : "decline", args: [id] };
  }
  const owners = random.shuffle(fresh).slice(0, 1 + random.int(5));
  return { from: holder, name: "invite", args: [id, owners] };
}

function whenTraining(model: ModelState, job: ModelJob, random: Random, id: bigint): Call {
  const holder = job.held.at(-1) as string;
  if (random.chance(0.04)) return { from: random.pick(job.owners), name: "leaveJob", args: [id] };
  if (random.chance(model.now > job.deadline ? 0.5 : 0.02)) {
    return { from: random.pick(analystsOfAll), name: "takeOver", args: [id] };
  }
  if (random.chance(0.05)) return { from: holder, name: "abandon", args: [id] };
  const round = job.closed.length + 1;
  const done =
    round > job.terms.maxRounds || (job.closed.length >= job.terms.minRounds && random.chance(0.2));
  if (done) {
    const weights = survivalsOf(job).map((count) => (count > 0n ? BigInt(random.int(5)) ** 20n : 0n));
    return { from: holder, name: "deliver", args: [id, job.stateHash, weights] };
  }
  const { opened } = job;
  if (opened?.analyst === holder && random.chance(0.75)) {
    const survivors = subset([...opened.cohort], random);
    const hashes = Array.from({ length: size(survivors) }, (_, i) => hashOf(i));
    return {
      from: holder,
      name: "closeRound",
      args: [id, round, survivors, hashes, root, hashOf(1 + random.int(9))],
    };
  }
  const present = job.owners.flatMap((_, i) => (job.left.has(i) ? [] : [i]));
  return { from: holder, name: "openRound", args: [id, round, job.stateHash, root, subset(present, random)] };
}

function whenEnded(job: ModelJob, random: Random, id: bigint): Call {
  if (random.chance(0.15)) return { from: job.consumer, name: "accept", args: [id] };
  if (random.chance(0.15)) return { from: random.pick(everybody), name: "settle", args: [id] };
  const round = random.int(job.closed.length + 1);
  const value = job.price / 20n || 1n;
  return { from: random.pick([job.consumer, ...job.owners]), name: "dispute", args: [id, round], value };
}

function whenOver(job: ModelJob, random: Random, id: bigint): Call {
  const parties = [job.consumer, ...job.owners, ...job.held];
  if (random.chance(0.4)) return { from: random.pick(parties), name: "withdraw", args: [] };
  const counts = [random.int(3), random.int(3), random.int(3)];
  return { from: random.pick(parties), name: "rate", args: [id, random.pick(parties), ...counts] };
}

/** The same call with one thing changed: who, which job, how much, or an argument. */
function spoil(call: Call, random: Random, model: ModelState): Call {
  const kind = random.int(4);
  if (kind === 0) return { ...call, from: random.pick(everybody) };
  if (kind === 1 && call.value !== undefined) return { ...call, value: call.value - 1n };
  const index = random.int(Math.max(1, call.args.length));
  const args = call.args.map((each, i) => (i === index ? spoilValue(each, i, random, model) : each));
  return { ...call, args };
}

function spoilValue(value: unknown, index: number, random: Random, model: ModelState): unknown {
  if (Array.isArray(value)) {
    if (value.length === 0) return value;
    return random.pick([value.slice(1), [...value.slice(0, -1), value[0]], [...value, value[0]]]);
  }
  if (typeof value === "bigint" && index === 0) return BigInt(random.int(model.jobs.length + 2));
  if (typeof value === "bigint") return random.pick([value + 1n, value ^ (1n << BigInt(random.int(9))), 0n]);
  if (typeof value === "number") return Math.max(0, value + random.int(3) - 1);
  if (typeof value === "string" && value.length === 42) return random.pick(everybody);
  if (typeof value === "string" && value.length === 66) return hashOf(random.int(20));
  return value;
}

/** Mostly three or more of the members, as a bitmap. */
function subset(members: readonly number[], random: Random): bigint {
  const wanted = random.chance(0.9) ? Math.min(members.length, 3 + random.int(4)) : random.int(3);
  return random
    .shuffle(members)
    .slice(0, wanted)
    .reduce((bits, i) => bits | (1n << BigInt(i)), 0n);
}

const size = (bits: bigint): number => bits.toString(2).replaceAll("0", "").length;
