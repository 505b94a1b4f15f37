import { createRandom, type Random } from "@sheaf/base";
import { describe, expect, it } from "vitest";
import {
  exactShapley,
  gtgShapley,
  leaveOneOut,
  truncatedMonteCarlo,
  type Utility,
  type Valuation,
} from "../../src/index.ts";

/** A game as a table by coalition, bit i = member i. */
function game(table: readonly number[]): Utility {
  return async (members) => table[members.reduce((set, member) => set | (1 << member), 0)] as number;
}

function randomTable(random: Random, members: number): number[] {
  return Array.from({ length: 2 ** members }, () => random.float() * 10 - 3);
}

/** The mean marginal over all n! orders: the definition, computed the long way. */
function overAllOrders(table: readonly number[], members: number): number[] {
  const sums = new Array<number>(members).fill(0);
  let orders = 0;
  const walk = (set: number, gains: number[]): void => {
    if (set === 2 ** members - 1) {
      orders += 1;
      gains.forEach((gain, i) => {
        sums[i] = (sums[i] as number) + gain;
      });
      return;
    }
    for (let i = 0; i < members; i++) {
      if ((set >> i) & 1) continue;
      const next = set | (1 << i);
      walk(next, gains.with(i, (table[next] as number) - (table[set] as number)));
    }
  };
  walk(0, new Array<number>(members).fill(0));
  return sums.map((sum) => sum / orders);
}

const total = ({ values }: Valuation): number => values.reduce((sum, value) => sum + value, 0);

// v(nobody), v(0), v(1), v(01), v(2), v(02), v(12), v(012)
const known = [0, 40, 60, 70, 80, 75, 85, 90];
const never = { withinTolerance: -1, convergence: 0 };

describe("exact Shapley values [CONTRIBUTION.3]", () => {
  it("of the known game are 15.8333, 30.8333, 43.3333", async () => {
    const { values, evaluations } = await exactShapley(3, game(known));
    expect(values[0]).toBeCloseTo(95 / 6, 10);
    expect(values[1]).toBeCloseTo(185 / 6, 10);
    expect(values[2]).toBeCloseTo(260 / 6, 10);
    expect(evaluations).toBe(8);
  });

  it("are the mean marginals over all orders, and sum to what all add", async () => {
    const random = createRandom("orders");
    for (let run = 0; run < 20; run++) {
      const members = 1 + random.int(6);
      const table = randomTable(random, members);
      const valuation = await exactShapley(members, game(table));
      overAllOrders(table, members).forEach((expected, i) => {
        expect(valuation.values[i]).toBeCloseTo(expected, 9);
      });
      expect(total(valuation)).toBeCloseTo((table.at(-1) as number) - (table[0] as number), 9);
    }
  });

  it("give nothing to a null player, the same to equals, and add up over games", async () => {
    const random = createRandom("axioms");
    for (let run = 0; run < 20; run++) {
      const small = randomTable(random, 4);
      const withNull = Array.from({ length: 32 }, (_, set) => small[set & 15] as number);
      expect((await exactShapley(5, game(withNull))).values[4]).toBeCloseTo(0, 12);

      const swap = (set: number) => (set & ~3) | ((set & 1) << 1) | ((set & 2) >> 1);
      const fair = small.map((value, set) => value + (small[swap(set)] as number));
      const { values } = await exactShapley(4, game(fair));
      expect(values[0]).toBeCloseTo(values[1] as number, 10);

      const other = randomTable(random, 4);
      const both = small.map((value, set) => 2 * value - 3 * (other[set] as number));
      const [a, b, c] = await Promise.all([small, other, both].map((table) => exactShapley(4, game(table))));
      c?.values.forEach((value, i) => {
        expect(value).toBeCloseTo(2 * (a?.values[i] as number) - 3 * (b?.values[i] as number), 9);
      });
    }
  });

  it("are refused for more members than can be computed", async () => {
    await expect(exactShapley(13, async () => 0)).rejects.toMatchObject({
      code: "TOO_MANY_MEMBERS",
      detail: { members: 13, limit: 12 },
    });
    await expect(exactShapley(0, async () => 0)).rejects.toMatchObject({ code: "INVALID_INPUT" });
  });

  it("take twelve members", async () => {
    const { values, evaluations } = await exactShapley(12, async (members) => members.length ** 2);
    expect(evaluations).toBe(4096);
    for (const value of values) expect(value).toBeCloseTo(12, 9);
  });
});

describe("leave-one-out [CONTRIBUTION.1]", () => {
  it("is what all lose without the member", async () => {
    const { values, evaluations } = await leaveOneOut(3, game(known));
    expect(values).toEqual([90 - 85, 90 - 75, 90 - 70]);
    expect(evaluations).toBe(4);
  });

  it("works for one", async () => {
    expect((await leaveOneOut(1, game([2, 5]))).values).toEqual([3]);
  });
});

describe("utilities are asked once a coalition [CONTRIBUTION.2]", () => {
  const methods = {
    leaveOneOut,
    exactShapley,
    truncatedMonteCarlo: (n: number, v: Utility) =>
      truncatedMonteCarlo(n, v, { random: createRandom(1), ...never }),
    gtgShapley: (n: number, v: Utility) => gtgShapley(n, v, { random: createRandom(1), ...never }),
  };

  it.each(Object.entries(methods))("%s", async (_, method) => {
    const asked: string[] = [];
    const { evaluations } = await method(5, async (members) => {
      expect(members).toEqual([...members].sort((a, b) => a - b));
      asked.push(members.join());
      return members.length;
    });
    expect(new Set(asked).size).toBe(asked.length);
    expect(evaluations).toBe(asked.length);
  });

  it.each(Object.entries(methods))("%s stops at a value that is no number", async (_, method) => {
    const broken: Utility = async (members) => (members.length === 4 ? Number.NaN : members.length);
    await expect(method(4, broken)).rejects.toMatchObject({ code: "NOT_FINITE" });
  });
});

