import type { Hex } from "@sheaf/base";
import type { Value } from "./config.ts";

/**
 * What validators send each other, each directly to every other. A message has one signature, which
 * covers its height, round and digests; the values and proofs beside them answer for themselves.
 */
export type Message = PrePrepare | Prepare | Commit | RoundChange;

/** The proposer of (height, round) proposes a value. */
export interface PrePrepare {
  readonly type: "pre-prepare";
  readonly height: number;
  readonly round: number;
  readonly value: Value;
  /** Why this value may be proposed in this round; absent in round 0 and only there [JUSTIFY.1]. */
  readonly justification: Justification | undefined;
  readonly signature: Uint8Array;
}

/** The sender holds `digest` for valid and has voted for nothing else in this round. */
export interface Prepare {
  readonly type: "prepare";
  readonly height: number;
  readonly round: number;
  readonly digest: Hex;
  readonly signature: Uint8Array;
}

/** The sender has seen a quorum prepare `digest`. The signature is the commit seal [COMMIT.2]. */
export interface Commit {
  readonly type: "commit";
  readonly height: number;
  readonly round: number;
  readonly digest: Hex;
  readonly signature: Uint8Array;
}

/** The sender wants `round` to begin, and says what it has prepared in an earlier one. */
export interface RoundChange {
  readonly type: "round-change";
  readonly height: number;
  readonly round: number;
  readonly prepared: Prepared | undefined;
  readonly signature: Uint8Array;
}

/** A value with the proof that a quorum prepared it in `round`: the lock. */
export interface Prepared {
  readonly round: number;
  readonly value: Value;
  /** Signatures of prepares of (height, round, digest), one for each of a quorum. */
  readonly signatures: readonly Uint8Array[];
}

/** Proof that a quorum prepared `digest` in `round`. */
export interface PrepareCertificate {
  readonly round: number;
  readonly digest: Hex;
  readonly signatures: readonly Uint8Array[];
}

/** The signed part of a round change, for the height and round of the pre-prepare that carries it. */
export interface RoundChangeClaim {
  readonly prepared: { readonly round: number; readonly digest: Hex } | undefined;
  readonly signature: Uint8Array;
}

export interface Justification {
  readonly roundChanges: readonly RoundChangeClaim[];
  /** For the highest round that any of the round changes claims; absent when none claims one. */
  readonly certificate: PrepareCertificate | undefined;
}
