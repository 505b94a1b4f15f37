import { decode, encode } from "@msgpack/msgpack";
import {
  bigintToBytes,
  bytesToBigint,
  bytesToHex,
  concatBytes,
  hexToBytes,
  type Millis,
  utf8,
} from "@sheaf/base";
import { KEY_BYTES } from "./key-ring.ts";
import type { Address } from "./mailbox-types.ts";

/** What a sender signs [BUS.7]: everything that the receiver relies on; the body by the digests of its chunks. */
export type Envelope = OpenEnvelope | SealedEnvelope;

/** To all of a job, or a mailbox's own word to another. */
export interface OpenEnvelope extends EnvelopeFields {
  readonly to: Address | "*";
  readonly sealedTo?: undefined;
  readonly job: bigint;
  readonly kind: string;
}

/** What it is about is under the seal. */
export interface SealedEnvelope extends EnvelopeFields {
  readonly to: Address;
  /** The X25519 key of the recipient's process that can open it. */
  readonly sealedTo: Uint8Array;
  readonly kind?: undefined;
}

interface EnvelopeFields {
  readonly scope: string;
  readonly from: Address;
  /** Start of the sender's process on its wall clock, and its X25519 key, which tells two of the same millisecond apart. */
  readonly epochMs: Millis;
  readonly fromKey: Uint8Array;
  readonly sequence: bigint;
  readonly sentAtMs: Millis;
  /** Of the body as it goes over the wire: sealed when it is. */
  readonly bodyBytes: number;
  readonly chunkBytes: number;
  /** keccak256 of each chunk, 32 bytes each; one chunk is the body itself. */
  readonly chunkDigests: Uint8Array;
}

export const VERSION = 2;
const DOMAIN = utf8("sheaf/bus/2/envelope\n");
const CONTEXT_DOMAIN = utf8("sheaf/bus/2/context\n");
const ADDRESS_BYTES = 20;
export const MAX_JOB_BYTES = 32;
export const MAX_KIND_BYTES = 64;
/** Chunks of one body, at most: their digests are in the header [BUS.8]. */
export const MAX_CHUNKS = 1024;
/** A chunk that is larger is refused, whatever size this end sends [BUS.8]. */
export const MAX_CHUNK_BYTES = 512 * 1024;
const MAX_HEADER_BYTES = 32 * MAX_CHUNKS + 1024;

/** Kinds of messages: lower-case words with dots and hyphens. */
export const KIND = /^[a-z][a-z0-9.-]{0,63}$/;
export const ADDRESS = /^0x[0-9a-f]{40}$/;

/** Kinds that mailboxes keep for themselves [BUS.16]; such messages go to one address and are not sealed. */
export const isOwnKind = (kind: string): boolean => kind.startsWith("bus.");

/** The bytes whose keccak256 is signed, and is the digest that names the message. */
export const signedBytes = (header: Uint8Array): Uint8Array => concatBytes(DOMAIN, header);

/** The bytes whose keccak256 is the context of the seal [BUS.17]: the header without the digests of what is sealed. */
export const contextBytes = (envelope: Envelope): Uint8Array =>
  concatBytes(CONTEXT_DOMAIN, encodeHeader({ ...envelope, chunkDigests: new Uint8Array(0) }));

export const chunkCount = (envelope: Pick<Envelope, "bodyBytes" | "chunkBytes">): number =>
  Math.max(1, Math.ceil(envelope.bodyBytes / envelope.chunkBytes));

export function encodeHeader(envelope: Envelope): Uint8Array {
  const open = envelope.sealedTo === undefined;
  return encode([
    VERSION,
    envelope.scope,
    hexToBytes(envelope.from),
    envelope.to === "*" ? null : hexToBytes(envelope.to),
    open ? null : envelope.sealedTo,
    open ? bigintToBytes(envelope.job) : null,
    open ? envelope.kind : null,
    envelope.epochMs,
    envelope.fromKey,
    Number(envelope.sequence),
    envelope.sentAtMs,
    envelope.bodyBytes,
    envelope.chunkBytes,
    envelope.chunkDigests,
  ]);
}

/** The envelope in a header; what is wrong with it otherwise. */
export function decodeHeader(header: Uint8Array): Envelope | "MALFORMED" | "VERSION" {
  if (header.length > MAX_HEADER_BYTES) return "MALFORMED";
  let fields: unknown;
  try {
    fields = decode(header, { maxArrayLength: 64, maxMapLength: 0, maxExtLength: 0, maxStrLength: 256 });
  } catch {
    return "MALFORMED";
  }
  if (!Array.isArray(fields)) return "MALFORMED";
  if (fields[0] !== VERSION) return Number.isInteger(fields[0]) ? "VERSION" : "MALFORMED";
  return fieldsToEnvelope(fields) ?? "MALFORMED";
}

function fieldsToEnvelope(fields: readonly unknown[]): Envelope | undefined {
  const [, scope, from, to, sealedTo, job, kind, epochMs, fromKey, sequence, sentAtMs] = fields;
  const [bodyBytes, chunkBytes, digests] = fields.slice(11);
  if (fields.length !== 14 || typeof scope !== "string" || !isBytes(from, ADDRESS_BYTES)) return;
  if (!isBytes(fromKey, KEY_BYTES) || !isBytes(digests)) return;
  if (!isCount(epochMs) || !isCount(sequence) || !isCount(sentAtMs)) return;
  if (!isCount(bodyBytes) || !isCount(chunkBytes) || chunkBytes === 0) return;
  if (digests.length !== 32 * chunkCount({ bodyBytes, chunkBytes })) return;
  const addressing = fieldsToAddressing(to, sealedTo, job, kind);
  if (addressing === undefined) return;
  return {
    ...addressing,
    scope,
    from: bytesToHex(from),
    epochMs,
    fromKey,
    sequence: BigInt(sequence),
    sentAtMs,
    bodyBytes,
    chunkBytes,
    chunkDigests: digests,
  };
}

type Addressing = Pick<OpenEnvelope, "to" | "job" | "kind"> | Pick<SealedEnvelope, "to" | "sealedTo">;

/** To one address all is sealed but a mailbox's own kinds, to all of a job nothing [BUS.17]. */
function fieldsToAddressing(
  to: unknown,
  sealedTo: unknown,
  job: unknown,
  kind: unknown,
): Addressing | undefined {
  if (to !== null && !isBytes(to, ADDRESS_BYTES)) return;
  if (sealedTo !== null) {
    if (to === null || !isBytes(sealedTo, KEY_BYTES) || job !== null || kind !== null) return;
    return { to: bytesToHex(to), sealedTo };
  }
  if (!isBytes(job) || job.length > MAX_JOB_BYTES || typeof kind !== "string" || !KIND.test(kind)) return;
  if (isOwnKind(kind) !== (to !== null)) return;
  return { to: to === null ? "*" : bytesToHex(to), job: bytesToBigint(job), kind };
}

function isBytes(value: unknown, length?: number): value is Uint8Array {
  return value instanceof Uint8Array && (length === undefined || value.length === length);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
