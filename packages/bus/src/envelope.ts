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
import type { Address } from "./mailbox-types.ts";

/** What a sender signs [BUS.7]: everything that the receiver relies on; the body by the digests of its chunks. */
export interface Envelope {
  readonly scope: string;
  readonly from: Address;
  readonly to: Address | "*";
  readonly job: bigint;
  readonly kind: string;
  /** Start of the sender's process on its wall clock, and a number that tells two of the same millisecond apart. */
  readonly epochMs: Millis;
  readonly epochNonce: bigint;
  readonly sequence: bigint;
  readonly sentAtMs: Millis;
  readonly bodyBytes: number;
  readonly chunkBytes: number;
  /** keccak256 of each chunk, 32 bytes each; one chunk is the body itself. */
  readonly chunkDigests: Uint8Array;
}

export const VERSION = 1;
const DOMAIN = utf8("sheaf/bus/1/envelope\n");
const ADDRESS_BYTES = 20;
const NONCE_BYTES = 8;
const MAX_JOB_BYTES = 32;
/** Chunks of one body, at most: their digests are in the header [BUS.8]. */
export const MAX_CHUNKS = 1024;
/** A chunk that is larger is refused, whatever size this end sends [BUS.8]. */
export const MAX_CHUNK_BYTES = 512 * 1024;
const MAX_HEADER_BYTES = 32 * MAX_CHUNKS + 1024;

/** Kinds of messages: lower-case words with dots and hyphens. */
export const KIND = /^[a-z][a-z0-9.-]{0,63}$/;
export const ADDRESS = /^0x[0-9a-f]{40}$/;

/** The bytes whose keccak256 is signed, and is the digest that names the message. */
export const signedBytes = (header: Uint8Array): Uint8Array => concatBytes(DOMAIN, header);

export const chunkCount = (envelope: Pick<Envelope, "bodyBytes" | "chunkBytes">): number =>
  Math.max(1, Math.ceil(envelope.bodyBytes / envelope.chunkBytes));

export function encodeHeader(envelope: Envelope): Uint8Array {
  return encode([
    VERSION,
    envelope.scope,
    hexToBytes(envelope.from),
    envelope.to === "*" ? null : hexToBytes(envelope.to),
    bigintToBytes(envelope.job),
    envelope.kind,
    envelope.epochMs,
    hexToBytes(`0x${envelope.epochNonce.toString(16).padStart(2 * NONCE_BYTES, "0")}`),
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
  const [, scope, from, to, job, kind, epochMs, nonce, sequence, sentAtMs, bodyBytes, chunkBytes, digests] =
    fields;
  if (fields.length !== 13 || typeof scope !== "string" || typeof kind !== "string" || !KIND.test(kind))
    return;
  if (!isBytes(from, ADDRESS_BYTES) || (to !== null && !isBytes(to, ADDRESS_BYTES))) return;
  if (!isBytes(job) || job.length > MAX_JOB_BYTES || !isBytes(nonce, NONCE_BYTES) || !isBytes(digests))
    return;
  if (!isCount(epochMs) || !isCount(sequence) || !isCount(sentAtMs)) return;
  if (!isCount(bodyBytes) || !isCount(chunkBytes) || chunkBytes === 0) return;
  if (digests.length !== 32 * chunkCount({ bodyBytes, chunkBytes })) return;
  return {
    scope,
    from: bytesToHex(from),
    to: to === null ? "*" : bytesToHex(to),
    job: bytesToBigint(job),
    kind,
    epochMs,
    epochNonce: bytesToBigint(nonce),
    sequence: BigInt(sequence),
    sentAtMs,
    bodyBytes,
    chunkBytes,
    chunkDigests: digests,
  };
}

function isBytes(value: unknown, length?: number): value is Uint8Array {
  return value instanceof Uint8Array && (length === undefined || value.length === length);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
