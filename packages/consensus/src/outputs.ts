import type { Millis } from "@sheaf/base";
import type { Address, Value } from "./config.ts";
import type { Message } from "./messages.ts";
import type { VoteRecord } from "./record.ts";

/** What the host must do, in this order; nothing after a `persist` before that is durable [PERSIST.2]. */
export type Output =
  /** Store the record durably, in place of the one before. */
  | { readonly type: "persist"; readonly record: VoteRecord }
  /** Send to every other validator. The sender has already counted it. */
  | { readonly type: "broadcast"; readonly message: Message }
  /** Build a value and answer with `built`. In round 0 the host may wait for its block period; later it should not. */
  | { readonly type: "request-value"; readonly height: number; readonly round: number }
  | ValidateOutput
  /** Answer with `timeout` after `delayMs`; cancels the one scheduled before. */
  | {
      readonly type: "schedule-timeout";
      readonly height: number;
      readonly round: number;
      readonly delayMs: Millis;
    }
  | CommitOutput
  | { readonly type: "misbehaviour"; readonly evidence: Evidence }
  | BehindOutput
  /** `peer` is stuck at a height that is decided here: send it that block. Not rate-limited. */
  | { readonly type: "peer-behind"; readonly peer: Address; readonly height: number }
  /** The input had no effect, and a correct peer may have caused it. */
  | { readonly type: "ignored"; readonly code: IgnoredCode; readonly sender?: Address }
  /** The input had no effect, and no correct validator would have sent it. */
  | { readonly type: "rejected"; readonly code: RejectedCode; readonly sender?: Address };

/**
 * Check that `digest` names `payload` and that the value is valid at `height`; answer with
 * `validated`, now or later. Other inputs may come in between.
 */
export interface ValidateOutput {
  readonly type: "validate";
  readonly id: number;
  readonly height: number;
  readonly round: number;
  readonly value: Value;
  /**
   * A quorum has prepared this digest: leave out checks that depend on this host alone (its clock,
   * its mempool), but still check that the digest names the payload.
   */
  readonly prepared: boolean;
}

/** `value` is decided at `height`. The host stores it with its certificate, then inputs `start` for the next. */
export interface CommitOutput {
  readonly type: "commit";
  readonly height: number;
  readonly round: number;
  readonly value: Value;
  /** Commit seals of a quorum, in the order of the signers' addresses: see `verifyCommitCertificate`. */
  readonly seals: readonly Uint8Array[];
}

/** Others decided this height: fetch blocks up to `height - 1` from any of `peers`, verify, then `start`. */
export interface BehindOutput {
  readonly type: "behind";
  /** The height that the most advanced of `peers` has shown. */
  readonly height: number;
  readonly peers: readonly Address[];
}

/** Two messages that one validator signed and that no correct one would both sign. */
export interface Evidence {
  readonly offender: Address;
  readonly first: Message;
  readonly second: Message;
}

export type IgnoredCode =
  /** The message is of a height before the current one, or of the current one, which is decided. */
  | "OLD_HEIGHT"
  /** The message is of a round that has passed. */
  | "OLD_ROUND"
  | "DUPLICATE"
  /** Too far ahead to keep. */
  | "TOO_FAR_AHEAD"
  /** Answers a question that is no longer open (a timeout, verdict or value). */
  | "STALE";

export type RejectedCode =
  /** The peer that sent the message did not sign it. */
  | "BAD_SIGNATURE"
  | "NOT_A_VALIDATOR"
  | "NOT_THE_PROPOSER"
  | "BAD_JUSTIFICATION"
  | "BAD_CERTIFICATE"
  | "INVALID_VALUE"
  | "EQUIVOCATION";
