import { asBuffer, bytesEqual, concatBytes, invariant } from "@sheaf/base";
import { isRejection, reject } from "./round.ts";
import type { MemberId, Rejection } from "./types.ts";

/** Kinds of messages; the fourth byte of each. */
export const KIND = {
  keyAdvert: 1,
  keyAdverts: 2,
  sealedShares: 3,
  masked: 4,
  survivors: 5,
  confirmation: 6,
  confirmations: 7,
  unmaskShares: 8,
  transcript: 9,
} as const;
export type Kind = (typeof KIND)[keyof typeof KIND];

const VERSION = 1;
/** "sa", version, kind, and the 32 bytes that name the round: a multiple of four, so that words lie aligned. */
export const HEADER_BYTES = 36;

/** A message: header, then `parts` [SECAGG.17]. */
export function frame(kind: Kind, name: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  return concatBytes(Uint8Array.of(0x73, 0x61, VERSION, kind), name, ...parts);
}

/** What follows the header; `MALFORMED`, or `WRONG_ROUND` for a message of another round, group or model. */
export function unframe(kind: Kind, name: Uint8Array, message: Uint8Array): Uint8Array | Rejection {
  if (message.length < HEADER_BYTES) return reject("MALFORMED");
  const [s, a, version, found] = message;
  if (s !== 0x73 || a !== 0x61 || version !== VERSION || found !== kind) return reject("MALFORMED");
  if (!bytesEqual(message.subarray(4, HEADER_BYTES), name)) return reject("WRONG_ROUND");
  // Not a `Buffer`, whose `slice` copies nothing.
  return new Uint8Array(message.buffer, message.byteOffset + HEADER_BYTES, message.length - HEADER_BYTES);
}

/** Contents by member: the member's index in two bytes and the content, in the order of `members`. */
export function encodeEntries(
  members: readonly MemberId[],
  contents: ReadonlyMap<MemberId, Uint8Array>,
): Uint8Array {
  const parts: Uint8Array[] = [];
  members.forEach((member, index) => {
    const content = contents.get(member);
    if (content !== undefined) parts.push(Uint8Array.of(index & 255, index >> 8), content);
  });
  invariant(
    parts.length === 2 * contents.size,
    "secure aggregation: a message about somebody who is no member",
  );
  return concatBytes(...parts);
}

/** Reads entries of `length` bytes each: `MALFORMED`, `UNKNOWN_MEMBER`, `DUPLICATE`. Contents share `bytes`. */
export function decodeEntries(
  members: readonly MemberId[],
  bytes: Uint8Array,
  length: number,
): Map<MemberId, Uint8Array> | Rejection {
  if (bytes.length % (2 + length) !== 0) return reject("MALFORMED");
  const contents = new Map<MemberId, Uint8Array>();
  let before = -1;
  for (let offset = 0; offset < bytes.length; offset += 2 + length) {
    const index = asBuffer(bytes).readUInt16LE(offset);
    const member = members[index];
    if (member === undefined) return reject("UNKNOWN_MEMBER");
    if (contents.has(member)) return reject("DUPLICATE", member);
    if (index < before) return reject("MALFORMED");
    before = index;
    contents.set(member, bytes.subarray(offset + 2, offset + 2 + length));
  }
  return contents;
}

/** Parts with their lengths before them, four bytes each. */
export function encodeSections(sections: readonly Uint8Array[]): Uint8Array {
  return concatBytes(
    ...sections.flatMap((section) => {
      const length = new Uint8Array(4);
      asBuffer(length).writeUInt32LE(section.length);
      return [length, section];
    }),
  );
}

/** All sections to the end of `bytes`, or `MALFORMED`. */
export function decodeSections(bytes: Uint8Array): Uint8Array[] | Rejection {
  const sections: Uint8Array[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    if (bytes.length - offset < 4) return reject("MALFORMED");
    const end = offset + 4 + asBuffer(bytes).readUInt32LE(offset);
    if (end > bytes.length) return reject("MALFORMED");
    sections.push(bytes.subarray(offset + 4, end));
    offset = end;
  }
  return sections;
}

/** The same contents, each turned by `to`; the first refusal ends it. */
export function mapEntries<T extends object>(
  contents: ReadonlyMap<MemberId, Uint8Array>,
  to: (content: Uint8Array, member: MemberId) => T | Rejection,
): Map<MemberId, T> | Rejection {
  const mapped = new Map<MemberId, T>();
  for (const [member, content] of contents) {
    const value = to(content, member);
    if (isRejection(value)) return value;
    mapped.set(member, value);
  }
  return mapped;
}
