import type { Hex, Millis } from "@sheaf/base";
import type { PrivacyBudget, SecaggMember, SecaggRound } from "@sheaf/federated";
import type { Address } from "@sheaf/protocol";
import type { EarlyMessages } from "../early.ts";
import { type EffectLedger, emptyLedger } from "../effects.ts";
import type { MessageBody, VoidStatement } from "../messages/bodies.ts";
import type { AgentPorts } from "../ports.ts";
import type { AttemptId } from "../round/attempt.ts";
import type { LocalResult } from "../round/encode-input.ts";
import type { Model } from "../round/model.ts";
import type { JobFacts, MarketView } from "../view/market-view.ts";
import type { OwnerOptions } from "./options.ts";
import type { OwnerRecord } from "./saved.ts";

export interface OwnerState {
  readonly view: MarketView;
  readonly live: boolean;
  readonly budget: PrivacyBudget | undefined;
  readonly jobs: ReadonlyMap<bigint, OwnerJob>;
  readonly early: EarlyMessages;
}

/** One job that this owner is invited to or works in. */
export interface OwnerJob extends EffectLedger {
  /** What training begins with, from the specification alone. */
  readonly initial: Model | undefined;
  /** Why the model cannot be made here. */
  readonly unfit: string | undefined;
  /** The newest state that stands on chain, if this owner has it. */
  readonly model: Model | undefined;
  /** What the analyst says the open round leads to [OWNER.8]. */
  readonly candidate: Model | undefined;
  readonly attempt: OwnAttempt | undefined;
  readonly trained: Trained | undefined;
  /** Kept over restarts. */
  readonly record: OwnerRecord;
}

export interface Trained {
  readonly stateHash: Hex;
  readonly result: LocalResult & { readonly steps: number };
  /** Without masks: what was sent, to be sent again unchanged [OWNER.7]. */
  readonly answer: OpenAnswer | undefined;
}

export type OpenAnswer =
  | {
      readonly kind: "update";
      readonly values: Uint8Array;
      readonly weight: number;
      readonly loss: number | null;
      /** Fewest updates that its share of the noise is enough with; 0 without such a share. */
      readonly smallest: number;
    }
  | { readonly kind: "encrypted"; readonly ciphertexts: Uint8Array };

/** This owner's part in one attempt; `member` holds its secrets and is the one thing that is not plain data. */
export interface OwnAttempt {
  readonly id: AttemptId;
  readonly context: string;
  readonly cohort: readonly Address[];
  readonly stateHash: Hex;
  /** The chain's count of openings when the attempt was announced: only a later one can be its. */
  readonly openedBefore: number;
  readonly sinceMs: Millis;
  readonly stage: "model" | "keys" | "shares" | "input" | "sent" | "confirmed" | "unmasked" | "refused";
  /** The state was asked for. */
  readonly asked: boolean;
  readonly announced: SecaggRound | undefined;
  readonly member: SecaggMember | undefined;
  readonly group: SecaggRound | undefined;
  /** This owner and its neighbours in the graph of masks. */
  readonly neighbourhood: readonly Address[];
  /** The chain's number of the opening that this attempt's keys are bound to: the first one after them. */
  readonly opening: number | undefined;
  readonly adverts: MessageBody<"round.adverts"> | undefined;
  readonly voids: readonly VoidStatement[];
  readonly received: ReadonlyMap<string, Uint8Array> | undefined;
}

/** What a handler of one job may look at. */
export interface OwnerContext {
  readonly options: OwnerOptions & { readonly ports: AgentPorts };
  readonly view: MarketView;
  readonly facts: JobFacts;
  readonly nowMs: Millis;
  readonly budget: PrivacyBudget | undefined;
}

export function newOwnerJob(job: bigint, record: OwnerRecord): OwnerJob {
  return {
    ...emptyLedger,
    job,
    initial: undefined,
    unfit: undefined,
    model: undefined,
    candidate: undefined,
    attempt: undefined,
    trained: undefined,
    record,
  };
}
