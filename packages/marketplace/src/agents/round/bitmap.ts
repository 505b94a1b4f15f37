import { bigintToBytes, bytesToBigint } from "@sheaf/base";
import type { Address } from "@sheaf/protocol";

/** Bit i is owner i. Members that are no owners have no bit. */
export function toBitmap(owners: readonly Address[], members: Iterable<Address>): bigint {
  const places = new Map(owners.map((owner, index) => [owner, index]));
  let bitmap = 0n;
  for (const member of members) {
    const place = places.get(member);
    if (place !== undefined) bitmap |= 1n << BigInt(place);
  }
  return bitmap;
}

/** The owners whose bit is set, in the order of the bits; `undefined` when a bit is nobody's. */
export function fromBitmap(owners: readonly Address[], bitmap: bigint): Address[] | undefined {
  if (bitmap >> BigInt(owners.length) !== 0n) return undefined;
  return owners.filter((_, index) => ((bitmap >> BigInt(index)) & 1n) === 1n);
}

/** 32 bytes, big-endian, as on chain. */
export function bitmapToBytes(bitmap: bigint): Uint8Array {
  const bytes = new Uint8Array(32);
  const minimal = bigintToBytes(bitmap);
  bytes.set(minimal, 32 - minimal.length);
  return bytes;
}

export const bytesToBitmap = bytesToBigint;
