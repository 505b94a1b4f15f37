import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesToHex, CodedError, createRandom } from "../src/index.ts";

describe("seeded random", () => {
  it("gives the same stream in every version", () => {
    const random = createRandom("sheaf");
    expect([random.uint32(), random.uint32(), random.uint32()]).toEqual(KNOWN.uint32);
    expect(random.float()).toBe(KNOWN.float);
    expect([random.int(6), random.int(1_000_003), random.int(2 ** 32)]).toEqual(KNOWN.int);
    expect(random.shuffle([1, 2, 3, 4, 5, 6, 7])).toEqual(KNOWN.shuffle);
    expect(bytesToHex(random.bytes(8))).toBe(KNOWN.bytes);
    expect(random.fork("load").uint32()).toBe(KNOWN.fork);
    expect(createRandom(7).uint32()).toBe(createRandom("7").uint32());
  });

  it("is xoshiro128** over the SHA-256 of the seed", () => {
    // The published vector of the generator, so that the reference below is right itself.
    expect(take(reference([1, 2, 3, 4]), 5)).toEqual([11520, 0, 5927040, 70819200, 2031721883]);
    fc.assert(
      fc.property(fc.string(), (seed) => {
        const digest = createHash("sha256").update(seed).digest();
        const state = [0, 4, 8, 12].map((at) => digest.readUInt32LE(at)) as [number, number, number, number];
        state[3] = (state[3] | 1) >>> 0;
        const random = createRandom(seed);
        expect(Array.from({ length: 20 }, random.uint32)).toEqual(take(reference(state), 20));
      }),
    );
  });

  it("draws int() uniformly for bounds that do not divide 2^32", () => {
    for (const bound of [2, 3, 7, 10, 100]) {
      const random = createRandom(`uniform/${bound}`);
      const draws = 2_000 * bound;
      const counts = new Array<number>(bound).fill(0);
      for (let i = 0; i < draws; i++) (counts[random.int(bound)] as number) += 1;
      const chiSquare = counts.reduce((sum, count) => sum + (count - 2_000) ** 2 / 2_000, 0);
      const degrees = bound - 1;
      expect(chiSquare).toBeLessThan(degrees + 5 * Math.sqrt(2 * degrees));
    }
  });

  it("has no modulo bias: a bound of 3 * 2^30 would otherwise draw its low third twice as often", () => {
    const random = createRandom("bias");
    const bound = 3 * 2 ** 30;
    let low = 0;
    for (let i = 0; i < 30_000; i++) if (random.int(bound) < 2 ** 30) low += 1;
    expect(low / 30_000).toBeGreaterThan(0.32);
    expect(low / 30_000).toBeLessThan(0.35);
  });

  it("refuses bounds that have no answer", () => {
    for (const bound of [0, -1, 1.5, 2 ** 32 + 1, Number.NaN]) {
      expect(invariantOf(() => createRandom(1).int(bound))).toBe("INVARIANT");
    }
    expect(invariantOf(() => createRandom(1).pick([]))).toBe("INVARIANT");
  });

  it("keeps every draw in its range", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 2 ** 32 }), (seed, bound) => {
        const random = createRandom(seed);
        const value = random.int(bound);
        expect(Number.isInteger(value) && value >= 0 && value < bound).toBe(true);
        const float = random.float();
        expect(float >= 0 && float < 1).toBe(true);
        expect(random.exponential(10)).toBeGreaterThanOrEqual(0);
        expect(random.bytes(13)).toHaveLength(13);
      }),
    );
  });

  it("matches the mean of what it draws from", () => {
    const random = createRandom("means");
    const mean = (draw: () => number): number => {
      let sum = 0;
      for (let i = 0; i < 20_000; i++) sum += draw();
      return sum / 20_000;
    };
    expect(mean(random.float)).toBeCloseTo(0.5, 1);
    expect(mean(() => random.exponential(40)) / 40).toBeCloseTo(1, 1);
    expect(mean(() => (random.chance(0.3) ? 1 : 0))).toBeCloseTo(0.3, 1);
    expect([random.chance(0), random.chance(1)]).toEqual([false, true]);
  });

  it("shuffles a copy, with every permutation alike", () => {
    const random = createRandom("permutations");
    const items = Object.freeze([1, 2, 3]);
    const counts = new Map<string, number>();
    for (let i = 0; i < 6_000; i++) {
      const key = random.shuffle(items).join("");
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });

  it("forks streams that do not depend on how far the parent is, nor move it", () => {
    const parent = createRandom("parent");
    const early = parent.fork("child");
    const next = createRandom("parent").uint32();
    expect(parent.uint32()).toBe(next);
    const late = parent.fork("child");
    const other = parent.fork("other");
    const streams = [early, late, other, parent].map((random) => Array.from({ length: 50 }, random.uint32));
    expect(streams[0]).toEqual(streams[1]);
    expect(new Set(streams.flat()).size).toBe(150);
  });
});

const KNOWN = {
  uint32: [1_321_040_985, 3_722_748_605, 4_126_754_295],
  float: 0.5991461003165057,
  int: [4, 956_340, 2_824_412_241],
  shuffle: [3, 7, 6, 1, 2, 4, 5],
  bytes: "0xc5461ec24da5e656",
  fork: 1_574_889_237,
};

function invariantOf(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    return error instanceof CodedError ? error.code : undefined;
  }
  return undefined;
}

/** xoshiro128** as published, in big integers. */
function* reference(seed: readonly [number, number, number, number]): Generator<number> {
  const word = (x: bigint): bigint => BigInt.asUintN(32, x);
  const rotate = (x: bigint, k: bigint): bigint => word((x << k) | (x >> (32n - k)));
  let [s0, s1, s2, s3] = seed.map(BigInt) as [bigint, bigint, bigint, bigint];
  for (;;) {
    yield Number(word(rotate(word(s1 * 5n), 7n) * 9n));
    const t = word(s1 << 9n);
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= t;
    s3 = rotate(s3, 11n);
  }
}

function take(stream: Generator<number>, count: number): number[] {
  return Array.from({ length: count }, () => stream.next().value as number);
}
