import { createCipheriv } from "node:crypto";
import { concatBytes } from "@sheaf/base";
import { deriveKey, memberToBytes } from "./hash.ts";
import type { MemberId } from "./types.ts";

const CHUNK_WORDS = 16_384;
const ZEROS = new Uint8Array(4 * CHUNK_WORDS);
const COUNTER = new Uint8Array(16);

/**
 * Adds to `total`, or subtracts from it, the words of AES-256-CTR under `key` from counter zero, modulo 2^32
 * and read as little-endian [SECAGG.9]. A key is for one stream. Chunks stay in the processor's cache.
 */
export function addStream(total: Int32Array, key: Uint8Array, sign: 1 | -1): void {
  const cipher = createCipheriv("aes-256-ctr", key, COUNTER);
  for (let start = 0; start < total.length; start += CHUNK_WORDS) {
    const part = total.subarray(start, start + CHUNK_WORDS);
    const bytes = cipher.update(ZEROS.subarray(0, 4 * part.length));
    const stream = new Int32Array(bytes.buffer, bytes.byteOffset, part.length);
    if (sign === 1) addWords(part, stream);
    else subtractWords(part, stream);
  }
}

/** total += words, modulo 2^32. Four at a time: a quarter of a round's time is spent here. */
export function addWords(total: Int32Array, words: Int32Array | Uint32Array): void {
  const whole = total.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    total[i] = ((total[i] as number) + (words[i] as number)) | 0;
    total[i + 1] = ((total[i + 1] as number) + (words[i + 1] as number)) | 0;
    total[i + 2] = ((total[i + 2] as number) + (words[i + 2] as number)) | 0;
    total[i + 3] = ((total[i + 3] as number) + (words[i + 3] as number)) | 0;
  }
  for (let i = whole; i < total.length; i++) total[i] = ((total[i] as number) + (words[i] as number)) | 0;
}

/** total -= words, likewise. */
function subtractWords(total: Int32Array, words: Int32Array): void {
  const whole = total.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    total[i] = ((total[i] as number) - (words[i] as number)) | 0;
    total[i + 1] = ((total[i + 1] as number) - (words[i + 1] as number)) | 0;
    total[i + 2] = ((total[i + 2] as number) - (words[i + 2] as number)) | 0;
    total[i + 3] = ((total[i + 3] as number) - (words[i + 3] as number)) | 0;
  }
  for (let i = whole; i < total.length; i++) total[i] = ((total[i] as number) - (words[i] as number)) | 0;
}

/** Key of the self mask. */
export function selfMaskKey(seed: Uint8Array, session: Uint8Array, member: MemberId): Uint8Array {
  return deriveKey(seed, session, "self-mask", memberToBytes(member), 32);
}

/** Key of the mask between two members, from what they agreed; the same on both sides. */
export function pairMaskKey(agreed: Uint8Array, session: Uint8Array, a: MemberId, b: MemberId): Uint8Array {
  return deriveKey(agreed, session, "pair-mask", pairBytes(a, b), 32);
}

/** The lower of two members adds their mask, the higher subtracts it. */
export function signOf(own: MemberId, other: MemberId): 1 | -1 {
  return own < other ? 1 : -1;
}

/** Both addresses, the lower one first. */
export function pairBytes(a: MemberId, b: MemberId): Uint8Array {
  const [low, high] = a < b ? [a, b] : [b, a];
  return concatBytes(memberToBytes(low), memberToBytes(high));
}
