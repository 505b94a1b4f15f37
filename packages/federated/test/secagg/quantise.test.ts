import { randomBytes } from "node:crypto";
import { createRandom } from "@sheaf/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkHeadroom, dequantise, isRejection, type Quantised, quantise } from "../../src/index.ts";

function quantised(...input: Parameters<typeof quantise>): Quantised {
  const result = quantise(...input);
  if (isRejection(result)) throw new RangeError(result.rejected);
  return result;
}

const setting = fc.record({
  bits: fc.integer({ min: 2, max: 24 }),
  clip: fc.double({ min: 1e-3, max: 100, noNaN: true }),
  members: fc.integer({ min: 1, max: 40 }),
  length: fc.integer({ min: 1, max: 60 }),
  seed: fc.integer(),
});

describe("[SECAGG.14] quantisation", () => {
  it("keeps the mean of sums within one step of the mean of what was clipped", () => {
    fc.assert(
      fc.property(setting, ({ bits, clip, members, length, seed }) => {
        fc.pre(checkHeadroom(members, bits));
        const random = createRandom(seed);
        const step = clip / (2 ** (bits - 1) - 1);
        const sum = new Int32Array(length);
        const clipped = new Float64Array(length);
        let beyond = 0;
        let saturated = 0;
        for (let member = 0; member < members; member++) {
          const vector = Float32Array.from({ length }, () => (2 * random.float() - 1) * clip * 1.5);
          const result = quantised(vector, { bits, clip }, (bytes) => random.bytes(bytes));
          saturated += result.saturated;
          vector.forEach((value, index) => {
            if (Math.abs(value) > clip) beyond++;
            clipped[index] = (clipped[index] as number) + Math.min(clip, Math.max(-clip, value));
            sum[index] = (sum[index] as number) + (result.values[index] as number);
          });
        }
        expect(saturated).toBe(beyond);
        dequantise(sum, { bits, clip }).forEach((value, index) => {
          const error = Math.abs(value - (clipped[index] as number)) / members;
          expect(error).toBeLessThan(step * (1 + 1e-6) + Math.abs(value) * 1e-7);
        });
      }),
      { numRuns: 300 },
    );
  });

  it("rounds without bias, up as often as the rest says", () => {
    const [bits, clip, count] = [9, 255, 40_000];
    for (const value of [0.25, -0.25, 17.9, -3.5, 254.99]) {
      const { values } = quantised(new Float32Array(count).fill(value), { bits, clip }, randomBytes);
      const mean = values.reduce((sum, one) => sum + one, 0) / count;
      const rest = value - Math.floor(value);
      expect(Math.abs(mean - value)).toBeLessThan(
        (6 * Math.sqrt(rest * (1 - rest))) / Math.sqrt(count) + 1e-4,
      );
      expect(new Set(values)).toEqual(new Set([Math.floor(value), Math.floor(value) + 1]));
    }
  });

  it("keeps whole steps, the clip and zero as they are", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 24 }), fc.constantFrom(0.3, 1, 7.7, 1e-3), (bits, clip) => {
        const exact = Math.fround(clip);
        const largest = 2 ** (bits - 1) - 1;
        for (const byte of [0, 0xff]) {
          const always = (length: number): Uint8Array => new Uint8Array(length).fill(byte);
          const { values, saturated } = quantised(
            Float32Array.of(exact, -exact, 0),
            { bits, clip: exact },
            always,
          );
          expect([...values]).toEqual([largest, -largest, 0]);
          expect(saturated).toBe(0);
        }
      }),
    );
  });

  it("never leaves the range, and counts what was cut", () => {
    const vector = Float32Array.of(1.0001, -5, 0.5, 3e38, -3e38);
    const { values, saturated } = quantised(vector, { bits: 8, clip: 1 }, randomBytes);
    expect([...values].map((value, index) => (index === 2 ? 0 : value))).toEqual([127, -127, 0, 127, -127]);
    expect(saturated).toBe(4);
  });

  it("asks for four bytes a coordinate, across the edges of chunks", () => {
    for (const length of [0, 1, 16_384, 16_385, 40_000]) {
      let asked = 0;
      const { values } = quantised(new Float32Array(length).fill(0.5), { bits: 16, clip: 1 }, (bytes) => {
        asked += bytes;
        return Buffer.from(new Uint8Array(bytes));
      });
      expect(asked).toBe(4 * length);
      expect(values.every((value) => value === Math.ceil(0.5 * 32_767))).toBe(true);
    }
  });

  it("refuses what is no number", () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(quantise(Float32Array.of(0, bad, 1), { bits: 8, clip: 1 }, randomBytes)).toEqual({
        rejected: "NOT_FINITE",
      });
    }
    for (const wrong of [
      { bits: 1, clip: 1 },
      { bits: 32, clip: 1 },
      { bits: 8, clip: 0 },
      { bits: 8, clip: Number.NaN },
    ]) {
      const isRefused = expect.objectContaining({ code: "INVALID_INPUT" });
      expect(() => quantise(new Float32Array(1), wrong, randomBytes)).toThrow(isRefused);
      expect(() => dequantise(new Int32Array(1), wrong)).toThrow(isRefused);
    }
  });
});

describe("[SECAGG.15] headroom", () => {
  it("is what keeps a sum of largest values in 32 bits", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_024 }),
        fc.integer({ min: 2, max: 31 }),
        fc.integer({ min: 0, max: 100_000 }),
        (members, bits, noise) => {
          const largest = BigInt(members) * (2n ** BigInt(bits - 1) - 1n + BigInt(noise));
          expect(checkHeadroom(members, bits, noise)).toBe(largest <= 2n ** 31n - 1n);
        },
      ),
    );
    expect(checkHeadroom(100, 25)).toBe(true);
    expect(checkHeadroom(100, 26)).toBe(false);
    expect(checkHeadroom(128, 25)).toBe(true);
    expect(checkHeadroom(129, 25)).toBe(false);
    expect(checkHeadroom(128, 25, 1)).toBe(false);
    expect(checkHeadroom(2, 31)).toBe(true);
    expect(checkHeadroom(2, 31, 1)).toBe(false);
  });
});
