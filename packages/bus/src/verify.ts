import { asBuffer, bytesEqual, bytesToHex, type Hex } from "@sheaf/base";
import { isChunk } from "./assemblies.ts";
import { MAX_SEALING_BYTES } from "./content.ts";
import { chunkCount, decodeHeader, type Envelope, MAX_CHUNK_BYTES, signedBytes } from "./envelope.ts";
import type { EnvelopeFrame } from "./frames.ts";
import type { Address, MailboxLimits, MailboxOptions, Rejected } from "./mailbox-types.ts";
import type { ReplayWindow, Seen } from "./replay-window.ts";
import { inboxTopic, jobTopic } from "./topics.ts";

/** What a mailbox makes of an envelope frame. */
export type Verdict =
  | { readonly verdict: "new"; readonly envelope: Envelope; readonly digest: Hex }
  | { readonly verdict: "repeat"; readonly envelope: Envelope; readonly digest: Hex; readonly seen: Seen }
  /** Sealed to a key of this address that is not this process's: its sender is to learn the present one [BUS.16]. */
  | { readonly verdict: "wrong-key"; readonly envelope: Envelope; readonly digest: Hex }
  | { readonly verdict: "own" }
  | { readonly verdict: "rejected"; readonly rejected: Rejected };

export interface VerifyContext {
  readonly self: Address;
  /** This process's. */
  readonly publicKey: Uint8Array;
  readonly options: MailboxOptions;
  readonly limits: MailboxLimits;
  readonly window: ReplayWindow;
}

/** Checks in this order: form, scope and recipient, size, time, licence, signature, replay, key, body [BUS.9]. */
export function verifyEnvelope(frame: EnvelopeFrame, topic: string, context: VerifyContext): Verdict {
  const { self, options, window } = context;
  const envelope = decodeHeader(frame.header);
  if (typeof envelope === "string") return { verdict: "rejected", rejected: { code: envelope } };
  if (envelope.to === "*" && envelope.from === self) return { verdict: "own" };
  const { from } = envelope;
  const cheap =
    misdirected(envelope, topic, context) ?? oversized(envelope, context) ?? untimely(envelope, context);
  if (cheap !== undefined) return { verdict: "rejected", rejected: { code: cheap, from } };
  if (!options.licensed(from)) return { verdict: "rejected", rejected: { code: "UNLICENSED", from } };
  const digestBytes = options.keccak256(signedBytes(frame.header));
  const digest = bytesToHex(digestBytes);
  const seen = window.find(envelope, digest);
  if (seen !== undefined) return { verdict: "repeat", envelope, digest, seen };
  const unproven =
    options.recover(digestBytes, frame.signature) === from ? window.refusal(envelope) : "BAD_SIGNATURE";
  if (unproven !== undefined) return { verdict: "rejected", rejected: { code: unproven, from } };
  if (envelope.sealedTo !== undefined && !bytesEqual(envelope.sealedTo, context.publicKey))
    return { verdict: "wrong-key", envelope, digest };
  const code = bodyFault(envelope, frame.body, options.keccak256);
  return code === undefined
    ? { verdict: "new", envelope, digest }
    : { verdict: "rejected", rejected: { code, from } };
}

function misdirected(envelope: Envelope, topic: string, { self, options }: VerifyContext) {
  if (envelope.scope !== options.chainScope) return "WRONG_SCOPE";
  if (envelope.to !== "*" && envelope.to !== self) return "WRONG_RECIPIENT";
  const expected =
    envelope.to === "*" ? jobTopic(options.chainScope, envelope.job) : inboxTopic(options.chainScope, self);
  return topic === expected ? undefined : "WRONG_RECIPIENT";
}

function oversized({ sealedTo, bodyBytes, chunkBytes }: Envelope, { limits }: VerifyContext) {
  const most = limits.bodyBytes + (sealedTo === undefined ? 0 : MAX_SEALING_BYTES);
  return bodyBytes > most || Math.min(bodyBytes, chunkBytes) > MAX_CHUNK_BYTES ? "OVERSIZED" : undefined;
}

function untimely({ sentAtMs, epochMs }: Envelope, { options, limits }: VerifyContext) {
  const nowMs = options.clock.wallMs();
  if (sentAtMs < nowMs - limits.maxAgeMs) return "STALE";
  // An epoch after the message would shut out the sender's later processes.
  return sentAtMs > nowMs + limits.maxAheadMs || epochMs > sentAtMs ? "FUTURE" : undefined;
}

function bodyFault(envelope: Envelope, body: Uint8Array, keccak256: MailboxOptions["keccak256"]) {
  if (chunkCount(envelope) > 1) return body.length === 0 ? undefined : "BODY_MISMATCH";
  return isChunk(envelope, 0, asBuffer(body), keccak256) ? undefined : "BODY_MISMATCH";
}
