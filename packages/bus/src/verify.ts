import { asBuffer, bytesToHex, type Hex } from "@sheaf/base";
import { isChunk } from "./assemblies.ts";
import { chunkCount, decodeHeader, type Envelope, MAX_CHUNK_BYTES, signedBytes } from "./envelope.ts";
import type { EnvelopeFrame } from "./frames.ts";
import type { Address, MailboxLimits, MailboxOptions, Rejected } from "./mailbox-types.ts";
import type { ReplayWindow, Seen } from "./replay-window.ts";
import { inboxTopic, jobTopic } from "./topics.ts";

/** What a mailbox makes of an envelope frame. */
export type Verdict =
  | { readonly verdict: "new"; readonly envelope: Envelope; readonly digest: Hex }
  | { readonly verdict: "repeat"; readonly envelope: Envelope; readonly digest: Hex; readonly seen: Seen }
  | { readonly verdict: "own" }
  | { readonly verdict: "rejected"; readonly rejected: Rejected };

export interface VerifyContext {
  readonly self: Address;
  readonly options: MailboxOptions;
  readonly limits: MailboxLimits;
  readonly window: ReplayWindow;
}

/** Checks in this order: form, scope and recipient, size, time, licence, signature, replay, body [BUS.9]. */
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
  const code =
    options.recover(digestBytes, frame.signature) === from
      ? (window.refusal(envelope) ?? bodyFault(envelope, frame.body, options.keccak256))
      : "BAD_SIGNATURE";
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

function oversized({ bodyBytes, chunkBytes }: Envelope, { limits }: VerifyContext) {
  return bodyBytes > limits.bodyBytes || Math.min(bodyBytes, chunkBytes) > MAX_CHUNK_BYTES
    ? "OVERSIZED"
    : undefined;
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
