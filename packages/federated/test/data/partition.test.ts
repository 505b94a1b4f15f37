import { createRandom } from "@sheaf/base";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { dirichlet } from "../../src/data/dirichlet.ts";
import { type Dataset, type PartitionScheme, partition } from "../../src/index.ts";

// Arithmetic, slow where other work shares the machine.
vi.setConfig({ testTimeout: 60_000 });

/** Feature 0 of sample `i` is `i`; labels go round the classes. */
function numbered(count: number, classes: number): Dataset {
  return {
    task: classes === 0 ? { kind: "regression" } : { kind: "classification", classes },
    shape: [1],
    count,
    features: Float32Array.from({ length: count }, (_, index) => index),
    labels: Float32Array.from({ length: count }, (_, index) =>
      classes === 0 ? Math.sin(index) : index % classes,
    ),
  };
}

const schemes = fc.oneof(
  fc.constant<PartitionScheme>({ kind: "iid" }),
  fc
    .integer({ min: 1, max: 3 })
    .map((shardsPerOwner): PartitionScheme => ({ kind: "shards", shardsPerOwner })),
  fc
    .double({ min: 0.01, max: 100, noNaN: true })
    .map((alpha): PartitionScheme => ({ kind: "dirichlet", alpha })),
);

const classesOf = (part: Dataset): number => new Set(part.labels).size;

it("deals every sample to exactly one owner, nobody goes without, and the seed decides", () => {
  fc.assert(
    fc.property(
      schemes,
      fc.integer({ min: 1, max: 12 }),
      fc.nat(60),
      fc.constantFrom(0, 2, 7),
      fc.string(),
      (scheme, owners, more, classes, seed) => {
        const shards = scheme.kind === "shards" ? scheme.shardsPerOwner : 1;
        const dataset = numbered(owners * shards + more, classes);
        const parts = partition(dataset, scheme, owners, createRandom(seed));
        expect(parts).toHaveLength(owners);
        for (const part of parts) {
          expect(part.count).toBeGreaterThan(0);
          part.features.forEach((index, row) => {
            expect(part.labels[row]).toBe(dataset.labels[index]);
          });
        }
        const dealt = parts.flatMap(({ features }) => [...features]).sort((a, b) => a - b);
        expect(dealt).toStrictEqual([...dataset.features]);
        expect(partition(dataset, scheme, owners, createRandom(seed))).toStrictEqual(parts);
      },
    ),
  );
});

describe("schemes", () => {
  const dataset = numbered(2_000, 10);
  const deal = (scheme: PartitionScheme, owners = 20): Dataset[] =>
    partition(dataset, scheme, owners, createRandom("deal"));

  it("iid: equal parts, each with all classes in like proportions", () => {
    for (const part of deal({ kind: "iid" })) {
      expect(part.count).toBe(100);
      expect(classesOf(part)).toBe(10);
    }
  });

  it("two shards: equal parts of one to two classes, where shards are whole classes' parts", () => {
    for (const part of deal({ kind: "shards", shardsPerOwner: 2 })) {
      expect(part.count).toBe(100);
      expect(classesOf(part)).toBeLessThanOrEqual(2);
    }
  });

  it("Dirichlet: few classes for a small alpha, all for a large one", () => {
    const mean = (alpha: number): number => {
      const parts = deal({ kind: "dirichlet", alpha });
      return parts.reduce((sum, part) => sum + classesOf(part), 0) / parts.length;
    };
    expect(mean(0.05)).toBeLessThan(4);
    expect(mean(1_000)).toBeGreaterThan(9.9);
  });

  it("column: one owner a value, in order of appearance", () => {
    const values = Array.from(
      { length: 2_000 },
      (_, index) => ["ward b", "ward a", 7][index % 3] as string | number,
    );
    const parts = deal({ kind: "column", values }, 3);
    parts.forEach((part, owner) => {
      expect(part.features.every((index) => index % 3 === owner)).toBe(true);
    });
  });

  it.each<[string, PartitionScheme, number]>([
    ["more owners than samples", { kind: "iid" }, 2_001],
    ["more shards than samples", { kind: "shards", shardsPerOwner: 101 }, 20],
    ["no owners", { kind: "iid" }, 0],
    ["half an owner", { kind: "iid" }, 1.5],
    ["a column too short", { kind: "column", values: ["a", "b"] }, 2],
    ["a column of other owners", { kind: "column", values: new Array<string>(2_000).fill("a") }, 2],
  ])("%s is INVALID_INPUT", (_, scheme, owners) => {
    expect(() => deal(scheme, owners)).toThrow(expect.objectContaining({ code: "INVALID_INPUT" }));
  });
});

it.each([0.05, 0.5, 3])("draws from Dir(%d): sum 1, and the moments of the distribution", (alpha) => {
  const random = createRandom("moments");
  const [size, draws] = [5, 4_000];
  let squares = 0;
  let first = 0;
  for (let draw = 0; draw < draws; draw++) {
    const weights = dirichlet(alpha, size, random);
    expect(weights.reduce((a, b) => a + b)).toBeCloseTo(1, 9);
    first += weights[0] as number;
    squares += ((weights[0] as number) - 1 / size) ** 2;
  }
  const variance = ((1 / size) * (1 - 1 / size)) / (size * alpha + 1);
  expect(Math.abs(first / draws - 1 / size)).toBeLessThan(5 * Math.sqrt(variance / draws));
  expect(Math.abs(squares / draws / variance - 1)).toBeLessThan(0.2);
});
