import { createRandom } from "@sheaf/base";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import {
  checkDataset,
  type Dataset,
  decodeDataset,
  encodeDataset,
  isEncodedDataset,
  loadDigits,
  splitDataset,
} from "../../src/index.ts";
import { blobs, line } from "../training/samples.ts";

// Arithmetic, slow where other work shares the machine.
vi.setConfig({ testTimeout: 60_000 });

/** Every feature of sample `i` is `i`. */
const counted = (count: number): Dataset => ({
  task: { kind: "regression" },
  shape: [2],
  count,
  features: Float32Array.from({ length: 2 * count }, (_, index) => index >> 1),
  labels: Float32Array.from({ length: count }, (_, index) => index),
});

it("splits: every sample is on one side, with its label", () => {
  fc.assert(
    fc.property(
      fc.nat(50),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.string(),
      (count, fraction, seed) => {
        const parts = splitDataset(counted(count), fraction, createRandom(seed));
        expect(parts[0].count).toBe(Math.round(count * fraction));
        for (const part of parts) {
          checkDataset(part);
          part.labels.forEach((label, row) => {
            expect(part.features[2 * row]).toBe(label);
            expect(part.features[2 * row + 1]).toBe(label);
          });
        }
        const all = parts.flatMap(({ labels }) => [...labels]).sort((a, b) => a - b);
        expect(all).toStrictEqual([...counted(count).labels]);
      },
    ),
  );
  expect(() => splitDataset(counted(3), 1.1, createRandom(1))).toThrow(
    expect.objectContaining({ code: "INVALID_INPUT" }),
  );
});

describe("as bytes", () => {
  const datasets = [blobs(7, [2, 3, 1], 3), line(5, [1, 2, 3], 4), counted(0)];

  it.each(datasets)("comes back ($task.kind, $count samples)", (dataset) => {
    const bytes = encodeDataset(dataset);
    expect(isEncodedDataset(bytes)).toBe(true);
    expect(decodeDataset(bytes)).toStrictEqual(dataset);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(decodeDataset(shifted.subarray(3))).toStrictEqual(dataset);
  });

  it("that were cut, lengthened or changed never come back as something that cannot be trained on", () => {
    const bytes = encodeDataset(blobs(4, [3], 2));
    const mutation = fc.oneof(
      fc.nat(bytes.length - 1).map((length) => bytes.slice(0, length)),
      fc.uint8Array({ minLength: 1, maxLength: 9 }).map((more) => Uint8Array.from([...bytes, ...more])),
      fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)).map(([at, value]) => bytes.with(at, value)),
    );
    const codes = new Set(["INVALID_INPUT", "NOT_FINITE", "WRONG_SHAPE"]);
    fc.assert(
      fc.property(mutation, (changed) => {
        try {
          checkDataset(decodeDataset(changed, "owner.bin"));
        } catch (error) {
          expect(codes).toContain((error as { code: string }).code);
          expect((error as Error).message).toContain("owner.bin");
        }
      }),
      { numRuns: 500 },
    );
  });

  it("name the file when they are something else", () => {
    expect(isEncodedDataset(new TextEncoder().encode("a,b,c\n"))).toBe(false);
    expect(() => decodeDataset(new Uint8Array(64), "shard.bin")).toThrow(
      "shard.bin: is not an encoded dataset",
    );
  });
});

it("has 7,996 digits to train on and 2,004 others to test on", () => {
  const { train, test } = loadDigits();
  expect([train.count, test.count]).toStrictEqual([7_996, 2_004]);
  for (const digits of [train, test]) {
    checkDataset(digits);
    expect(digits.shape).toStrictEqual([28, 28, 1]);
    expect(new Set(digits.labels).size).toBe(10);
    expect(digits.features.every((value) => value >= 0 && value <= 1)).toBe(true);
  }
});
