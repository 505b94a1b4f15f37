import type { Millis } from "@sheaf/base";
import type { Address, Validator, Value } from "./config.ts";
import type { Message } from "./messages.ts";

export type Input =
  | StartInput
  | BuiltInput
  | ValidatedInput
  | MessageInput
  /** The delay of the latest `schedule-timeout` is over. */
  | { readonly type: "timeout"; readonly height: number; readonly round: number };

/**
 * Begin `height`: the first input of all; then again after each `commit`, once the block is stored,
 * and after block sync has brought decisions from elsewhere. Heights never go back.
 */
export interface StartInput {
  readonly type: "start";
  readonly height: number;
  /** In the order of their turns and draws; the same on every validator. */
  readonly validators: readonly Validator[];
  /** 32 bytes by which proposers are drawn [PROPOSER.4], the same on every validator; they take turns when it is absent. */
  readonly seed?: Uint8Array | undefined;
  /** How long the proposer of round 0 may wait before it proposes (the block period); 0 when absent. */
  readonly waitMs?: Millis;
}

/** What a peer sent. */
export interface MessageInput {
  readonly type: "message";
  readonly message: Message;
  /**
   * The validator at the other end of the authenticated connection. It must have signed the message
   * itself: relayed messages are refused [RECEIVE.2].
   */
  readonly from: Address;
}

/** The host's answer to `request-value`: a value it holds for valid. */
export interface BuiltInput {
  readonly type: "built";
  readonly height: number;
  readonly round: number;
  readonly value: Value;
}

/** The host's answer to `validate`. */
export interface ValidatedInput {
  readonly type: "validated";
  readonly id: number;
  readonly valid: boolean;
}
