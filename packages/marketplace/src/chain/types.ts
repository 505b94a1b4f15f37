import type { Hex, Millis } from "@sheaf/base";
import type { Address } from "@sheaf/protocol";

export type { Address } from "@sheaf/protocol";

/** What a licence allows: to be a data owner (1 on chain), an analyst (2) or a consumer (3). */
export type LicenceRole = "owner" | "analyst" | "consumer";

/** Where a job stands; the index is the number on chain. See [MARKET.1]. */
export const jobStates = [
  "none",
  "open",
  "recruiting",
  "training",
  "delivered",
  "disputed",
  "settled",
  "refunded",
  "stopped",
] as const;
export type JobState = (typeof jobStates)[number];

/** How a settled job was paid; the index is the number on chain, `none` until it is settled. */
export const outcomes = ["none", "full", "partial", "upheld"] as const;
export type Outcome = (typeof outcomes)[number];

/** What a credit is for: data, work, what the consumer gets back, or the bond of a dispute. From 1 on chain. */
export const creditKinds = ["owner", "analyst", "refund", "bond"] as const;
export type CreditKind = (typeof creditKinds)[number];

/** Who sold to whom. From 1 on chain. */
export const tradeKinds = ["owner-analyst", "analyst-consumer"] as const;
export type TradeKind = (typeof tradeKinds)[number];

/** The conditions of a job. Each time is from 1 second to 366 days. */
export interface Terms {
  /** From the request: until when analysts offer and the consumer awards. */
  readonly offerSeconds: number;
  /** From the award: until when owners are invited, join and are selected. */
  readonly recruitSeconds: number;
  /** From the selection, and from each opening and closing of a round: until the next one, or the delivery. */
  readonly roundSeconds: number;
  /** After that: how long another analyst may take over. */
  readonly resumeSeconds: number;
  /** From the delivery (or the stop): until when a dispute may begin; and from a dispute: until when arbiters vote. */
  readonly disputeSeconds: number;
  /** Rounds that must be closed before the delivery; from 1 to `maxRounds`. */
  readonly minRounds: number;
  /** At most 65,535. */
  readonly maxRounds: number;
  /** At least 3. */
  readonly minOwners: number;
  /** At most 256. */
  readonly maxOwners: number;
}

/** A transaction of an agent: `rate` goes to the reputation contract, all others to the market. */
export type MarketCall =
  /** `spec` is the job specification as JSON, at most 24 KiB; the price is paid in now. */
  | { readonly method: "request"; readonly spec: string; readonly terms: Terms; readonly price: bigint }
  /** A second offer for a job must be lower than the first. */
  | { readonly method: "offer"; readonly job: bigint; readonly fee: bigint }
  | { readonly method: "award"; readonly job: bigint; readonly analyst: Address }
  | { readonly method: "cancel"; readonly job: bigint }
  | { readonly method: "invite"; readonly job: bigint; readonly owners: readonly Address[] }
  | { readonly method: "join"; readonly job: bigint }
  | { readonly method: "decline"; readonly job: bigint }
  /** The order of `owners` gives them their index: bit i of every bitmap. */
  | { readonly method: "select"; readonly job: bigint; readonly owners: readonly Address[] }
  | {
      readonly method: "openRound";
      readonly job: bigint;
      /** Rounds closed, plus one. */
      readonly round: number;
      /** The `nextStateHash` of the round before; free in round 1. */
      readonly stateHash: Hex;
      readonly keysRoot: Hex;
      /** At least 3 owners, all licensed, none that left. */
      readonly cohortBitmap: bigint;
    }
  | {
      readonly method: "closeRound";
      readonly job: bigint;
      readonly round: number;
      /** At least 3 owners, all of the cohort. */
      readonly survivorBitmap: bigint;
      /** One a survivor, in the order of the bitmap. */
      readonly updateHashes: readonly Hex[];
      readonly aggregateHash: Hex;
      readonly nextStateHash: Hex;
    }
  | { readonly method: "takeOver"; readonly job: bigint }
  /** By the analyst that holds it, before its deadline [MARKET.23]. */
  | { readonly method: "abandon"; readonly job: bigint }
  | { readonly method: "leave"; readonly job: bigint }
  | {
      readonly method: "deliver";
      readonly job: bigint;
      readonly stateHash: Hex;
      /** One a selected owner, each below 2^64; zero for an owner that survived no round. */
      readonly weights: readonly bigint[];
    }
  | { readonly method: "accept"; readonly job: bigint }
  /** `round` 0 disputes the delivery itself (its weights). `bond` is `bondOf(price)`, exactly. */
  | { readonly method: "dispute"; readonly job: bigint; readonly round: number; readonly bond: bigint }
  | { readonly method: "vote"; readonly job: bigint; readonly upheld: boolean }
  | { readonly method: "settle"; readonly job: bigint }
  | { readonly method: "expire"; readonly job: bigint }
  | { readonly method: "withdraw" }
  | {
      readonly method: "rate";
      readonly job: bigint;
      readonly subject: Address;
      readonly positive: number;
      readonly negative: number;
      readonly uncertain: number;
    };

/** Where an event stands on the chain. */
export interface EventPlace {
  readonly blockNumber: number;
  readonly blockHash: Hex;
  readonly transactionHash: Hex;
  /** Within the block. */
  readonly logIndex: number;
}

