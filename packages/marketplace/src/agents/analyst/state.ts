import type { Hex, Millis } from "@sheaf/base";
import type { KeyAdvert, SecaggRound, SecaggServer } from "@sheaf/federated";
import type { Address } from "@sheaf/protocol";
import type { ArbiterState } from "../arbiter/state.ts";
import type { EarlyMessages } from "../early.ts";
import { type EffectLedger, emptyLedger } from "../effects.ts";
import type { PhaseName } from "../events.ts";
import type { MessageBody, VoidStatement } from "../messages/bodies.ts";
import type { ComputeResult } from "../ports.ts";
import type { RoundOutcome } from "../round/aggregate-parts.ts";
import type { AttemptId } from "../round/attempt.ts";
import type { OpenedPart } from "../round/decode-sum.ts";
import type { Model } from "../round/model.ts";
import type { VectorPlan } from "../round/vector-plan.ts";
import type { JobFacts, MarketView } from "../view/market-view.ts";
import type { AnalystInside } from "./options.ts";
import type { SavedClosing } from "./resume-closing.ts";
import type { AnalystRecord } from "./saved.ts";
import type { SavedUnmasking } from "./saved-unmasking.ts";

export interface AnalystState {
  readonly view: MarketView;
  readonly live: boolean;
  readonly jobs: ReadonlyMap<bigint, AnalystJob>;
  readonly early: EarlyMessages;
  readonly arbiter: ArbiterState;
}

/** A job that this analyst looks at, holds or once held. */
export interface AnalystJob extends EffectLedger {
  readonly initial: Model | undefined;
  readonly unfit: string | undefined;
  /** Whether to offer; it is made once. */
  readonly decision: "offer" | "pass" | undefined;
  /** Owners have had their time to answer. */
  readonly recruited: boolean;
  /** The committed state. */
  readonly model: Model | undefined;
  /** States saved by an earlier process. */
  readonly restored: readonly Model[];
  /** A round that an earlier process aggregated and may not have closed. */
  readonly resumable: SavedClosing | undefined;
  /** A masked round of an earlier process whose owners were asked for the secrets. */
  readonly unmasking: SavedUnmasking | undefined;
  /** Owners known to hold the committed state. */
  readonly holders: ReadonlySet<Address>;
  /** How often owners were asked for the committed state. */
  readonly asks: number;
  readonly round: RoundState | undefined;
  /** When the next attempt may begin. */
  readonly restsUntilMs: Millis;
  /** Rounds whose values are still being computed, with the owners in each part. */
  readonly valuing: ReadonlyMap<number, readonly (readonly number[])[]>;
  /** Arbiters that wait for a transcript, by round. */
  readonly askers: ReadonlyMap<number, ReadonlySet<Address>>;
  readonly delivered: boolean;
  readonly record: AnalystRecord;
}

export type Validation = Extract<ComputeResult, { kind: "evaluated" }>;

/** One attempt at a round, as the analyst leads it. */
export interface RoundState {
  readonly id: AttemptId;
  readonly context: string;
  readonly phase: PhaseName;
  /** The phase's time is over. */
  readonly over: boolean;
  readonly phaseSinceMs: Millis;
  /** Who was asked. */
  readonly cohort: readonly Address[];
  readonly stateHash: Hex;
  readonly openedBefore: number;
  readonly plan: VectorPlan;
  readonly announced: SecaggRound | undefined;
  /** Who is there, with its keys; without masks the keys are `undefined`. */
  readonly present: ReadonlyMap<Address, KeyAdvert | undefined>;
  readonly refused: ReadonlySet<Address>;
  /** Who has named an owner as the cause of its refusal. */
  readonly accusers: ReadonlyMap<Address, readonly Address[]>;
  readonly voids: readonly VoidStatement[];
  readonly groups: readonly GroupState[];
  readonly updates: ReadonlyMap<Address, OpenUpdate>;
  /** Mode paillier: ciphertexts. */
  readonly encrypted: ReadonlyMap<Address, Uint8Array>;
  /** Of every input that was accepted: the hash that goes on chain, and its owner's signature of it [PHASE.13]. */
  readonly inputs: ReadonlyMap<Address, AcceptedInput>;
  /** Mode paillier: the sum of the ciphertexts, and as the consumer decrypted it. */
  readonly sum: Uint8Array | undefined;
  readonly decrypted: Pick<MessageBody<"round.decrypted">, "values" | "signature"> | undefined;
  /** How often a phase that may be repeated was: unmask and decrypt. */
  readonly repeats: number;
  readonly closing: Closing | undefined;
}

export interface AcceptedInput {
  readonly updateHash: Hex;
  readonly signature: Uint8Array;
}

export interface OpenUpdate {
  readonly bytes: Uint8Array;
  readonly part: OpenedPart;
}

/** One group of a masked round; `server` holds what was received and is the one thing that is not plain data. */
export interface GroupState {
  readonly index: number;
  readonly round: SecaggRound;
  readonly server: SecaggServer;
  /** Why nothing will come of it. */
  readonly lost: string | undefined;
  /** Whose message of the present phase is awaited, and whose came. */
  readonly awaited: readonly Address[];
  readonly answered: ReadonlySet<Address>;
  readonly survivors: readonly Address[];
  /** What was shown for the shares, to be shown again to those that did not answer. */
  readonly confirmations: Uint8Array | undefined;
  /** The opened sum. */
  readonly sum: Int32Array | undefined;
}

/** A round that is aggregated and goes on chain. */
export interface Closing {
  readonly next: Model;
  readonly outcome: RoundOutcome;
  readonly parts: readonly OpenedPart[];
  readonly survivors: readonly Address[];
  readonly call: {
    readonly survivorBitmap: bigint;
    readonly updateHashes: readonly Hex[];
    readonly aggregateHash: Hex;
  };
  /** `undefined` while the validation runs, `null` when there is none. */
  readonly validation: Validation | null | undefined;
}

export interface AnalystContext {
  readonly options: AnalystInside;
  readonly view: MarketView;
  readonly facts: JobFacts;
  readonly nowMs: Millis;
}

export function newAnalystJob(job: bigint, record: AnalystRecord): AnalystJob {
  return {
    ...emptyLedger,
    job,
    initial: undefined,
    unfit: undefined,
    decision: undefined,
    recruited: false,
    model: undefined,
    restored: [],
    resumable: undefined,
    unmasking: undefined,
    holders: new Set(),
    asks: 0,
    round: undefined,
    restsUntilMs: 0,
    valuing: new Map(),
    askers: new Map(),
    delivered: false,
    record,
  };
}

/** The job with something changed in its round. */
export function withRound(job: AnalystJob, change: Partial<RoundState>): AnalystJob {
  return job.round === undefined ? job : { ...job, round: { ...job.round, ...change } };
}

/** Whether this analyst holds the job now. */
export function holdsJob({ facts, options }: Pick<AnalystContext, "facts" | "options">): boolean {
  return facts.analyst === options.ports.self;
}
