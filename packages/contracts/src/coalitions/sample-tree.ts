import { concatBytes, invariant } from "@sheaf/base";
import type { Keccak256 } from "../expected.ts";

const leafPrefix = Uint8Array.of(0);
const nodePrefix = Uint8Array.of(1);

/** The root of a worker's samples, at least one [CHALLENGE.3]: 32 bytes, what its statement names. */
export function sampleRoot(samples: readonly Uint8Array[], keccak256: Keccak256): Uint8Array {
  invariant(samples.length > 0, "a tree has samples");
  const [only] = samples;
  if (samples.length === 1 && only !== undefined) return keccak256(concatBytes(leafPrefix, only));
  const split = splitOf(samples.length);
  const left = sampleRoot(samples.slice(0, split), keccak256);
  return keccak256(concatBytes(nodePrefix, left, sampleRoot(samples.slice(split), keccak256)));
}

/** What shows that the sample at `index` is in the tree [CHALLENGE.3]: hashes of 32 bytes, from the leaf upwards. */
export function sampleProof(
  samples: readonly Uint8Array[],
  index: number,
  keccak256: Keccak256,
): readonly Uint8Array[] {
  invariant(Number.isInteger(index) && index >= 0 && index < samples.length, `no sample ${index}`);
  if (samples.length === 1) return [];
  const split = splitOf(samples.length);
  const [left, right] = [samples.slice(0, split), samples.slice(split)];
  return index < split
    ? [...sampleProof(left, index, keccak256), sampleRoot(right, keccak256)]
    : [...sampleProof(right, index - split, keccak256), sampleRoot(left, keccak256)];
}

/** Leaves on the left: the largest power of two below `size`, as in RFC 9162, section 2.1.1. */
function splitOf(size: number): number {
  return 2 ** Math.floor(Math.log2(size - 1));
}