/** What an event says, by its name. */
type EventBody =
  | {
      readonly event: "requested";
      readonly consumer: Address;
      readonly price: bigint;
      readonly spec: string;
      readonly terms: Terms;
    }
  | { readonly event: "offered"; readonly analyst: Address; readonly fee: bigint }
  | { readonly event: "awarded"; readonly analyst: Address; readonly fee: bigint }
  | { readonly event: "cancelled" }
  | { readonly event: "invited"; readonly owners: readonly Address[] }
  | { readonly event: "joined"; readonly owner: Address }
  | { readonly event: "declined"; readonly owner: Address }
  | { readonly event: "selected"; readonly owners: readonly Address[] }
  | {
      readonly event: "roundOpened";
      readonly round: number;
      /** From 1, rising through reopenings and take-overs of the round. */
      readonly attempt: number;
      readonly stateHash: Hex;
      readonly keysRoot: Hex;
      readonly cohortBitmap: bigint;
    }
  | {
      readonly event: "roundClosed";
      readonly round: number;
      readonly survivorBitmap: bigint;
      readonly updateHashes: readonly Hex[];
      readonly aggregateHash: Hex;
      readonly nextStateHash: Hex;
    }
  | { readonly event: "tookOver"; readonly analyst: Address; readonly previous: Address }
  /** Its deadline is now: another analyst may take it over. */
  | { readonly event: "abandoned"; readonly analyst: Address }
  | { readonly event: "left"; readonly owner: Address }
  /** Training ended without a delivery; closed rounds may be disputed before they are paid. */
  | { readonly event: "stopped"; readonly closedRounds: number }
  | { readonly event: "delivered"; readonly stateHash: Hex; readonly weights: readonly bigint[] }
  | {
      readonly event: "disputed";
      readonly by: Address;
      readonly round: number;
      readonly accused: Address;
      /** Analysts that may vote; more than half of them decide. */
      readonly arbiters: number;
    }
  | { readonly event: "voted"; readonly arbiter: Address; readonly upheld: boolean }
  /** The arbiters found the round right: the job is delivered (or stopped) again, with a new dispute period. */
  | { readonly event: "disputeRejected"; readonly by: Address; readonly round: number }
  /** As after a rejection, but nobody decided: the bond goes back. */
  | { readonly event: "disputeLapsed"; readonly by: Address; readonly round: number }
  | { readonly event: "settled"; readonly outcome: Outcome }
  | { readonly event: "refunded" }
  | {
      readonly event: "credited";
      readonly account: Address;
      readonly amount: bigint;
      readonly kind: CreditKind;
    }
  | ({ readonly event: "traded" } & Omit<TradeRow, "job" | "blockNumber">)
  | ({ readonly event: "rated" } & Omit<RatingRowOnChain, "job" | "blockNumber">)
  // Of no job: their `job` is 0n, which no job has.
  | { readonly event: "issued"; readonly subject: Address; readonly role: LicenceRole; readonly note: Hex }
  | { readonly event: "revoked"; readonly subject: Address; readonly role: LicenceRole }
  | { readonly event: "withdrawn"; readonly account: Address; readonly amount: bigint };

/** An event of the market, of the licences or of the reputation contract. Jobs count from 1n. */
export type ChainEvent = { readonly job: bigint } & EventPlace & EventBody;

/** A block with its events, in the order of the chain. */
export interface ChainBlock {
  readonly number: number;
  readonly hash: Hex;
  /** Since 1970, by the block. The contracts see whole seconds. */
  readonly timestampMs: Millis;
  readonly events: readonly ChainEvent[];
}

/** A job as the market keeps it. */
export interface JobView {
  readonly job: bigint;
  readonly state: JobState;
  readonly outcome: Outcome;
  readonly consumer: Address;
  /** The one that holds the job now; undefined before the award. */
  readonly analyst: Address | undefined;
  readonly price: bigint;
  readonly fee: bigint;
  readonly specHash: Hex;
  /** Of the last closed round, zero before it. */
  readonly stateHash: Hex;
  readonly terms: Terms;
  /** Seconds since 1970; after it the state can be left by anybody. In training, `resumeSeconds` more. */
  readonly deadlineSeconds: number;
  readonly closedRounds: number;
  /** Attempt of the round that comes after the closed ones; zero when it was not opened. */
  readonly attempt: number;
  readonly ownerCount: number;
  /** Owners that left. */
  readonly leftBitmap: bigint;
  /** The last dispute. */
  readonly dispute: DisputeView | undefined;
}

/** A dispute as the market keeps it. */
export interface DisputeView {
  readonly by: Address;
  readonly round: number;
  readonly accused: Address;
  readonly arbiters: number;
  readonly upheld: number;
  readonly rejected: number;
}

/** A round as the market keeps it: the opening that counts, and the closing if there is one. */
export interface RoundView {
  readonly round: number;
  readonly analyst: Address;
  readonly attempt: number;
  readonly openedBlock: number;
  readonly stateHash: Hex;
  readonly keysRoot: Hex;
  readonly cohortBitmap: bigint;
  readonly closed: boolean;
  readonly survivorBitmap: bigint;
  readonly aggregateHash: Hex;
  readonly nextStateHash: Hex;
}

/** A payment of a settlement; the rows of a job sum to what its consumer paid. */
export interface TradeRow {
  readonly id: bigint;
  readonly job: bigint;
  readonly kind: TradeKind;
  readonly seller: Address;
  readonly buyer: Address;
  readonly amount: bigint;
  /** The model state that was sold. */
  readonly subject: Hex;
  readonly blockNumber: number;
}

/** What one party of a finished job says of another. */
export interface RatingRowOnChain {
  readonly index: bigint;
  readonly job: bigint;
  readonly rater: Address;
  readonly subject: Address;
  readonly positive: number;
  readonly negative: number;
  readonly uncertain: number;
  readonly blockNumber: number;
}
