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

const scratch = new Uint8Array(32);
const scratchView = new DataView(scratch.buffer);

/**
 * The word of the 32 bytes from `offset`, with zeros beyond the end. Copies byte by byte on purpose: a
 * view of a short array would move its bytes off the heap, which costs more than all the rest.
 */
export function wordOfBytes(bytes: Uint8Array, offset = 0): bigint {
  const length = bytes.length - offset;
  for (let index = 0; index < 32; index++)
    scratch[index] = index < length ? (bytes[offset + index] as number) : 0;
  return readWord(scratchView, 0);
}

/** 32 bytes in hex of a word's hex digits. */
export function wordToHex(digits: string): Hex {
  return `0x${digits.padStart(64, "0")}`;
}
