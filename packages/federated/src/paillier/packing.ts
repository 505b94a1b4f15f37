import { invalidInput } from "@sheaf/base";

/** How values lie in a plaintext, side by side, each in a slot with room for the sum. */
export interface Packing {
  /** Bits of a value with its sign: it lies in [-2^(bits-1), 2^(bits-1)). */
  readonly bits: number;
  /** The most vectors that will be added. */
  readonly members: number;
}

/** Bits of a slot: a value is shifted to be positive, and a sum of `members` of them carries into no other slot. */
export function slotBits({ bits, members }: Packing): number {
  const isSound = Number.isInteger(bits) && bits >= 2 && Number.isInteger(members) && members >= 1;
  if (!isSound || members * 2 ** (bits - 1) > 2 ** 31) {
    throw invalidInput("packing", `the sum of ${members} values of ${bits} bits does not fit in 32 bits`);
  }
  return bits + Math.ceil(Math.log2(members));
}

/** Values in one plaintext of a key of `keyBits` bits. */
export function slotsPerPlaintext(keyBits: number, packing: Packing): number {
  return Math.floor((keyBits - 1) / slotBits(packing));
}

/** Ciphertexts for a vector of `dimension` values. */
export function ciphertextCount(keyBits: number, dimension: number, packing: Packing): number {
  return Math.ceil(dimension / slotsPerPlaintext(keyBits, packing));
}

/** One plaintext; the first value lies lowest. `INVALID_INPUT` for a value of more bits. */
export function packValues(values: Int32Array, packing: Packing): bigint {
  const width = BigInt(slotBits(packing));
  const shift = 2 ** (packing.bits - 1);
  let packed = 0n;
  for (let i = values.length - 1; i >= 0; i--) {
    const shifted = (values[i] as number) + shift;
    if (shifted < 0 || shifted >= 2 * shift) {
      throw invalidInput("paillier value", `${values[i]} needs more than ${packing.bits} bits`);
    }
    packed = (packed << width) | BigInt(shifted);
  }
  return packed;
}

/**
 * The sums in the first `target.length` slots of the sum of `contributors` plaintexts. Gives false when
 * something lies beyond the last slot: no sum of so many vectors.
 */
export function unpackSums(
  packed: bigint,
  packing: Packing,
  contributors: number,
  target: Int32Array,
): boolean {
  const width = BigInt(slotBits(packing));
  const mask = (1n << width) - 1n;
  const shift = contributors * 2 ** (packing.bits - 1);
  let rest = packed;
  for (let i = 0; i < target.length; i++) {
    target[i] = Number(rest & mask) - shift;
    rest >>= width;
  }
  return rest === 0n;
}
