import type { Hex, Millis } from "@sheaf/base";
import type { LocalTraining, ServerState } from "@sheaf/federated";
import type { Address } from "@sheaf/protocol";
import type { ChainEvent, MarketCall } from "../chain/types.ts";
import type { JobSpec } from "../job-spec.ts";
import type { AgentEvent } from "./events.ts";

/** A pure transition: the next state, and what the host is to do, in order. */
export type Step<S, I, O> = (state: S, input: I) => readonly [S, readonly O[]];

/** An agent: where it begins and how it goes on. The host keeps the state and performs the outputs in order. */
export interface Agent<S> {
  readonly start: S;
  readonly step: Step<S, AgentInput, AgentOutput>;
}

/** What an agent's step may use besides its input. Deterministic for seeded entropy. */
export interface AgentPorts {
  readonly self: Address;
  /** `chainId/market`, as the mailbox's scope: part of everything that is signed. */
  readonly scope: string;
  /** Secret random bytes: a CSPRNG, seeded in simulations only. */
  entropy(length: number): Uint8Array;
  keccak256(bytes: Uint8Array): Hex;
  /** 65 bytes over a 32-byte digest, with the agent's licensed key. */
  sign(digest: Hex): Uint8Array;
  /** Who signed, or `undefined` for what is no signature. */
  recover(digest: Hex, signature: Uint8Array): Address | undefined;
}

export interface BlockRef {
  readonly number: number;
  readonly hash: Hex;
  readonly timestampMs: Millis;
}

/** A message of the mailbox: signature, replay and licence have been checked, the body has not. */
export interface AgentMessage {
  readonly from: Address;
  readonly to: Address | "*";
  readonly job: bigint;
  readonly kind: string;
  readonly body: Uint8Array;
}

/** What `transact` ends with. `reverted` and transport troubles arrive as `failed`. */
export interface Transacted {
  readonly kind: "transacted";
  readonly hash: Hex;
  readonly blockNumber: number;
}

/** Everything that happens to an agent. `nowMs` is wall-clock milliseconds since the Unix epoch. */
export type AgentInput = { readonly nowMs: Millis } & (
  | { readonly type: "start"; readonly saved: ReadonlyMap<string, Uint8Array> }
  /**
   * One block with its events, in order. At each start the host replays all blocks with events since the
   * market's deployment with `live: false`: history, which the agent only folds; then `live: true`, for
   * every block (at least once after the replay, with or without events).
   */
  | {
      readonly type: "chain";
      readonly events: readonly ChainEvent[];
      readonly block: BlockRef;
      readonly live: boolean;
    }
  | { readonly type: "message"; readonly message: AgentMessage }
  | { readonly type: "timeout"; readonly timer: string }
  /** An output with an id was performed. */
  | { readonly type: "done"; readonly effect: string; readonly result: ComputeResult | Transacted }
  /** It failed; a revert's code is `REVERTED` or the contract's error name. */
  | { readonly type: "failed"; readonly effect: string; readonly code: string; readonly message: string }
);

/** What the host is to do, in the order given: `save` is durable before what follows is performed. */
export type AgentOutput =
  | { readonly type: "transact"; readonly id: string; readonly call: MarketCall }
  | {
      readonly type: "send";
      readonly to: Address | "*";
      readonly job: bigint;
      readonly kind: string;
      readonly body: Uint8Array;
    }
  /** A timer of the same name is replaced. */
  | { readonly type: "schedule"; readonly timer: string; readonly delayMs: Millis }
  | { readonly type: "cancel"; readonly timer: string }
  | { readonly type: "compute"; readonly id: string; readonly work: ComputeRequest }
  /** `undefined` deletes. Every key present is in `saved` at the next start, save those that begin with `bulk/`. */
  | { readonly type: "save"; readonly key: string; readonly value: Uint8Array | undefined }
  /** For the host's audit folder, written only when the host has one (simulations). */
  | { readonly type: "audit"; readonly name: string; readonly bytes: Uint8Array }
  | { readonly type: "record"; readonly event: AgentEvent };

/** Slow or asynchronous work. Arrays are handed over by reference: neither side changes them afterwards. */
export type ComputeRequest =
  /** The weights training begins with: a function of the spec alone, the same on every machine. */
  /** The weights that the seed of `spec` gives, which is the job's here: see `jobSeed`. */
  | { readonly kind: "initialise"; readonly spec: JobSpec }
  /** Local training on the host's data set. */
  | {
      readonly kind: "train";
      readonly spec: JobSpec;
      readonly weights: Float32Array;
      readonly options: Omit<LocalTraining, "signal">;
    }
  /** On the host's test or validation set. */
  | { readonly kind: "evaluate"; readonly spec: JobSpec; readonly weights: Float32Array }
  /** What each part of a round was worth on the host's validation set: `valueParts` does it. */
  | ValueRequest
  | { readonly kind: "paillier-keys"; readonly bits: number }
  | {
      readonly kind: "paillier-encrypt";
      readonly n: Hex;
      readonly values: Int32Array;
      readonly bits: number;
      readonly members: number;
    }
  | { readonly kind: "paillier-add"; readonly n: Hex; readonly ciphertexts: readonly Uint8Array[] }
  | {
      readonly kind: "paillier-decrypt";
      readonly secret: Uint8Array;
      readonly ciphertexts: Uint8Array;
      readonly count: number;
      readonly bits: number;
      readonly members: number;
      /** How many vectors were added. */
      readonly contributors: number;
    }
  /** Reads back what was saved under the key (this is how `bulk/` keys are read). */
  | { readonly kind: "load"; readonly key: string };

/** The parts of a round (single updates, or groups' means) and the state they start from. */
export interface ValueRequest {
  readonly kind: "value";
  readonly spec: JobSpec;
  readonly state: ServerState;
  readonly parts: readonly { readonly mean: Float32Array; readonly weight: number }[];
  readonly seed: string;
}

export type ComputeResult =
  | { readonly kind: "initialised"; readonly weights: Float32Array }
  | {
      readonly kind: "trained";
      readonly update: Float32Array;
      readonly samples: number;
      readonly loss: number;
      readonly steps: number;
    }
  | {
      readonly kind: "evaluated";
      readonly loss: number;
      readonly accuracy: number | null;
      readonly rmse: number | null;
    }
  /** One score a part: the validation loss it took away. */
  | { readonly kind: "valued"; readonly scores: readonly number[]; readonly evaluations: number }
  /** `secret` is opaque: what `paillier-decrypt` wants. */
  | { readonly kind: "paillier-keys"; readonly n: Hex; readonly secret: Uint8Array }
  | { readonly kind: "encrypted"; readonly ciphertexts: Uint8Array }
  | { readonly kind: "added"; readonly ciphertexts: Uint8Array }
  | { readonly kind: "decrypted"; readonly values: Int32Array }
  | { readonly kind: "loaded"; readonly value: Uint8Array | undefined };
