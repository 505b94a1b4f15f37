import { createHash } from "node:crypto";
import { bytesToBigint, concatBytes, utf8 } from "@sheaf/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createProposers,
  drawnProposer,
  epochOf,
  type Output,
  type ProposerDraw,
  seedHeightOf,
} from "../src/index.ts";
import { toyAddress } from "./simulation/toy-ports.ts";
import { createDesk } from "./steps/desk.ts";

const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash("sha256").update(bytes).digest());
const drawOf = (seed: number): ProposerDraw => ({ seed: new Uint8Array(32).fill(seed), hash: sha256 });
const validatorsOf = (weights: readonly number[]) =>
  weights.map((weight, index) => ({ address: toyAddress(index), weight }));
const indexOf = (address: string): number => Number.parseInt(address.slice(2), 16) - 1;
const weightLists = fc.array(fc.oneof(fc.constant(0), fc.nat(20), fc.nat(2 ** 48 - 1)), {
  minLength: 1,
  maxLength: 12,
});
const seeds = fc.nat(255);
const heights = fc.integer({ min: 1, max: 10 ** 12 });

/** The rule as the specification says it, over tickets instead of running sums. */
function drawnByTickets(
  weights: readonly number[],
  draw: ProposerDraw,
  height: number,
  round: number,
): number {
  const uint64 = (value: number): Uint8Array => {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
    return bytes;
  };
  let left = [...weights.keys()];
  for (let each = 0; ; each++) {
    const bytes = concatBytes(utf8("sheaf/proposer/1"), draw.seed, uint64(height), uint64(each));
    const tickets = left.flatMap((index) => new Array<number>(weights[index] as number).fill(index));
    const ticket = tickets[Number(bytesToBigint(sha256(bytes)) % BigInt(Math.max(tickets.length, 1)))];
    const drawn = ticket ?? (left[0] as number);
    if (each === round) return drawn;
    left = left.filter((index) => index !== drawn);
  }
}

const asks = (outputs: readonly Output[]): boolean => outputs.some(({ type }) => type === "request-value");

describe("drawn proposers", () => {
  it("are those that a hat with as many tickets as weights gives [PROPOSER.4] [PROPOSER.5]", () => {
    const small = fc.array(fc.nat(9), { minLength: 1, maxLength: 7 });
    fc.assert(
      fc.property(small, seeds, heights, (weights, seed, height) => {
        for (const round of weights.keys()) {
          const drawn = drawnProposer(validatorsOf(weights), drawOf(seed), height, round);
          expect(indexOf(drawn)).toBe(drawnByTickets(weights, drawOf(seed), height, round));
        }
      }),
    );
  });

  it("win blocks by their weights: chi-square of 40,000 heights [PROPOSER.4]", () => {
    const weights = [50, 30, 15, 5, 0];
    const won = weights.map(() => 0);
    for (let height = 1; height <= 40_000; height++) {
      const drawn = indexOf(drawnProposer(validatorsOf(weights), drawOf(height % 7), height, 0));
      won[drawn] = (won[drawn] as number) + 1;
    }
    const chi = [0, 1, 2, 3].map((index) => {
      const expected = 400 * (weights[index] as number);
      return ((won[index] as number) - expected) ** 2 / expected;
    });
    // 16.27 is exceeded by chance once in a thousand, with 3 degrees of freedom
    expect(chi.reduce((sum, each) => sum + each, 0)).toBeLessThan(16.27);
    expect(won[4]).toBe(0);
  }, 30_000);

  it("give every validator one of n rounds, those of weight 0 last in list order, and repeat [PROPOSER.5] [PROPOSER.6]", () => {
    fc.assert(
      fc.property(weightLists, seeds, heights, (weights, seed, height) => {
        const n = weights.length;
        const proposer = createProposers(validatorsOf(weights), drawOf(seed));
        const rounds = Array.from({ length: 2 * n }, (_, round) => indexOf(proposer(height, round)));
        expect(new Set(rounds.slice(0, n)).size).toBe(n);
        expect(rounds.slice(n)).toEqual(rounds.slice(0, n));
        const zeros = [...weights.keys()].filter((index) => weights[index] === 0);
        expect(rounds.slice(n - zeros.length, n)).toEqual(zeros);
      }),
    );
  });

  it("depend on seed, height and round alone, not on what was asked before [PROPOSER.4]", () => {
    const proposer = createProposers(validatorsOf([3, 4, 5, 6]), drawOf(9));
    const slots = Array.from({ length: 60 }, (_, slot) => [1 + (slot % 15), slot % 4] as const);
    const forth = slots.map(([height, round]) => proposer(height, round));
    const back = slots.toReversed().map(([height, round]) => proposer(height, round));
    expect(back.toReversed()).toEqual(forth);
    const other = createProposers(validatorsOf([3, 4, 5, 6]), drawOf(10));
    expect(slots.map(([height, round]) => other(height, round))).not.toEqual(forth);
  });

  it("may have weight 0, which validators that take turns may not [PROPOSER.1] [PROPOSER.4]", () => {
    const broken = expect.objectContaining({ code: "INVARIANT" });
    expect(() => createProposers(validatorsOf([1, 0]))).toThrow(broken);
    expect(() => createProposers(validatorsOf([1, -1]), drawOf(1))).toThrow(broken);
    expect(() => createProposers(validatorsOf([1, 0.5]), drawOf(1))).toThrow(broken);
    expect(createProposers(validatorsOf([0, 0]), drawOf(1))(1, 0)).toBe(toyAddress(0));
  });

  it("are who the protocol asks for values, with the seed that each height starts with [PROPOSER.4]", () => {
    const desk = createDesk(4, 2, [1, 1, 2, 1]);
    const seeds = Array.from({ length: 24 }, (_, index) => new Uint8Array(32).fill(index < 12 ? 0 : index));
    const asked = seeds.map((seed, index) => asks(desk.start(index + 1, { seed })));
    const due = seeds.map((seed, index) => {
      const proposer = createProposers(desk.validators, { seed, hash: desk.ports.hash });
      return proposer(index + 1, 0) === toyAddress(2);
    });
    expect(asked).toEqual(due);
    expect(new Set(asked).size).toBe(2);
  });

  it("follow the list that a height starts with, and are by turns again without a seed [PROPOSER.4]", () => {
    const desk = createDesk(4, 2);
    const seed = new Uint8Array(32);
    expect(asks(desk.start(1, { seed, validators: validatorsOf([0, 0, 1, 0]) }))).toBe(true);
    expect(asks(desk.start(2, { seed, validators: validatorsOf([1, 0, 0, 0]) }))).toBe(false);
    const byTurns = [3, 4, 5, 6, 7, 8].map((height) => asks(desk.start(height)));
    expect(byTurns).toEqual([false, false, false, true, false, false]);
  });
});

describe("epochs", () => {
  it("cover heights k * blocks + 1 to (k + 1) * blocks, after the height of their seed [EPOCH.1] [EPOCH.2]", () => {
    expect([0, 1, 3, 4, 6, 7].map((height) => epochOf(height, 3))).toEqual([0, 0, 0, 1, 1, 2]);
    fc.assert(
      fc.property(heights, fc.integer({ min: 1, max: 10_000 }), (height, blocks) => {
        const seedHeight = seedHeightOf(epochOf(height, blocks), blocks);
        expect(seedHeight).toBeLessThan(height);
        expect(height - seedHeight).toBeLessThanOrEqual(blocks);
      }),
    );
  });
});
