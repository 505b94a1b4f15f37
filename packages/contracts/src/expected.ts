import { bigintToBytes, bytesToBigint, concatBytes, type Hex, hexToBytes } from "@sheaf/base";

/** Any keccak256; the caller brings the one it already has. */
export type Keccak256 = (bytes: Uint8Array) => Uint8Array;

/** The state of `Tally.sol`: how many results, and the sum of their digests modulo 2^192, in any order. */
export interface Tally {
  readonly count: bigint;
  readonly checksum: bigint;
}

export const emptyTally: Tally = { count: 0n, checksum: 0n };

/** The tally after one more result with this 32-byte digest. */
export function addToTally(tally: Tally, digest: Uint8Array): Tally {
  return {
    count: tally.count + 1n,
    checksum: BigInt.asUintN(192, tally.checksum + bytesToBigint(digest)),
  };
}

/** The arguments of `Record.record`. */
export interface Reading {
  /** 32 bytes. */
  readonly device: Hex;
  /** Of the application's choice, below 2^32. */
  readonly kind: number;
  /** 32 bytes. */
  readonly valueHash: Hex;
  /** Milliseconds since 1970 by the device's clock, below 2^64. */
  readonly timestamp: bigint;
}

/** What `Record` adds to its tallies for a reading. */
export function readingDigest(reading: Reading, keccak256: Keccak256): Uint8Array {
  return keccak256(
    concatBytes(
      hexToBytes(reading.device),
      word(BigInt(reading.kind)),
      hexToBytes(reading.valueHash),
      word(reading.timestamp),
    ),
  );
}

/** What `CpuHeavy.sort(seed, length)` returns and adds to its tally. */
export function sortDigest(seed: bigint, length: number, keccak256: Keccak256): Uint8Array {
  const numbers = new BigUint64Array(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    numbers[i] = state;
  }
  return keccak256(concatBytes(...Array.from(numbers.sort(), word)));
}

/** A non-negative integer as an EVM word: 32 bytes, big-endian. */
function word(value: bigint): Uint8Array {
  const bytes = bigintToBytes(value);
  return concatBytes(new Uint8Array(32 - bytes.length), bytes);
}
