import { concatBytes } from "@sheaf/base";
import { divide, EXP, LOG, multiply } from "./field.ts";

/**
 * Shamir's sharing over GF(2^16) of a secret of any even number of bytes: one polynomial of degree
 * `threshold - 1` for each word of 16 bits, its value at zero the word [SECAGG.8].
 *
 * `points`: different and from 1 to 65,535. Gives one share, as long as the secret, for each point.
 */
export function splitSecret(
  secret: Uint8Array,
  threshold: number,
  points: readonly number[],
  entropy: (length: number) => Uint8Array,
): Uint8Array[] {
  const width = secret.length / 2;
  const coefficients = toWords(concatBytes(secret, entropy(secret.length * (threshold - 1))));
  return points.map((point) => {
    const log = LOG[point] as number;
    const value = coefficients.slice(width * (threshold - 1));
    for (let row = threshold - 2; row >= 0; row--) {
      const start = row * width;
      for (let i = 0; i < width; i++) {
        const word = value[i] as number;
        const product = word === 0 ? 0 : (EXP[(LOG[word] as number) + log] as number);
        value[i] = product ^ (coefficients[start + i] as number);
      }
    }
    return new Uint8Array(value.buffer);
  });
}

/**
 * Lagrange's coefficients at zero, or `at` another place, for different points: computed once for each set of
 * points.
 */
export function lagrange(points: readonly number[], at = 0): Uint16Array {
  return Uint16Array.from(points, (own) => {
    let numerator = 1;
    let denominator = 1;
    for (const other of points) {
      if (other === own) continue;
      numerator = multiply(numerator, other ^ at);
      denominator = multiply(denominator, other ^ own);
    }
    return divide(numerator, denominator);
  });
}

/** The secret, or the share at another place, of as many shares as there are coefficients, in their order. */
export function combineShares(coefficients: Uint16Array, shares: readonly Uint8Array[]): Uint8Array {
  const secret = new Uint16Array((shares[0] as Uint8Array).length / 2);
  coefficients.forEach((coefficient, index) => {
    const log = LOG[coefficient] as number;
    const words = toWords(shares[index] as Uint8Array);
    for (let i = 0; i < secret.length; i++) {
      const word = words[i] as number;
      if (word !== 0) (secret[i] as number) ^= EXP[(LOG[word] as number) + log] as number;
    }
  });
  return new Uint8Array(secret.buffer);
}

/** A copy as words in the machine's order. */
function toWords(bytes: Uint8Array): Uint16Array {
  return new Uint16Array(concatBytes(bytes).buffer);
}
