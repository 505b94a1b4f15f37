import { setImmediate } from "node:timers/promises";
import { bytesToBigint, invalidInput } from "@sheaf/base";
import { reject } from "../secagg/round.ts";
import type { Rejection } from "../secagg/types.ts";
import { modInverse } from "./arithmetic.ts";
import type { PaillierKeys, PaillierPublicKey } from "./keys.ts";
import { ciphertextCount, type Packing, packValues, slotsPerPlaintext, unpackSums } from "./packing.ts";
import { createPower } from "./power.ts";

/** Work between two turns of the event loop. */
const CIPHERTEXTS_PER_TURN = 8;

/**
 * A vector as packed ciphertexts (1 + m n) r^n mod n^2, each with its own r. Takes about 8 ms for each at 2,048 bits,
 * and lets the event loop turn meanwhile. `entropy` gives unpredictable bytes; `INVALID_INPUT` for a value of
 * more bits than the packing has.
 */
export async function encryptVector(
  key: PaillierPublicKey,
  values: Int32Array,
  packing: Packing,
  entropy: (length: number) => Uint8Array,
): Promise<bigint[]> {
  const { n } = key;
  const square = n * n;
  const toTheN = createPower(n, square);
  const slots = slotsPerPlaintext(key.bits, packing);
  const ciphertexts: bigint[] = [];
  for (let start = 0; start < values.length; start += slots) {
    const message = packValues(values.subarray(start, start + slots), packing);
    const factor = toTheN(randomUnit(key, entropy));
    ciphertexts.push(((1n + message * n) * factor) % square);
    if (ciphertexts.length % CIPHERTEXTS_PER_TURN === 0) await setImmediate();
  }
  return ciphertexts;
}

/** The ciphertexts of the sum; `WRONG_DIMENSION` when they are not equally many. At least one vector. */
export function addCiphertexts(
  key: PaillierPublicKey,
  vectors: readonly (readonly bigint[])[],
): bigint[] | Rejection {
  const [first, ...others] = vectors;
  if (first === undefined) throw invalidInput("paillier sum", "there is nothing to add");
  if (others.some((vector) => vector.length !== first.length)) return reject("WRONG_DIMENSION");
  const square = key.n * key.n;
  return first.map((start, index) =>
    others.reduce((product, vector) => (product * (vector[index] as bigint)) % square, start),
  );
}

/**
 * The sum of `contributors` vectors of `dimension` values. `WRONG_DIMENSION` for another number of ciphertexts,
 * `MALFORMED` for plaintexts that are no packed sum.
 */
export async function decryptSum(
  keys: PaillierKeys,
  ciphertexts: readonly bigint[],
  packing: Packing,
  { contributors, dimension }: { readonly contributors: number; readonly dimension: number },
): Promise<Int32Array | Rejection> {
  if (!Number.isInteger(contributors) || contributors < 1 || contributors > packing.members) {
    throw invalidInput("paillier contributors", `must be a whole number from 1 to ${packing.members}`);
  }
  const { bits } = keys.publicKey;
  if (ciphertexts.length !== ciphertextCount(bits, dimension, packing)) return reject("WRONG_DIMENSION");
  const decrypt = createDecrypt(keys);
  const slots = slotsPerPlaintext(bits, packing);
  const sum = new Int32Array(dimension);
  for (const [index, ciphertext] of ciphertexts.entries()) {
    const target = sum.subarray(index * slots, (index + 1) * slots);
    if (!unpackSums(decrypt(ciphertext), packing, contributors, target)) return reject("MALFORMED");
    if (index % CIPHERTEXTS_PER_TURN === 0) await setImmediate();
  }
  return sum;
}

/** m from c by the Chinese remainder theorem: modulo p and modulo q (Paillier 1999, section 7). */
function createDecrypt({ p, q, publicKey: { n } }: PaillierKeys): (ciphertext: bigint) => bigint {
  const modulo = (prime: bigint): ((ciphertext: bigint) => bigint) => {
    const square = prime * prime;
    const power = createPower(prime - 1n, square);
    const quotient = (value: bigint): bigint => (value - 1n) / prime;
    const scale = modInverse(quotient(power(n + 1n)), prime);
    return (ciphertext) => (quotient(power(ciphertext % square)) * scale) % prime;
  };
  const [moduloP, moduloQ] = [modulo(p), modulo(q)];
  const inverse = modInverse(q, p);
  return (ciphertext) => {
    const [a, b] = [moduloP(ciphertext), moduloQ(ciphertext)];
    return b + q * (((((a - b) * inverse) % p) + p) % p);
  };
}

/** Uniform in (1, n): 64 bits more than n has, reduced. It shares a factor with n only for who can break the key. */
function randomUnit({ bits, n }: PaillierPublicKey, entropy: (length: number) => Uint8Array): bigint {
  return 2n + (bytesToBigint(entropy(bits / 8 + 8)) % (n - 2n));
}
