import { createRandom } from "@sheaf/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { divide, multiply, ORDER } from "../../src/secagg/field.ts";
import { createReconstructor } from "../../src/secagg/reconstruct.ts";
import { combineShares, lagrange, splitSecret } from "../../src/secagg/shamir.ts";
import { at } from "./driver.ts";

/** Product of polynomials over GF(2), reduced bit by bit. */
function slowProduct(a: number, b: number): number {
  let product = 0;
  for (let bit = 15; bit >= 0; bit--) {
    product = (product << 1) ^ (product & 0x8000 ? 0x1100b : 0) ^ ((b >> bit) & 1 ? a : 0);
  }
  return product & 0xffff;
}

const element = fc.integer({ min: 0, max: ORDER });

describe("GF(2^16)", () => {
  it("multiplies as the slow way does, and divides back", () => {
    fc.assert(
      fc.property(element, element, (a, b) => {
        expect(multiply(a, b)).toBe(slowProduct(a, b));
        if (b !== 0) expect(divide(multiply(a, b), b)).toBe(a);
      }),
      { numRuns: 2_000 },
    );
  });

  it("has a generator: every element but zero has its own inverse", () => {
    const inverses = new Set<number>();
    for (let a = 1; a <= ORDER; a++) inverses.add(divide(1, a));
    expect(inverses.size).toBe(ORDER);
    expect(inverses.has(0)).toBe(false);
  });
});

const sharing = fc
  .record({
    holders: fc.integer({ min: 3, max: 40 }),
    seed: fc.integer(),
    share: fc.double({ min: 0.01, max: 1, noNaN: true }),
  })
  .map(({ holders, seed, share }) => {
    const threshold = Math.max(2, Math.ceil(share * holders));
    const random = createRandom(seed);
    const secret = random.bytes(64);
    const points = random.shuffle(Array.from({ length: 1_024 }, (_, index) => index + 1)).slice(0, holders);
    const shares = splitSecret(secret, threshold, points, (length) => random.bytes(length));
    const byPoint = new Map(points.map((point, index) => [point, shares[index] as Uint8Array]));
    return { threshold, random, secret, points, byPoint };
  });

describe("[SECAGG.8] shares", () => {
  it("give the secret for any threshold of them", () => {
    fc.assert(
      fc.property(sharing, ({ threshold, random, secret, points, byPoint }) => {
        for (let choice = 0; choice < 3; choice++) {
          const chosen = random.shuffle(points).slice(0, threshold);
          const given = chosen.map((point) => at(byPoint, point));
          expect(combineShares(lagrange(chosen), given)).toEqual(secret);
          const inBuffers = given.map((share) => Buffer.from(share));
          expect(combineShares(lagrange(chosen), inBuffers)).toEqual(secret);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("fit every other secret as well when one is missing", () => {
    fc.assert(
      fc.property(sharing, ({ threshold, random, secret, points, byPoint }) => {
        const few = points.slice(0, threshold - 1);
        const given = few.map((point) => at(byPoint, point));
        expect(combineShares(lagrange(few), given)).not.toEqual(secret);
        // One share more at a free point decides the secret: each value of it gives another one.
        const free = points.find((point) => !few.includes(point)) as number;
        const secrets = [random.bytes(64), random.bytes(64)].map((share) =>
          combineShares(lagrange([...few, free]), [...given, share]),
        );
        expect(secrets[0]).not.toEqual(secrets[1]);
      }),
      { numRuns: 60 },
    );
  });

  it("are the values of polynomials whose coefficients are all fresh entropy", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 9 }), fc.integer(), (threshold, seed) => {
        const random = createRandom(seed);
        const secret = random.bytes(8);
        const drawn: Uint8Array[] = [secret];
        const shares = splitSecret(secret, threshold, [1, 2, 65_535], (length) => {
          drawn.push(random.bytes(length));
          return drawn.at(-1) as Uint8Array;
        });
        const coefficients = Buffer.concat(drawn);
        expect(coefficients.length).toBe(8 * threshold);
        for (const [index, point] of [1, 2, 65_535].entries()) {
          for (let word = 0; word < 4; word++) {
            let value = 0;
            for (let power = 0, factor = 1; power < threshold; power++, factor = slowProduct(factor, point)) {
              value ^= slowProduct(coefficients.readUInt16LE(8 * power + 2 * word), factor);
            }
            expect(Buffer.from(shares[index] as Uint8Array).readUInt16LE(2 * word)).toBe(value);
          }
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe("[SECAGG.10] opening", () => {
  it("finds the secret among wrong shares as long as enough are right", () => {
    fc.assert(
      fc.property(
        sharing,
        fc.integer({ min: 1, max: 2 }),
        ({ threshold, random, secret, points, byPoint }, liars) => {
          fc.pre(points.length - liars >= threshold && points.length <= 16);
          const wrong = new Set(random.shuffle(points).slice(0, liars));
          const given = new Map(
            points.map((point) => {
              const share = at(byPoint, point).slice();
              const index = random.int(64);
              if (wrong.has(point)) share[index] = (share[index] as number) ^ (1 + random.int(255));
              return [point, share];
            }),
          );
          const isSecret = (found: Uint8Array): boolean => Buffer.from(found).equals(secret);
          expect(createReconstructor(threshold).open(given, isSecret)).toEqual(secret);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("tries the shares that fitted first, and gives up when none fit", () => {
    const random = createRandom("preferred");
    const points = [1, 2, 3, 4, 5, 6, 7];
    const reconstructor = createReconstructor(4);
    const sharesOf = (secret: Uint8Array): Map<number, Uint8Array> => {
      const shares = splitSecret(secret, 4, points, (length) => random.bytes(length));
      return new Map(
        points.map((point, index) => [point, index === 0 ? random.bytes(32) : (shares[index] as Uint8Array)]),
      );
    };
    const [first, second] = [random.bytes(32), random.bytes(32)];
    let tries = 0;
    const is = (secret: Uint8Array) => (found: Uint8Array) => {
      tries++;
      return Buffer.from(found).equals(secret);
    };
    expect(reconstructor.open(sharesOf(first), is(first))).toEqual(first);
    expect(tries).toBeGreaterThan(1);
    tries = 0;
    expect(reconstructor.open(sharesOf(second), is(second))).toEqual(second);
    expect(tries).toBe(1);
    expect(reconstructor.open(sharesOf(second), () => false)).toBeUndefined();
  });
});
