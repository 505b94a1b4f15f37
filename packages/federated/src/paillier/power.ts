import { createDiffieHellman } from "node:crypto";
import { asBuffer, bigintToBytes, bytesToBigint } from "@sheaf/base";
import { modPow } from "./arithmetic.ts";

/** base^exponent mod m for one exponent and one odd modulus m. */
export type Power = (base: bigint) => bigint;

/**
 * Powers by OpenSSL, through the agreement of Diffie and Hellman: its secret is `base^exponent mod prime`, and it
 * does not ask whether the modulus is a prime. In constant time, and seven times as fast as BigInt. Where
 * OpenSSL refuses (a base or a power of 0, 1 or -1, a modulus below 512 bits), BigInt computes it.
 */
export function createPower(exponent: bigint, modulus: bigint): Power {
  const fast = createFastPower(exponent, modulus);
  return (base) => fast?.(base) ?? modPow(base, exponent, modulus);
}

/** As `createPower`, by OpenSSL alone: `undefined` for what it refuses, and when it fails a trial. */
export function createFastPower(
  exponent: bigint,
  modulus: bigint,
): ((base: bigint) => bigint | undefined) | undefined {
  try {
    const group = createDiffieHellman(asBuffer(bigintToBytes(modulus)), 2);
    const power = (base: bigint, by: bigint): bigint | undefined => {
      group.setPrivateKey(asBuffer(bigintToBytes(by)));
      return secretOf(() => group.computeSecret(asBuffer(bigintToBytes(base))));
    };
    const [sample, short] = [modulus >> 1n, 65_537n];
    if (power(sample, short) !== modPow(sample, short, modulus)) return undefined;
    return (base) => power(base, exponent);
  } catch {
    return undefined;
  }
}

/** Node raises, or gives zeros, when OpenSSL computes no secret. */
function secretOf(compute: () => Uint8Array): bigint | undefined {
  try {
    const secret = bytesToBigint(compute());
    return secret === 0n ? undefined : secret;
  } catch {
    return undefined;
  }
}
