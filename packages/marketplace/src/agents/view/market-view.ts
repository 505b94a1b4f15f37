import type { Hex, Millis } from "@sheaf/base";
import type { Address } from "@sheaf/protocol";
import type { JobState, LicenceRole, Outcome, RatingRowOnChain, Terms } from "../../chain/types.ts";
import type { JobSpec } from "../../job-spec.ts";
import type { BlockRef } from "../ports.ts";

/** What an agent knows of the market: a fold over its events, and nothing else [AGENT.1]. */
export interface MarketView {
  readonly block: BlockRef | undefined;
  readonly licences: Readonly<Record<LicenceRole, ReadonlySet<Address>>>;
  readonly jobs: ReadonlyMap<bigint, JobFacts>;
  readonly ratings: readonly RatingRowOnChain[];
  /** What each account may withdraw. */
  readonly credits: ReadonlyMap<Address, bigint>;
}

export interface JobFacts {
  readonly job: bigint;
  readonly consumer: Address;
  readonly price: bigint;
  /** `undefined` when the text on chain is no valid specification. */
  readonly spec: JobSpec | undefined;
  readonly terms: Terms;
  readonly state: JobState;
  readonly outcome: Outcome;
  /** Past it the state can be left by anybody (in training: taken over; expired only `resumeSeconds` later). */
  readonly deadlineMs: Millis;
  readonly offers: ReadonlyMap<Address, bigint>;
  readonly fee: bigint;
  /** The one that holds the job now. */
  readonly analyst: Address | undefined;
  /** Everyone that ever held it, in order. */
  readonly analysts: readonly Address[];
  readonly invited: readonly Address[];
  readonly joined: readonly Address[];
  readonly declined: readonly Address[];
  /** Selected; the place is the owner's bit in every bitmap. */
  readonly owners: readonly Address[];
  readonly left: ReadonlySet<Address>;
  /** The opening that counts of the round that is not closed. */
  readonly opening: Opening | undefined;
  readonly rounds: readonly ClosedRound[];
  readonly delivered: { readonly stateHash: Hex; readonly weights: readonly bigint[] } | undefined;
  readonly dispute: { readonly by: Address; readonly round: number; readonly accused: Address } | undefined;
  /** Rounds disputed so far, and by whom: each only once. */
  readonly disputed: readonly PastDispute[];
  /** Who has rated whom, as `rater subject`. */
  readonly rated: ReadonlySet<string>;
}

/** What came of a dispute so far; an upheld one stays "open", as the job ends with it. */
export type DisputeResult = "open" | "rejected" | "undecided";

export interface PastDispute {
  readonly by: Address;
  readonly round: number;
  readonly accused: Address;
  readonly result: DisputeResult;
}

export interface Opening {
  readonly round: number;
  readonly attempt: number;
  readonly analyst: Address;
  readonly stateHash: Hex;
  readonly keysRoot: Hex;
  readonly cohortBitmap: bigint;
  readonly block: BlockRef;
}

export interface ClosedRound {
  readonly round: number;
  readonly analyst: Address;
  readonly opening: Opening;
  readonly survivorBitmap: bigint;
  readonly updateHashes: readonly Hex[];
  readonly aggregateHash: Hex;
  readonly nextStateHash: Hex;
}

export const emptyView: MarketView = {
  block: undefined,
  licences: { owner: new Set(), analyst: new Set(), consumer: new Set() },
  jobs: new Map(),
  ratings: [],
  credits: new Map(),
};

/** The state hash that the next round starts from: the last closed round's; `undefined` before round 1 closes. */
export function committedState(job: JobFacts): Hex | undefined {
  return job.rounds.at(-1)?.nextStateHash;
}

/** The number of the round that is open or comes next. */
export function nextRound(job: JobFacts): number {
  return job.rounds.length + 1;
}

/** Rounds after which training ends at the latest: what the specification wants and the terms allow. */
export function roundLimit(job: JobFacts): number {
  return Math.min(job.spec?.training.rounds ?? 0, job.terms.maxRounds);
}

/** Selected owners that are still there: licensed and not left. */
export function activeOwners(view: MarketView, job: JobFacts): Address[] {
  return job.owners.filter((owner) => !job.left.has(owner) && view.licences.owner.has(owner));
}

/** Whether the job is over: paid, or paid back. */
export function isOver(job: JobFacts): boolean {
  return job.state === "settled" || job.state === "refunded";
}

/** Whether the committed state is the consumer's: delivered, or what there was when training stopped. */
export function isHandedOver({ state }: JobFacts): boolean {
  return state === "delivered" || state === "stopped" || state === "disputed";
}

/** Rounds that an owner survived. */
export function roundsSurvived(job: JobFacts, owner: Address): number {
  const bit = 1n << BigInt(Math.max(0, job.owners.indexOf(owner)));
  return job.owners.includes(owner)
    ? job.rounds.filter((round) => (round.survivorBitmap & bit) !== 0n).length
    : 0;
}
