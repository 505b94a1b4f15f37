import { bigintToBytes, concatBytes } from "@sheaf/base";

/** base^exponent mod modulus, square and multiply. Not in constant time. */
export function modPow(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

export function gcd(a: bigint, b: bigint): bigint {
  let [larger, smaller] = [a, b];
  while (smaller !== 0n) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}

/** The x in [0, modulus) with a x = 1 mod modulus; `a` and `modulus` share no factor. */
export function modInverse(a: bigint, modulus: bigint): bigint {
  let [previous, current] = [((a % modulus) + modulus) % modulus, modulus];
  let [x, next] = [1n, 0n];
  while (current !== 0n) {
    const quotient = previous / current;
    [previous, current] = [current, previous - quotient * current];
    [x, next] = [next, x - quotient * next];
  }
  return ((x % modulus) + modulus) % modulus;
}

/** The whole root of a square. */
export function squareRoot(square: bigint): bigint {
  let root = 1n << BigInt(Math.ceil(square.toString(2).length / 2));
  for (;;) {
    const next = (root + square / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** Big-endian in `length` bytes; `value` is not longer. */
export function toFixedBytes(value: bigint, length: number): Uint8Array {
  const bytes = bigintToBytes(value);
  return concatBytes(new Uint8Array(length - bytes.length), bytes);
}
