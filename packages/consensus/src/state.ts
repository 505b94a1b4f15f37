import type { Hex } from "@sheaf/base";
import { type FutureMessages, noFutureMessages } from "./buffer.ts";
import type { Committee } from "./committee.ts";
import type { Address, Value } from "./config.ts";
import type { Commit, PrePrepare, Prepare, Prepared, RoundChange } from "./messages.ts";
import type { VoteRecord } from "./record.ts";
import { noVotes, type Votes } from "./votes.ts";

/** All that one validator knows. Never changed in place; hosts read the first four fields at most. */
export interface QbftState {
  /** 0 before the first `start`. */
  readonly height: number;
  readonly round: number;
  /** Whether this height is decided: the host's `start` of a later one is awaited. */
  readonly decided: boolean;
  /** This validator's address when it votes at this height. */
  readonly voter: Address | undefined;

  readonly committee: Committee | undefined;
  /** What was persisted before the process began [PERSIST.3]. */
  readonly restored: VoteRecord | undefined;

  /** The proposal of the current round. */
  readonly proposal: Proposal | undefined;
  /** The digest that this validator proposed or prepared in the current round. */
  readonly accepted: Hex | undefined;
  readonly prepared: Prepared | undefined;
  /** What the host built for the current round. */
  readonly built: Value | undefined;
  /** Whether the host was asked to build for the current round. */
  readonly buildRequested: boolean;

  readonly prepares: Votes<Prepare>;
  readonly commits: Votes<Commit>;
  /** The latest round change of each validator. */
  readonly roundChanges: ReadonlyMap<Address, RoundChange>;
  /** The highest round of this height that each other validator has shown. */
  readonly peerRounds: ReadonlyMap<Address, number>;

  /** Valid values of this height, by digest; at most `MAX_VALUES`. */
  readonly values: ReadonlyMap<Hex, Value>;
  /** What the host is checking, by the id of the question. */
  readonly validations: ReadonlyMap<number, Validation>;
  readonly nextValidation: number;
  /** Whoever sent a prepared value whose digest does not name it: a correct validator cannot. */
  readonly distrusted: ReadonlySet<Address>;

  readonly future: FutureMessages;
  /** The highest height that each other validator has shown. */
  readonly peerHeights: ReadonlyMap<Address, number>;
  /** The height of the last `behind` that did not wait for a timeout. */
  readonly behindReported: number;
}

export interface Proposal {
  readonly sender: Address;
  readonly message: PrePrepare;
  readonly verdict: "pending" | "valid" | "invalid";
}

export interface Validation {
  readonly value: Value;
  readonly sender: Address;
  /** The round of the proposal it came in; `undefined` when it came in a round change. */
  readonly proposalRound: number | undefined;
}

export const MAX_VALUES = 4;

/** The state before the first `start`. */
export function initialState(restored: VoteRecord | undefined): QbftState {
  return {
    ...freshHeight,
    height: 0,
    voter: undefined,
    committee: undefined,
    restored,
    nextValidation: 1,
    future: noFutureMessages,
    peerHeights: new Map(),
    behindReported: 0,
  };
}

const freshRound = {
  proposal: undefined,
  accepted: undefined,
  built: undefined,
  buildRequested: false,
} as const;

/** The fields that every height begins with. */
export const freshHeight = {
  ...freshRound,
  round: 0,
  decided: false,
  prepared: undefined,
  prepares: noVotes,
  commits: noVotes,
  roundChanges: new Map<Address, RoundChange>(),
  peerRounds: new Map<Address, number>(),
  values: new Map<Hex, Value>(),
  validations: new Map<number, Validation>(),
  distrusted: new Set<Address>(),
} as const;

/** `state` at the beginning of `round`. */
export function inRound(state: QbftState, round: number): QbftState {
  return { ...state, ...freshRound, round };
}

/** A copy of `map` with `key` set; beyond `limit`, the oldest entries that `keep` does not name go. */
export function withEntry<K, V>(
  map: ReadonlyMap<K, V>,
  key: K,
  value: V,
  limit: number = Number.POSITIVE_INFINITY,
  keep?: K,
): ReadonlyMap<K, V> {
  const next = new Map(map);
  next.set(key, value);
  for (const oldest of next.keys()) {
    if (next.size <= limit) break;
    if (oldest !== keep && oldest !== key) next.delete(oldest);
  }
  return next;
}

/** `highest` with `shown` for `peer`, if that is more than it has. */
export function withHighest(
  highest: ReadonlyMap<Address, number>,
  peer: Address,
  shown: number,
): ReadonlyMap<Address, number> {
  return shown <= (highest.get(peer) ?? -1) ? highest : withEntry(highest, peer, shown);
}
