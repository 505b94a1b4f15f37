import { createRandom, type Random } from "@sheaf/base";
import { describe, expect, it } from "vitest";
import { type AggregationRule, aggregate, aggregationRuleSchema, updatesNeeded } from "../../src/index.ts";

const rules: AggregationRule[] = [
  { kind: "mean" },
  { kind: "median" },
  { kind: "trimmed-mean", trim: 0.2 },
  { kind: "krum", byzantine: 2 },
  { kind: "multi-krum", byzantine: 2, keep: 4 },
];

const ones = (count: number): number[] => new Array<number>(count).fill(1);

/** Nearly normal: the sum of twelve uniform numbers. */
function bell(random: Random): number {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += random.float();
  return sum;
}

function cloud(random: Random, count: number, dimension: number, centre = 0): Float32Array[] {
  return Array.from({ length: count }, () =>
    Float32Array.from({ length: dimension }, () => centre + bell(random)),
  );
}

const distance = (a: Float32Array, b: Float32Array): number =>
  Math.sqrt(a.reduce((sum, value, i) => sum + (value - (b[i] as number)) ** 2, 0));

/** The rules again, coordinate by coordinate and pair by pair as the papers say them. */
function plainly(
  updates: readonly Float32Array[],
  weights: readonly number[],
  rule: AggregationRule,
): number[] {
  const count = updates.length;
  const dimension = updates[0]?.length ?? 0;
  const columns = Array.from({ length: dimension }, (_, i) =>
    updates.map((update) => update[i] as number).toSorted((a, b) => a - b),
  );
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  if (rule.kind === "median") {
    return columns.map((column) => mean(column.slice((count - 1) >> 1, (count >> 1) + 1)));
  }
  if (rule.kind === "trimmed-mean") {
    const cut = Math.floor(rule.trim * count + 1e-9);
    return columns.map((column) => mean(column.slice(cut, count - cut)));
  }
  let kept = updates.map((_, i) => i);
  if (rule.kind !== "mean") {
    const scores = updates.map((a, i) => {
      const others = updates.filter((_, j) => j !== i).map((b) => distance(a, b) ** 2);
      const nearest = others.toSorted((x, y) => x - y).slice(0, count - rule.byzantine - 2);
      return nearest.reduce((sum, value) => sum + value, 0);
    });
    kept = kept
      .toSorted((a, b) => (scores[a] as number) - (scores[b] as number))
      .slice(0, rule.kind === "krum" ? 1 : rule.keep);
  }
  const total = kept.reduce((sum, i) => sum + (weights[i] as number), 0);
  return Array.from({ length: dimension }, (_, d) =>
    kept.reduce(
      (sum, i) => sum + ((weights[i] as number) / total) * ((updates[i] as Float32Array)[d] as number),
      0,
    ),
  );
}

describe.each(rules)("the rule $kind", (rule) => {
  it("is what its definition says", () => {
    const random = createRandom(`definition ${rule.kind}`);
    for (let run = 0; run < 60; run++) {
      const count = updatesNeeded(rule) + random.int(20);
      const updates = cloud(random, count, 1 + random.int(200));
      const weights = Array.from({ length: count }, () => 0.1 + random.float());
      const expected = plainly(updates, weights, rule);
      const { update } = aggregate(updates, weights, rule);
      update.forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i] as number, 5);
      });
    }
  });

  it("bears equal values and gives back what everybody says", () => {
    const same = Array.from({ length: 9 }, () => Float32Array.of(1, -2, 0, 0.5));
    expect(aggregate(same, ones(9), rule).update).toEqual(same[0]);
    const random = createRandom("ties");
    const few = Array.from({ length: 12 }, () => Float32Array.from({ length: 50 }, () => random.int(3)));
    const expected = plainly(few, ones(12), rule);
    const { update } = aggregate(few, ones(12), rule);
    if (rule.kind !== "krum" && rule.kind !== "multi-krum") {
      update.forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i] as number, 5);
      });
    }
  });

  it("does not depend on the order of the members, and changes nothing it is given", () => {
    const random = createRandom("order");
    const updates = cloud(random, 11, 64);
    const copies = updates.map((update) => update.slice());
    const { update } = aggregate(updates, ones(11), rule);
    expect(updates).toEqual(copies);
    const other = aggregate(random.shuffle(updates), ones(11), rule).update;
    expect(distance(update, other)).toBeLessThan(1e-5);
    expect(aggregate(updates, ones(11), rule).update).toEqual(update);
  });

  it("leaves malformed updates out and names them", () => {
    const random = createRandom("malformed");
    const updates = cloud(random, 16, 10);
    const weights = ones(16);
    const sound = updates.filter((_, i) => ![1, 4, 9, 12, 13].includes(i));
    (updates[1] as Float32Array)[9] = Number.NaN;
    (updates[4] as Float32Array)[0] = Number.NEGATIVE_INFINITY;
    updates[9] = new Float32Array(11);
    weights[12] = Number.NaN;
    weights[13] = -1;
    const result = aggregate(updates, weights, rule, { dimension: 10 });
    expect(result.refused).toEqual([
      { index: 1, code: "NOT_FINITE" },
      { index: 4, code: "NOT_FINITE" },
      { index: 9, code: "WRONG_LENGTH" },
      { index: 12, code: "BAD_WEIGHT" },
      { index: 13, code: "BAD_WEIGHT" },
    ]);
    expect(result.update).toEqual(aggregate(sound, ones(11), rule).update);
    for (const index of result.chosen) expect([1, 4, 9, 12, 13]).not.toContain(index);
  });

  it("refuses to work with too few", () => {
    const needed = updatesNeeded(rule);
    const updates = cloud(createRandom("few"), needed, 3);
    expect(aggregate(updates, ones(needed), rule).chosen.length).toBeGreaterThan(0);
    (updates[0] as Float32Array)[0] = Number.NaN;
    expect(() => aggregate(updates, ones(needed), rule)).toThrowError(
      expect.objectContaining({
        code: "TOO_FEW_UPDATES",
        detail: { code: "TOO_FEW_UPDATES", rule: rule.kind, needed, have: needed - 1 },
      }),
    );
  });
});

