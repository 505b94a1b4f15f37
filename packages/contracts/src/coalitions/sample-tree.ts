import { bigintToBytes, concatBytes, invariant } from "@sheaf/base";
import type { Keccak256 } from "../expected.ts";

/** The root of a worker's samples, at least one [CHALLENGE.3]: 32 bytes, what its statement names. */
export function sampleRoot(samples: readonly Uint8Array[], keccak256: Keccak256): Uint8Array {
  invariant(samples.length > 0, "a tree has samples");
  return rootOf(leavesOf(samples, keccak256), keccak256);
}

/** What shows that the sample at `index` is in the tree [CHALLENGE.3]: hashes of 32 bytes, from the leaf upwards. */
export function sampleProof(
  samples: readonly Uint8Array[],
  index: number,
  keccak256: Keccak256,
): readonly Uint8Array[] {
  invariant(Number.isInteger(index) && index >= 0 && index < samples.length, `no sample ${index}`);
  return proofOf(leavesOf(samples, keccak256), index, keccak256);
}

function leavesOf(samples: readonly Uint8Array[], keccak256: Keccak256): readonly Uint8Array[] {
  return samples.map((sample, i) => {
    const index = bigintToBytes(BigInt(i));
    return keccak256(concatBytes(new Uint8Array(33 - index.length), index, sample));
  });
}

function rootOf(hashes: readonly Uint8Array[], keccak256: Keccak256): Uint8Array {
  const [only] = hashes;
  if (hashes.length === 1 && only !== undefined) return only;
  const [left, right] = halves(hashes);
  return keccak256(concatBytes(Uint8Array.of(1), rootOf(left, keccak256), rootOf(right, keccak256)));
}

function proofOf(hashes: readonly Uint8Array[], index: number, keccak256: Keccak256): readonly Uint8Array[] {
  if (hashes.length === 1) return [];
  const [left, right] = halves(hashes);
  return index < left.length
    ? [...proofOf(left, index, keccak256), rootOf(right, keccak256)]
    : [...proofOf(right, index - left.length, keccak256), rootOf(left, keccak256)];
}

/** On the left as many as the largest power of two below their number, as in RFC 9162, section 2.1.1. */
function halves(hashes: readonly Uint8Array[]): readonly [readonly Uint8Array[], readonly Uint8Array[]] {
  const split = 2 ** Math.floor(Math.log2(hashes.length - 1));
  return [hashes.slice(0, split), hashes.slice(split)];
}
