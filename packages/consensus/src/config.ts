import type { Hex, Millis } from "@sheaf/base";

/** A validator's account: 20 bytes, lower-case hex. */
export type Address = Hex;

/** What is agreed on. The protocol never looks inside `payload`. */
export interface Value {
  /** 32 bytes that name the payload. Only the host can tell whether they do: see the output `validate`. */
  readonly digest: Hex;
  readonly payload: Uint8Array;
}

export interface Validator {
  readonly address: Address;
  /**
   * Share of the turns or draws to propose, a positive integer; also 0 where proposers are drawn
   * [PROPOSER.4]. Votes always count one each.
   */
  readonly weight: number;
}

/** How long a round lasts: `baseMs * factor^round`, at most `capMs`. */
export interface RoundTimeouts {
  readonly baseMs: Millis;
  readonly factor: number;
  readonly capMs: Millis;
}

export interface QbftOptions {
  /** This validator, or `undefined` for an observer, which follows and never votes. */
  readonly address: Address | undefined;
  /** Names the chain in everything that is signed (say, the hash of its genesis), so that no vote counts on two chains. */
  readonly chain: Uint8Array;
  readonly timeouts: RoundTimeouts;
}

/** Cryptography as deterministic pure functions. */
export interface QbftPorts {
  /** 32 bytes. */
  hash(bytes: Uint8Array): Uint8Array;
  /** This validator's signature, 65 bytes, of a 32-byte digest. Never called for an observer. */
  sign(digest: Uint8Array): Uint8Array;
  /** Who signed `digest`, or `undefined` when the signature is none. Must not throw. */
  recover(digest: Uint8Array, signature: Uint8Array): Address | undefined;
}
