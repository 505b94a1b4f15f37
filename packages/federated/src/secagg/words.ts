import { concatBytes } from "@sheaf/base";

/** The little-endian bytes of words (the same memory): what is hashed and what is sent. */
export function wordsToBytes(words: Uint32Array | Int32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}

/** The words of little-endian bytes; a copy unless they lie aligned in their memory. */
export function bytesToWords(bytes: Uint8Array): Uint32Array {
  if (bytes.byteOffset % 4 !== 0) return bytesToWords(concatBytes(bytes));
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}
