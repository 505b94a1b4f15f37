import { concatBytes } from "@sheaf/base";
import { advertsToBytes, bytesToAdverts } from "./advert-codec.ts";
import {
  decodeEntries,
  decodeSections,
  encodeEntries,
  encodeSections,
  frame,
  HEADER_BYTES,
  KIND,
  mapEntries,
  unframe,
} from "./frame.ts";
import { isRejection, reject, roundDigest } from "./round.ts";
import { SEALED_BYTES } from "./seal.ts";
import { membersToBitmap } from "./survivors.ts";
import type { MemberId, Rejection, SecaggRound, SecaggTranscript, UnmaskShares } from "./types.ts";
import { bytesToWords, wordsToBytes } from "./words.ts";

const MOST_SIGNATURE_BYTES = 255;
const SEED_SHARE = 0;
const KEY_SHARE = 1;

/** R1, both ways: sealed shares by receiver on the way up, by sender on the way down. */
export function encodeSealedShares(
  round: SecaggRound,
  sealed: ReadonlyMap<MemberId, Uint8Array>,
): Uint8Array {
  return frame(KIND.sealedShares, roundDigest(round), encodeEntries(round.members, sealed));
}

export function decodeSealedShares(
  round: SecaggRound,
  message: Uint8Array,
): ReadonlyMap<MemberId, Uint8Array> | Rejection {
  const body = unframe(KIND.sealedShares, roundDigest(round), message);
  return isRejection(body) ? body : decodeEntries(round.members, body, SEALED_BYTES);
}

/** R2: the words after the header. */
export function encodeMasked(round: SecaggRound, masked: Uint32Array): Uint8Array {
  return frame(KIND.masked, roundDigest(round), wordsToBytes(masked));
}

/** `WRONG_DIMENSION` for any other number of bytes than the round's. */
export function decodeMasked(round: SecaggRound, message: Uint8Array): Uint32Array | Rejection {
  const body = unframe(KIND.masked, roundDigest(round), message);
  if (isRejection(body)) return body;
  return body.length === 4 * round.dimension ? bytesToWords(body) : reject("WRONG_DIMENSION");
}

/** R3: one bit a member. */
export function encodeSurvivors(round: SecaggRound, survivors: readonly MemberId[]): Uint8Array {
  return frame(KIND.survivors, roundDigest(round), membersToBitmap(round.members, survivors));
}

export function decodeSurvivors(round: SecaggRound, message: Uint8Array): MemberId[] | Rejection {
  const body = unframe(KIND.survivors, roundDigest(round), message);
  if (isRejection(body)) return body;
  const { members } = round;
  const survivors = members.filter((_, index) => (((body[index >> 3] ?? 0) >> (index & 7)) & 1) === 1);
  const again = membersToBitmap(members, survivors);
  const isSame = again.length === body.length && again.every((byte, index) => byte === body[index]);
  return isSame ? survivors : reject("MALFORMED");
}

export function encodeConfirmation(round: SecaggRound, signature: Uint8Array): Uint8Array {
  return frame(KIND.confirmation, roundDigest(round), signature);
}

export function decodeConfirmation(round: SecaggRound, message: Uint8Array): Uint8Array | Rejection {
  const body = unframe(KIND.confirmation, roundDigest(round), message);
  if (isRejection(body)) return body;
  return body.length >= 1 && body.length <= MOST_SIGNATURE_BYTES ? body.slice() : reject("MALFORMED");
}

/** Signatures of one length, which is the first byte; at least one. */
export function encodeConfirmations(
  round: SecaggRound,
  confirmations: ReadonlyMap<MemberId, Uint8Array>,
): Uint8Array {
  const length = Math.max(...[...confirmations.values()].map((signature) => signature.length));
  return frame(
    KIND.confirmations,
    roundDigest(round),
    Uint8Array.of(length),
    encodeEntries(round.members, confirmations),
  );
}

export function decodeConfirmations(
  round: SecaggRound,
  message: Uint8Array,
): ReadonlyMap<MemberId, Uint8Array> | Rejection {
  const body = unframe(KIND.confirmations, roundDigest(round), message);
  if (isRejection(body)) return body;
  const length = body[0] ?? 0;
  if (length === 0 || body.length === 1) return reject("MALFORMED");
  return decodeEntries(round.members, body.subarray(1), length);
}

/** R4: for each member a byte that says which share it is, and the share. */
export function encodeUnmaskShares(round: SecaggRound, shares: UnmaskShares): Uint8Array {
  const entries = new Map<MemberId, Uint8Array>();
  for (const [member, share] of shares.seeds)
    entries.set(member, concatBytes(Uint8Array.of(SEED_SHARE), share));
  for (const [member, share] of shares.keys)
    entries.set(member, concatBytes(Uint8Array.of(KEY_SHARE), share));
  return frame(KIND.unmaskShares, roundDigest(round), encodeEntries(round.members, entries));
}

export function decodeUnmaskShares(round: SecaggRound, message: Uint8Array): UnmaskShares | Rejection {
  const body = unframe(KIND.unmaskShares, roundDigest(round), message);
  if (isRejection(body)) return body;
  const entries = decodeEntries(round.members, body, 33);
  if (isRejection(entries)) return entries;
  const seeds = new Map<MemberId, Uint8Array>();
  const keys = new Map<MemberId, Uint8Array>();
  for (const [member, entry] of entries) {
    if ((entry[0] as number) > KEY_SHARE) return reject("MALFORMED", member);
    (entry[0] === SEED_SHARE ? seeds : keys).set(member, entry.slice(1));
  }
  return { seeds, keys };
}

/** Graph seed, adverts, masked inputs, seeds and keys, each with its length before it. */
export function encodeTranscript(transcript: SecaggTranscript): Uint8Array {
  const { round, adverts, graphSeed, masked, seeds, keys } = transcript;
  const words = new Map([...masked].map(([member, vector]) => [member, wordsToBytes(vector)]));
  return frame(
    KIND.transcript,
    roundDigest(round),
    encodeSections([
      graphSeed,
      advertsToBytes(adverts),
      encodeEntries(round.members, words),
      encodeEntries(round.members, seeds),
      encodeEntries(round.members, keys),
    ]),
  );
}

export function decodeTranscript(round: SecaggRound, message: Uint8Array): SecaggTranscript | Rejection {
  const body = unframe(KIND.transcript, roundDigest(round), message);
  if (isRejection(body)) return body;
  const sections = decodeSections(body);
  if (isRejection(sections)) return sections;
  const [graphSeed, advertBytes, maskedBytes, seedBytes, keyBytes, more] = sections;
  if (graphSeed?.length !== 32 || !advertBytes || !maskedBytes || !seedBytes || !keyBytes || more) {
    return reject("MALFORMED");
  }
  const adverts = bytesToAdverts(round, advertBytes);
  if (isRejection(adverts)) return adverts;
  const words = decodeEntries(round.members, maskedBytes, 4 * round.dimension);
  const masked = isRejection(words) ? words : mapEntries(words, bytesToWords);
  if (isRejection(masked)) return masked;
  const seeds = decodeEntries(round.members, seedBytes, 32);
  if (isRejection(seeds)) return seeds;
  const keys = decodeEntries(round.members, keyBytes, 32);
  if (isRejection(keys)) return keys;
  return { round, adverts, graphSeed, masked, seeds, keys };
}

/** Bytes of a masked input on its way, header included. */
export function maskedMessageBytes(dimension: number): number {
  return HEADER_BYTES + 4 * dimension;
}
