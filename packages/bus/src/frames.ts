import { asBuffer, bytesToHex, concatBytes, type Hex } from "@sheaf/base";

/** A frame is the payload of one publication [BUS.6]. */
export type Frame = EnvelopeFrame | ChunkFrame;

export interface EnvelopeFrame {
  readonly type: "envelope";
  /** The sender sends it again, and wants to know what is missing. */
  readonly repeated: boolean;
  readonly header: Uint8Array;
  readonly signature: Uint8Array;
  /** The body when it goes in one piece, else empty. */
  readonly body: Uint8Array;
}

export interface ChunkFrame {
  readonly type: "chunk";
  /** The message's name. */
  readonly digest: Hex;
  readonly index: number;
  readonly bytes: Uint8Array;
}

const ENVELOPE = 1;
const ENVELOPE_REPEATED = 2;
const CHUNK = 3;
const SIGNATURE_BYTES = 65;
const DIGEST_BYTES = 32;

export function encodeEnvelopeFrame(
  header: Uint8Array,
  signature: Uint8Array,
  body: Uint8Array,
  repeated: boolean,
): Uint8Array {
  const prefix = Buffer.alloc(5);
  prefix[0] = repeated ? ENVELOPE_REPEATED : ENVELOPE;
  prefix.writeUInt32LE(header.length, 1);
  return concatBytes(prefix, header, signature, body);
}

export function encodeChunkFrame(digest: Uint8Array, index: number, bytes: Uint8Array): Uint8Array {
  const prefix = Buffer.alloc(3);
  prefix[0] = CHUNK;
  prefix.writeUInt16LE(index, 1);
  return concatBytes(prefix, digest, bytes);
}

/** The frame in these bytes, as views of them; `undefined` when it is none. */
export function decodeFrame(bytes: Uint8Array): Frame | undefined {
  const buffer = asBuffer(bytes);
  const type = bytes[0];
  if (type === CHUNK) {
    const start = 3 + DIGEST_BYTES;
    if (bytes.length <= start) return undefined;
    const digest = bytesToHex(bytes.subarray(3, start));
    return { type: "chunk", digest, index: buffer.readUInt16LE(1), bytes: bytes.subarray(start) };
  }
  if ((type !== ENVELOPE && type !== ENVELOPE_REPEATED) || bytes.length < 5) return undefined;
  const headerEnd = 5 + buffer.readUInt32LE(1);
  const bodyStart = headerEnd + SIGNATURE_BYTES;
  if (bytes.length < bodyStart) return undefined;
  return {
    type: "envelope",
    repeated: type === ENVELOPE_REPEATED,
    header: bytes.subarray(5, headerEnd),
    signature: bytes.subarray(headerEnd, bodyStart),
    body: bytes.subarray(bodyStart),
  };
}
