import { bytesToBigint, concatBytes } from "@sheaf/base";
import { reject } from "../secagg/round.ts";
import type { Rejection } from "../secagg/types.ts";
import { gcd, toFixedBytes } from "./arithmetic.ts";
import type { PaillierPublicKey } from "./keys.ts";

/** Bytes of one ciphertext: twice the modulus. */
export function ciphertextBytes(key: PaillierPublicKey): number {
  return key.bits / 4;
}

/** Ciphertexts one after another, big-endian, each as long as n^2. */
export function encodeCiphertexts(key: PaillierPublicKey, ciphertexts: readonly bigint[]): Uint8Array {
  const length = ciphertextBytes(key);
  return concatBytes(...ciphertexts.map((ciphertext) => toFixedBytes(ciphertext, length)));
}

/**
 * `WRONG_DIMENSION` unless there are `count`, `MALFORMED` unless each is a unit modulo n^2: one that is not would
 * spoil the sum.
 */
export function decodeCiphertexts(
  key: PaillierPublicKey,
  bytes: Uint8Array,
  count: number,
): bigint[] | Rejection {
  const length = ciphertextBytes(key);
  if (bytes.length !== count * length) return reject("WRONG_DIMENSION");
  const square = key.n * key.n;
  const ciphertexts = Array.from({ length: count }, (_, index) =>
    bytesToBigint(bytes.subarray(index * length, (index + 1) * length)),
  );
  if (ciphertexts.some((ciphertext) => ciphertext <= 1n || ciphertext >= square - 1n))
    return reject("MALFORMED");
  const product = ciphertexts.reduce((all, ciphertext) => (all * (ciphertext % key.n)) % key.n, 1n);
  return gcd(product, key.n) === 1n ? ciphertexts : reject("MALFORMED");
}
