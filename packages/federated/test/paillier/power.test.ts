import { randomBytes } from "node:crypto";
import { bytesToBigint } from "@sheaf/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gcd, modInverse, modPow, squareRoot, toFixedBytes } from "../../src/paillier/arithmetic.ts";
import { createFastPower, createPower } from "../../src/paillier/power.ts";

const random = (bytes: number): bigint => bytesToBigint(randomBytes(bytes));
const positive = fc.bigInt({ min: 1n, max: 2n ** 256n });

describe("powers", () => {
  it("by OpenSSL equal those by BigInt, for squares of composites as for anything odd", () => {
    for (let turn = 0; turn < 12; turn++) {
      const n = random(64 + 8 * turn) | 1n;
      const modulus = n * n;
      const exponent = random(32);
      const fast = createFastPower(exponent, modulus);
      expect(fast).toBeDefined();
      for (let sample = 0; sample < 4; sample++) {
        const base = 2n + (random(200) % (modulus - 3n));
        expect(fast?.(base)).toBe(modPow(base, exponent, modulus));
      }
    }
  });

  it("of zero, one and minus one, and under moduli that OpenSSL refuses, are BigInt's", () => {
    const modulus = (random(64) | 1n) ** 2n;
    const power = createPower(7n, modulus);
    expect([0n, 1n, modulus - 1n].map(power)).toEqual([0n, 1n, modulus - 1n]);
    // A power that is one, or zero.
    const cube = 3n ** 400n;
    expect(createPower(2n * 3n ** 399n, cube)(2n)).toBe(1n);
    expect(createPower(400n, cube)(3n)).toBe(0n);
    expect(createFastPower(5n, 35n)).toBeUndefined();
    expect(createFastPower(5n, (random(31) | 1n) ** 2n)).toBeUndefined();
    expect(createPower(5n, 35n)(3n)).toBe(243n % 35n);
  });

  it("by square and multiply are right", () => {
    fc.assert(
      fc.property(positive, fc.bigInt({ min: 0n, max: 200n }), positive, (base, exponent, modulus) => {
        fc.pre(modulus > 1n);
        expect(modPow(base, exponent, modulus)).toBe(base ** exponent % modulus);
      }),
    );
  });
});

describe("arithmetic", () => {
  it("inverts, divides and takes roots", () => {
    fc.assert(
      fc.property(positive, positive, (a, b) => {
        const common = gcd(a, b);
        expect([a % common, b % common]).toEqual([0n, 0n]);
        if (common === 1n && b > 1n) expect((a * modInverse(a, b)) % b).toBe(1n);
        expect(gcd(a / common, b / common)).toBe(1n);
        expect(squareRoot(a * a)).toBe(a);
        expect(bytesToBigint(toFixedBytes(a, 40))).toBe(a);
        expect(toFixedBytes(a, 40).length).toBe(40);
      }),
    );
  });
});
