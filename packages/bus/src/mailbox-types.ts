import type { ByteCount, Clock, Hex, Millis } from "@sheaf/base";
import type { Unsubscribe } from "./bus.ts";

/** An account's address: lower-case hexadecimal, 20 bytes. */
export type Address = Hex;

/** Who a mailbox belongs to. */
export interface Identity {
  readonly address: Address;
  /** secp256k1 signature over a 32-byte digest: r, s and the recovery bit, 65 bytes. */
  sign(digest: Uint8Array): Uint8Array;
}

/** A message whose sender, scope and freshness have been verified. */
export interface Message {
  readonly from: Address;
  /** This mailbox's address, or `*` when it went to all of the job. */
  readonly to: Address | "*";
  readonly job: bigint;
  readonly kind: string;
  readonly body: Uint8Array;
  /** What the sender signed: the name of the message. */
  readonly digest: Hex;
  /** Rises with each message of the sender's process, over all recipients. */
  readonly sequence: bigint;
  /** Wall time of the sender. */
  readonly sentAtMs: Millis;
  /** Payload bytes of all frames that brought it, repeated ones included. */
  readonly wireBytes: ByteCount;
}

/** Why a frame or message was dropped. Each is a rule of `specs/bus.md`. */
export type RejectionCode =
  /** Not a frame of this protocol. */
  | "MALFORMED"
  | "VERSION"
  | "WRONG_SCOPE"
  | "WRONG_RECIPIENT"
  /** The body that is announced, or a chunk, is above the limits. */
  | "OVERSIZED"
  /** Sent too long ago. */
  | "STALE"
  /** Sent in the future, by more than clocks may differ. */
  | "FUTURE"
  /** The sender holds no licence. */
  | "UNLICENSED"
  | "BAD_SIGNATURE"
  /** From a process of the sender that has since been restarted. */
  | "OLD_EPOCH"
  /** Below the window of sequences that are remembered. */
  | "OLD_SEQUENCE"
  /** Another message of the same sequence was taken before. */
  | "SEQUENCE_REUSED"
  /** The key that the sender announces is of low order: nothing can be sealed with it. */
  | "BAD_KEY"
  /** Sealed to another key of this address, of a process that has ended; the sender is told the present one. */
  | "WRONG_KEY"
  /** What was sealed does not open, or is no content. */
  | "BAD_SEAL"
  /** The inline body is not the one that was signed. */
  | "BODY_MISMATCH"
  /** The chunk is not the one that was signed. */
  | "CHUNK_MISMATCH"
  /** A chunk of a message that is not being assembled. */
  | "UNKNOWN_CHUNK"
  /** The sender's room for messages in assembly is taken; it will be asked for again. */
  | "ASSEMBLY_FULL"
  /** Not all chunks came in time. */
  | "ASSEMBLY_EXPIRED";

export interface Rejected {
  readonly code: RejectionCode;
  /** The sender as claimed: verified only for codes that a check after the signature raises. */
  readonly from?: Address;
}

/** A message for which no receipt came before its deadline. */
export interface Undelivered {
  readonly to: Address;
  readonly job: bigint;
  readonly kind: string;
  /** As `send` gave it. */
  readonly digest: Hex;
}

export interface Mailbox {
  readonly address: Address;
  /**
   * Seals, signs and publishes. Settles when the broker has taken all frames over; the body must stay as it is until then. A
   * message to an address waits until the recipient's key is known [BUS.16], and is repeated until its receipt comes or
   * `deliverWithinMs` passes [BUS.12]; one to `all-of-job` is neither sealed nor repeated [BUS.14].
   * Fails with `BODY_TOO_LARGE`, `MAILBOX_FULL`, `RECIPIENT_KEY_UNKNOWN`, `INVALID_INPUT` (recipient, kind), `BUS_CLOSED`, and
   * what `Bus.publish` fails with.
   */
  send(to: Address | "all-of-job", job: bigint, kind: string, body: Uint8Array): Promise<SentMessage>;
  /**
   * One listener takes the messages. The receipt leaves when what it returns has settled [BUS.13]; when that fails there is
   * none, and the sender sends again.
   */
  onMessage(listener: (message: Message) => void | Promise<void>): void;
  onRejected(listener: (rejected: Rejected) => void): void;
  onUndelivered(listener: (undelivered: Undelivered) => void): void;
  /** Starts to receive what goes to all of the job. */
  joinJob(job: bigint): Promise<Unsubscribe>;
  /** Messages that wait for the recipient's key or for a receipt. */
  readonly unacknowledged: number;
  /** Ends subscriptions and repeats; leaves the bus open. */
  close(): Promise<void>;
}

export interface SentMessage {
  /** Its name as it first left; sealed anew for another key of the recipient it has another. */
  readonly digest: Hex;
  /** Payload bytes of its frames. */
  readonly wireBytes: ByteCount;
}

/** Bounds of a mailbox; what is left out has the value of `MAILBOX_LIMITS`. */
export interface MailboxLimits {
  /** A longer body goes in chunks of this size. */
  readonly chunkBytes: ByteCount;
  /** Before it is sealed. */
  readonly bodyBytes: ByteCount;
  /** Bodies in assembly, per sender. */
  readonly assemblyBytesPerSender: ByteCount;
  readonly assembliesPerSender: number;
  /** Bodies in assembly, of all senders. */
  readonly assemblyBytes: ByteCount;
  /** An assembly ends so long after its last new chunk. Above twice `maxRepeatMs`, or repeats come too late. */
  readonly assemblyMs: Millis;
  /** Sequences remembered, per sender. */
  readonly window: number;
  /** Messages older than this are refused. */
  readonly maxAgeMs: Millis;
  /** By so much a sender's clock may be ahead. */
  readonly maxAheadMs: Millis;
  /** A message is repeated for so long. Below `maxAgeMs`. */
  readonly deliverWithinMs: Millis;
  /** First repeat; each later pause is twice the one before, up to `maxRepeatMs`. */
  readonly repeatAfterMs: Millis;
  readonly maxRepeatMs: Millis;
  /** Bodies held until their receipts come. */
  readonly unacknowledgedBytes: ByteCount;
}

export const MAILBOX_LIMITS: MailboxLimits = {
  chunkBytes: 128 * 1024,
  bodyBytes: 64 * 1024 * 1024,
  assemblyBytesPerSender: 129 * 1024 * 1024,
  assemblyBytes: 512 * 1024 * 1024,
  assembliesPerSender: 64,
  assemblyMs: 60_000,
  window: 1024,
  maxAgeMs: 600_000,
  maxAheadMs: 30_000,
  deliverWithinMs: 300_000,
  repeatAfterMs: 4_000,
  maxRepeatMs: 15_000,
  unacknowledgedBytes: 512 * 1024 * 1024,
};

/** What a mailbox needs from outside. */
export interface MailboxOptions {
  /** `chainId/market`: messages of another are refused. */
  readonly chainScope: string;
  readonly clock: Clock;
  /** Whether the address holds a licence of any role now. */
  licensed(address: Address): boolean;
  keccak256(bytes: Uint8Array): Uint8Array;
  /** The signer's address, or `undefined` when the signature is none. */
  recover(digest: Uint8Array, signature: Uint8Array): Address | undefined;
  readonly limits?: Partial<MailboxLimits>;
  /** X25519, 32 bytes: the secret of this process's key, which names it. Random unless given; simulations give it. */
  readonly processSecret?: Uint8Array;
}
