import { workerReputationBps } from "../../src/index.ts";
import {
  active,
  demand,
  demandAuthority,
  epochNow,
  keyOf,
  type ModelState,
  type ModelStatement,
  membersOf,
  observe,
  recordingOf,
  refuse,
  registered,
} from "./model-state.ts";
import type { Words } from "./world.ts";

/** A consent, before it is signed. */
export interface Consent {
  readonly by: string;
  readonly members: readonly string[];
  readonly epoch: bigint;
  readonly nonce: bigint;
}

/** A contribution, before it is signed. */
export interface Item {
  readonly worker: string;
  readonly words: Words;
  readonly by: string;
}

/** A worker as the authority registers it. */
export interface Registration {
  readonly account: string;
  readonly good: bigint;
  readonly bad: bigint;
}

export function registerMiners(
  model: ModelState,
  from: string,
  _: bigint,
  addresses: readonly string[],
): void {
  demandAuthority(from);
  for (const address of addresses) registerMiner(model, address);
}

function registerMiner(model: ModelState, address: string): void {
  demand(model.listed.length < 100, "TooManyMiners");
  const known = model.miners.get(address);
  demand(!known?.registered, "AlreadyRegistered", address);
  model.lastCoalition += 1n;
  model.miners.set(address, {
    address,
    coalition: model.lastCoalition,
    registered: true,
    nonce: known?.nonce ?? 0n,
    suspendedUntil: known?.suspendedUntil ?? 0n,
  });
  model.listed.push(address);
}

export function revokeMiner(model: ModelState, from: string, _: bigint, address: string): void {
  demandAuthority(from);
  const miner = registered(model, address);
  miner.registered = false;
  miner.nonce += 1n;
  const last = model.listed.pop() as string;
  model.listed = model.listed.map((each) => (each === address ? last : each));
}

export function form(
  model: ModelState,
  from: string,
  _: bigint,
  members: readonly string[],
  consents: readonly Consent[],
): void {
  const epoch = epochNow(model);
  demand(members.length >= 2 && members.length === consents.length, "WrongMemberCount");
  const coalition = model.lastCoalition + 1n;
  members.forEach((member, i) => {
    const miner = active(model, member, epoch + 1n);
    demand(miner.coalition !== coalition, "DuplicateMember", member);
    const given = consents[i] as Consent;
    const whole = given.by === member && given.members.join() === members.join();
    demand(whole && given.epoch === epoch && given.nonce === miner.nonce, "NoConsent", member);
    miner.coalition = coalition;
    miner.nonce += 1n;
  });
  demand(members.includes(from), "NotMember");
  model.lastCoalition = coalition;
}

export function leaveCoalition(model: ModelState, from: string): void {
  const miner = registered(model, from);
  demand(membersOf(model, miner.coalition).length > 1, "NotInCoalition");
  expel(model, from);
}

/** Alone from the next epoch on, if it is not. */
export function expel(model: ModelState, address: string): void {
  const miner = model.miners.get(address);
  if (!miner?.registered || membersOf(model, miner.coalition).length < 2) return;
  model.lastCoalition += 1n;
  miner.coalition = model.lastCoalition;
  miner.nonce += 1n;
}

export function registerWorkers(
  model: ModelState,
  from: string,
  _: bigint,
  items: readonly Registration[],
): void {
  demandAuthority(from);
  for (const item of items) registerWorker(model, item);
}

function registerWorker(model: ModelState, { account: address, good, bad }: Registration): void {
  demand(good <= 100n && bad <= 100n, "TooMuchEvidence");
  const known = model.workers.get(address);
  demand(known === undefined || known.endsAt !== undefined, "WorkerAlreadyRegistered", address);
  const [before, against] = [known?.good ?? 0n, known?.bad ?? 0n];
  model.workers.set(address, { good: before + good, bad: against + bad, endsAt: undefined });
}

export function revokeWorker(model: ModelState, from: string, _: bigint, address: string): void {
  demandAuthority(from);
  const worker = model.workers.get(address);
  if (worker === undefined || worker.endsAt !== undefined) refuse("NotWorker", address);
  worker.endsAt = epochNow(model) + 1n;
}

export function contribute(model: ModelState, from: string, _: bigint, items: readonly Item[]): void {
  const epoch = epochNow(model);
  active(model, from, epoch + 1n);
  const recording = recordingOf(model, epoch, from);
  demand(recording.workers.length + items.length <= 32, "TooManyWorkers");
  for (const item of items) {
    const { samples, root } = item.words;
    const worker = model.workers.get(item.worker);
    if (worker === undefined || (worker.endsAt ?? epoch + 1n) <= epoch) refuse("NotWorker", item.worker);
    demand(samples >= 1n && samples <= 2n ** 32n, "WrongSampleCount", samples);
    demandSigned(item, epoch);
    const statement = model.statements.get(keyOf(epoch, item.worker));
    if (statement === undefined) {
      const reputationBps = workerReputationBps(worker.good, worker.bad);
      const fresh = { samples, root, reputationBps, proved: false, failed: false, equivocated: false };
      model.statements.set(keyOf(epoch, item.worker), fresh);
    } else {
      demand(isSame(statement, item), "Equivocation", item.worker);
      demand(!recording.workers.includes(item.worker), "AlreadyRecorded", item.worker);
    }
    recording.workers.push(item.worker);
  }
}

export function reportEquivocation(
  model: ModelState,
  from: string,
  _: bigint,
  epoch: bigint,
  other: Item,
): void {
  registered(model, from);
  const statement = model.statements.get(keyOf(epoch, other.worker));
  if (statement === undefined) refuse("NotRecorded");
  demand(!isSame(statement, other), "SameStatement");
  demand(!statement.equivocated, "AlreadyReported");
  demandSigned(other, epoch);
  statement.equivocated = true;
  observe(model, other.worker, false);
}

function isSame({ samples, root }: ModelStatement, { words }: Item): boolean {
  return samples === words.samples && root === words.root;
}

function demandSigned({ worker, words, by }: Item, epoch: bigint): void {
  demand(by === worker && words.epoch === epoch, "NoSignature", worker);
}
