import type { Hex } from "@sheaf/base";

/** The greatest EVM word. */
export const MAX_WORD = (1n << 256n) - 1n;
const MODULUS = 1n << 256n;
const MAX_UINT64 = (1n << 64n) - 1n;

/** A sum of two words, modulo 2^256; faster than masking, which always allocates twice. */
export function wrapSum(sum: bigint): bigint {
  return sum > MAX_WORD ? sum - MODULUS : sum;
}

/** A difference of two words, modulo 2^256. */
export function wrapDifference(difference: bigint): bigint {
  return difference < 0n ? difference + MODULUS : difference;
}

/** The 32 bytes at `offset`, big-endian. */
export function readWord(view: DataView, offset: number): bigint {
  const high = view.getBigUint64(offset);
  const upper = view.getBigUint64(offset + 8);
  const lower = view.getBigUint64(offset + 16);
  const low = view.getBigUint64(offset + 24);
  if (high === 0n && upper === 0n && lower === 0n) return low;
  return (((((high << 64n) | upper) << 64n) | lower) << 64n) | low;
}

/** Writes a word as 32 bytes at `offset`, big-endian. */
export function writeWord(view: DataView, offset: number, word: bigint): void {
  if (word <= MAX_UINT64) {
    view.setFloat64(offset, 0);
    view.setFloat64(offset + 8, 0);
    view.setFloat64(offset + 16, 0);
  } else {
    view.setBigUint64(offset, word >> 192n);
    view.setBigUint64(offset + 8, word >> 128n);
    view.setBigUint64(offset + 16, word >> 64n);
  }
  view.setBigUint64(offset + 24, word);
}

/** The word of 32 bytes. */
export function wordOfBytes(bytes: Uint8Array): bigint {
  return readWord(new DataView(bytes.buffer, bytes.byteOffset, 32), 0);
}

/** 32 bytes in hex of a word's hex digits. */
export function wordToHex(digits: string): Hex {
  return `0x${digits.padStart(64, "0")}`;
}

/** The bytes from `offset`, `length` of them, with zeros beyond the end. */
export function paddedSlice(bytes: Uint8Array, offset: number, length: number): Uint8Array {
  const out = new Uint8Array(length);
  if (offset < bytes.length) out.set(bytes.subarray(offset, offset + length));
  return out;
}