describe("Byzantine members", () => {
  const robust = rules.filter(({ kind }) => kind !== "mean");

  it.each(robust)("do not move $kind out of the honest cloud", (rule) => {
    const random = createRandom(`attack ${rule.kind}`);
    for (let run = 0; run < 30; run++) {
      const honest = cloud(random, 9, 40, 1);
      const centre = aggregate(honest, ones(9), { kind: "mean" }).update;
      const size = 10 ** (1 + random.int(30));
      const together = random.chance(0.5); // colluders that say the same are each other's neighbours
      const lie = Float32Array.from({ length: 40 }, () => -size);
      const liars = [lie, together ? lie.slice() : lie.map((value) => -value)];
      const order = random.shuffle([
        ...honest.map((update) => ({ update, isLiar: false })),
        ...liars.map((update) => ({ update, isLiar: true })),
      ]);
      const { update, chosen } = aggregate(
        order.map((entry) => entry.update),
        ones(11),
        rule,
      );
      const reach = Math.max(...honest.map((one) => distance(one, centre)));
      expect(distance(update, centre)).toBeLessThanOrEqual(reach);
      if (rule.kind.endsWith("krum")) for (const index of chosen) expect(order[index]?.isLiar).toBe(false);
    }
  });

  it("move the mean anywhere", () => {
    const updates = [...cloud(createRandom("mean"), 9, 4), Float32Array.of(1e6, 0, 0, 0)];
    expect(aggregate(updates, ones(10), { kind: "mean" }).update[0]).toBeGreaterThan(9e4);
  });
});

describe("the trimmed share", () => {
  it("is a whole number where the share says so: 0.29 of 100 is 29", () => {
    const squares = Array.from({ length: 100 }, (_, i) => Float32Array.of(i ** 2));
    const kept = squares.slice(29, 71).reduce((sum, update) => sum + (update[0] as number), 0) / 42;
    expect(aggregate(squares, ones(100), { kind: "trimmed-mean", trim: 0.29 }).update[0]).toBeCloseTo(
      kept,
      3,
    );
  });
});

describe("feasibility", () => {
  it.each([
    [{ kind: "krum", byzantine: 0 }, 3],
    [{ kind: "krum", byzantine: 3 }, 9],
    [{ kind: "multi-krum", byzantine: 3, keep: 4 }, 9],
    [{ kind: "multi-krum", byzantine: 3, keep: 5 }, 10],
    [{ kind: "median" }, 1],
  ] as const)("%o needs %d updates", (rule, needed) => {
    expect(updatesNeeded(rule)).toBe(needed);
  });

  it("takes the length that most have when none is said, of several the first", () => {
    const updates = [new Float32Array(3), new Float32Array(2), new Float32Array(2)];
    const refusedOf = (some: readonly Float32Array[]) =>
      aggregate(some, ones(some.length), { kind: "mean" }).refused;
    expect(refusedOf(updates)).toEqual([{ index: 0, code: "WRONG_LENGTH" }]);
    expect(refusedOf(updates.slice(0, 2))).toEqual([{ index: 1, code: "WRONG_LENGTH" }]);
  });

  it("wants one weight an update", () => {
    expect(() => aggregate([new Float32Array(1)], [], { kind: "mean" })).toThrowError(
      expect.objectContaining({ code: "INVALID_INPUT" }),
    );
    expect(() => aggregate([], [], { kind: "mean" })).toThrowError(
      expect.objectContaining({ code: "TOO_FEW_UPDATES" }),
    );
  });

  it.each([
    { kind: "trimmed-mean", trim: 0.5 },
    { kind: "krum", byzantine: -1 },
    { kind: "multi-krum", byzantine: 1, keep: 0 },
    { kind: "median", trim: 0.1 },
    { kind: "best" },
  ])("has no rule %o", (rule) => {
    expect(aggregationRuleSchema.safeParse(rule).success).toBe(false);
  });
});
