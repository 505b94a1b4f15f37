import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Address, proposerAt, proposerTurns } from "../src/index.ts";
import { toyAddress } from "./simulation/toy-ports.ts";

const validatorsOf = (weights: readonly number[]) =>
  weights.map((weight, index) => ({ address: toyAddress(index), weight }));
const indexOf = (address: Address): number => Number.parseInt(address.slice(2), 16) - 1;
const turnsOf = (weights: readonly number[]): number[] => proposerTurns(validatorsOf(weights)).map(indexOf);
const weightLists = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 12 });

describe("proposers", () => {
  it("go round in list order when weights are equal [PROPOSER.1]", () => {
    expect(turnsOf([1, 1, 1, 1])).toEqual([0, 1, 2, 3]);
    expect(turnsOf([7, 7, 7])).toEqual([0, 1, 2]);
  });

  it("interleave unequal weights as smooth weighted round robin does [PROPOSER.1]", () => {
    // the example in nginx's source, whose weights are 5, 1 and 1
    expect(turnsOf([5, 1, 1])).toEqual([0, 0, 1, 0, 2, 0, 0]);
  });

  it("have as many turns as their weight, no two turns of one far apart [PROPOSER.1]", () => {
    fc.assert(
      fc.property(weightLists, (weights) => {
        const turns = turnsOf(weights);
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        for (const [index, weight] of weights.entries()) {
          const own = turns.filter((turn) => turn === index).length;
          expect(own * total).toBe(weight * turns.length);
          // in any prefix of the cycle, nobody is a whole turn per validator away from its share
          let seen = 0;
          for (const [at, turn] of turns.entries()) {
            if (turn === index) seen += 1;
            expect(Math.abs(seen - ((at + 1) * weight) / total)).toBeLessThan(weights.length);
          }
        }
      }),
    );
  });

  it("change with the height, along the cycle [PROPOSER.2]", () => {
    const turns = proposerTurns(validatorsOf([5, 1, 1]));
    const first = Array.from({ length: 14 }, (_, height) => indexOf(proposerAt(turns, 3, height, 0)));
    expect(first).toEqual([0, 0, 1, 0, 2, 0, 0, 0, 0, 1, 0, 2, 0, 0]);
  });

  it("change with the round to one that had none at this height, then repeat [PROPOSER.2] [PROPOSER.3]", () => {
    fc.assert(
      fc.property(weightLists, fc.nat(10 ** 9), (weights, height) => {
        const n = weights.length;
        const turns = proposerTurns(validatorsOf(weights));
        const rounds = Array.from({ length: 3 * n }, (_, round) => proposerAt(turns, n, height, round));
        expect(new Set(rounds.slice(0, n)).size).toBe(n);
        expect(rounds.slice(n, 2 * n)).toEqual(rounds.slice(0, n));
        expect(rounds.slice(2 * n)).toEqual(rounds.slice(0, n));
      }),
    );
  });

  it("refuse weights whose cycle would not fit in memory", () => {
    expect(() => proposerTurns(validatorsOf([1_000_003, 999_983]))).toThrow(
      expect.objectContaining({ code: "INVARIANT" }),
    );
  });
});
