import { bytesToHex, concatBytes, utf8 } from "@sheaf/base";
import { decodeSections, encodeSections, frame, KIND, unframe } from "./frame.ts";
import { digest, memberToBytes } from "./hash.ts";
import { isRejection, reject } from "./round.ts";
import type { KeyAdvert, Rejection, SecaggRound } from "./types.ts";

const KEYS_BYTES = 20 + 3 * 32;
const MOST_SIGNATURE_BYTES = 255;

/** R0: address, three fields of 32 bytes, signature. Named by context and model, since groups come later. */
export function encodeKeyAdvert(round: SecaggRound, advert: KeyAdvert): Uint8Array {
  return frame(KIND.keyAdvert, keysName(round), advertToBytes(advert));
}

/** Reads the form only; what `checkKeyAdvert` finds comes after. */
export function decodeKeyAdvert(round: SecaggRound, message: Uint8Array): KeyAdvert | Rejection {
  const body = unframe(KIND.keyAdvert, keysName(round), message);
  return isRejection(body) ? body : bytesToAdvert(round, body);
}

/** All adverts of a cohort or of a group, by address. */
export function encodeKeyAdverts(round: SecaggRound, adverts: readonly KeyAdvert[]): Uint8Array {
  return frame(KIND.keyAdverts, keysName(round), advertsToBytes(adverts));
}

export function decodeKeyAdverts(round: SecaggRound, message: Uint8Array): KeyAdvert[] | Rejection {
  const body = unframe(KIND.keyAdverts, keysName(round), message);
  return isRejection(body) ? body : bytesToAdverts(round, body);
}

export function advertsToBytes(adverts: readonly KeyAdvert[]): Uint8Array {
  const sorted = [...adverts].sort((a, b) => (a.member < b.member ? -1 : 1));
  return encodeSections(sorted.map(advertToBytes));
}

export function bytesToAdverts(round: SecaggRound, bytes: Uint8Array): KeyAdvert[] | Rejection {
  const sections = decodeSections(bytes);
  if (isRejection(sections)) return sections;
  const adverts: KeyAdvert[] = [];
  for (const section of sections) {
    const advert = bytesToAdvert(round, section);
    if (isRejection(advert)) return advert;
    const before = adverts.at(-1)?.member ?? "";
    if (advert.member === before) return reject("DUPLICATE", before);
    if (advert.member < before) return reject("MALFORMED");
    adverts.push(advert);
  }
  return adverts;
}

function keysName(round: SecaggRound): Uint8Array {
  return digest("keys-round", utf8(round.context), round.modelHash);
}

function advertToBytes(advert: KeyAdvert): Uint8Array {
  const { member, channelKey, maskKey, seedDigest, signature } = advert;
  return concatBytes(memberToBytes(member), channelKey, maskKey, seedDigest, signature);
}

function bytesToAdvert(round: SecaggRound, bytes: Uint8Array): KeyAdvert | Rejection {
  const signatureBytes = bytes.length - KEYS_BYTES;
  if (signatureBytes < 1 || signatureBytes > MOST_SIGNATURE_BYTES) return reject("MALFORMED");
  const member = bytesToHex(bytes.subarray(0, 20));
  if (!round.members.includes(member)) return reject("UNKNOWN_MEMBER", member);
  return {
    member,
    channelKey: bytes.slice(20, 52),
    maskKey: bytes.slice(52, 84),
    seedDigest: bytes.slice(84, 116),
    signature: bytes.slice(116),
  };
}
