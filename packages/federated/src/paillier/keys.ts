import { bytesToBigint, concatBytes, invalidInput } from "@sheaf/base";
import { generateRandomKeys } from "paillier-bigint";
import { gcd, squareRoot, toFixedBytes } from "./arithmetic.ts";

/** What everybody may know: the modulus. The generator is n + 1. */
export interface PaillierPublicKey {
  /** Bits of `n`. */
  readonly bits: number;
  readonly n: bigint;
}

/** The consumer's keys: who has `p` and `q` reads every ciphertext, not only sums. */
export interface PaillierKeys {
  readonly publicKey: PaillierPublicKey;
  readonly p: bigint;
  readonly q: bigint;
}

const SIZES: readonly number[] = [1024, 2048, 3072, 4096];

/** New keys with a modulus of 1,024 (for experiments only), 2,048, 3,072 or 4,096 bits; else `INVALID_INPUT`. */
export async function createPaillierKeys(bits: number): Promise<PaillierKeys> {
  if (!SIZES.includes(bits))
    throw invalidInput("paillier key bits", `${bits} is none of ${SIZES.join(", ")}`);
  const { publicKey, privateKey } = await generateRandomKeys(bits, true);
  const { n } = publicKey;
  const p = factorOf(n, privateKey.lambda);
  return { publicKey: { bits, n }, p, q: n / p };
}

/** The larger prime of n = p q from lambda = (p - 1)(q - 1): p + q = n + 1 - lambda. */
function factorOf(n: bigint, lambda: bigint): bigint {
  const sum = n + 1n - lambda;
  return (sum + squareRoot(sum * sum - 4n * n)) / 2n;
}

/** The modulus, big-endian. */
export function encodePaillierKey(key: PaillierPublicKey): Uint8Array {
  return toFixedBytes(key.n, key.bits / 8);
}

/** `undefined` for bytes that are no odd modulus of a known size. */
export function decodePaillierKey(bytes: Uint8Array): PaillierPublicKey | undefined {
  const bits = 8 * bytes.length;
  const isModulus =
    SIZES.includes(bits) && (bytes[0] as number) >= 0x80 && ((bytes.at(-1) as number) & 1) === 1;
  return isModulus ? { bits, n: bytesToBigint(bytes) } : undefined;
}

/** Both primes: a secret, for the consumer's own store. */
export function encodePaillierSecret(keys: PaillierKeys): Uint8Array {
  const length = keys.publicKey.bits / 16 + 1;
  return concatBytes(toFixedBytes(keys.p, length), toFixedBytes(keys.q, length));
}

export function decodePaillierSecret(bytes: Uint8Array): PaillierKeys | undefined {
  const half = bytes.length / 2;
  const bits = 16 * (half - 1);
  if (!SIZES.includes(bits)) return undefined;
  const [p, q] = [bytesToBigint(bytes.subarray(0, half)), bytesToBigint(bytes.subarray(half))];
  const n = p * q;
  if (n.toString(2).length !== bits || p <= q || gcd(p, q) !== 1n) return undefined;
  return { publicKey: { bits, n }, p, q };
}