describe.each([
  ["truncated Monte Carlo [CONTRIBUTION.4]", truncatedMonteCarlo],
  ["GTG [CONTRIBUTION.5]", gtgShapley],
] as const)("%s", (name, method) => {
  it("tends to the Shapley values, and sums to what all add at any time", async () => {
    const random = createRandom(name);
    for (let run = 0; run < 5; run++) {
      const table = randomTable(random, 5);
      const exact = await exactShapley(5, game(table));
      const sampled = await method(5, game(table), { random, permutations: 6000, ...never });
      sampled.values.forEach((value, i) => {
        expect(Math.abs(value - (exact.values[i] as number))).toBeLessThan(0.25);
      });
      const few = await method(5, game(table), { random, permutations: 5, ...never });
      expect(total(few)).toBeCloseTo((table[31] as number) - (table[0] as number), 9);
      expect(few.unassigned).toBeCloseTo(0, 9);
      expect(few.truncated).toBe(0);
    }
  });

  it("is the same for the same seed", async () => {
    const table = randomTable(createRandom("seed"), 6);
    const once = await method(6, game(table), { random: createRandom("a"), permutations: 12, ...never });
    expect(await method(6, game(table), { random: createRandom("a"), permutations: 12, ...never })).toEqual(
      once,
    );
    expect(
      await method(6, game(table), { random: createRandom("b"), permutations: 12, ...never }),
    ).not.toEqual(once);
  });

  it("cuts permutations that have reached the value of all, and says what that left unassigned", async () => {
    const saturating: Utility = async (members) => 1 - 0.1 ** members.length;
    const cut = await method(10, saturating, {
      random: createRandom("cut"),
      withinTolerance: 0.02,
      convergence: 0,
    });
    const whole = await method(10, saturating, { random: createRandom("cut"), ...never });
    expect(cut.evaluations).toBeLessThan(whole.evaluations / 3);
    expect(cut.truncated).toBe(cut.permutations * 8);
    expect(cut.unassigned).toBeCloseTo(0.1 ** 2 - 0.1 ** 10, 9);
    expect(
      Math.max(...cut.values.map((value, i) => Math.abs(value - (whole.values[i] as number)))),
    ).toBeLessThan(0.02);
  });

  it("stops once the values settle", async () => {
    const additive: Utility = async (members) => members.reduce((sum, member) => sum + member, 0);
    const settled = await method(8, additive, {
      random: createRandom("settle"),
      permutations: 10_000,
      withinTolerance: -1,
    });
    expect(settled.converged).toBe(true);
    expect(settled.permutations).toBeLessThan(100);
    settled.values.forEach((value, i) => {
      expect(value).toBeCloseTo(i, 9);
    });
    const restless = await method(8, additive, {
      random: createRandom("settle"),
      permutations: 30,
      ...never,
    });
    expect(restless.converged).toBe(false);
    expect(restless.permutations).toBeGreaterThanOrEqual(30);
  });

  it("knows its errors: exact values lie within a few standard errors", async () => {
    const random = createRandom(`errors ${name}`);
    let within = 0;
    for (let run = 0; run < 20; run++) {
      const table = randomTable(random, 5);
      const exact = await exactShapley(5, game(table));
      const { values, standardErrors, converged } = await method(5, game(table), {
        random,
        permutations: 50_000,
        withinTolerance: -1,
        convergence: 0.15,
      });
      expect(converged).toBe(true);
      const sizeOf = (list: readonly number[]) => list.reduce((sum, value) => sum + Math.abs(value), 0);
      expect(sizeOf(standardErrors)).toBeLessThan(0.15 * sizeOf(values));
      within += values.filter(
        (value, i) => Math.abs(value - (exact.values[i] as number)) <= 2 * (standardErrors[i] as number),
      ).length;
    }
    expect(within).toBeGreaterThan(85);
  });

  it("refuses a count of permutations that is none", async () => {
    await expect(method(3, game(known), { random: createRandom(1), permutations: 0 })).rejects.toMatchObject({
      code: "INVALID_INPUT",
    });
  });
});

describe("GTG alone [CONTRIBUTION.5]", () => {
  it("gives nobody anything for a round that changed nothing, after two evaluations", async () => {
    const still: Utility = async (members) => (members.length === 1 ? 5 : 0.001 * members.length);
    const options = { random: createRandom(1), betweenTolerance: 0.01 };
    expect(await gtgShapley(4, still, options)).toMatchObject({
      values: [0, 0, 0, 0],
      evaluations: 2,
      permutations: 0,
    });
    const moved = await gtgShapley(4, still, { ...options, betweenTolerance: 0.0039 });
    expect(moved.permutations).toBeGreaterThan(0);
  });

  it("lets every member lead equally often: exact in one block when only the leader counts", async () => {
    // The first member to come takes its worth, and the others add nothing.
    const worth = [3, 1, 4, 1.5];
    const orders: number[][] = [];
    const utility: Utility = async (members) => {
      orders.push([...members]);
      return members.length === 0 ? 0 : members.length === 1 ? (worth[members[0] as number] as number) : 2;
    };
    const options = { random: createRandom("lead"), permutations: 4, ...never };
    const { permutations } = await gtgShapley(4, utility, options);
    expect(permutations).toBe(4);
    expect(
      orders
        .filter((members) => members.length === 1)
        .map(([member]) => member)
        .sort(),
    ).toEqual([0, 1, 2, 3]);
  });
});
