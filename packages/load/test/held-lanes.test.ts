import { createRandom, createVirtualClock } from "@sheaf/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createHeldLanes } from "../src/sending/held-lanes.ts";

describe("held lanes", () => {
  it("takes every transaction through a pool that refuses at random, and in each lane in order", () => {
    fc.assert(
      fc.property(fc.string(), fc.double({ min: 0, max: 0.8, noNaN: true }), (seed, refusal) => {
        const random = createRandom(seed);
        const clock = createVirtualClock();
        const lanes = 5;
        const perLane = 20;
        const taken = new Map<number, number[]>();
        const pool: number[] = [];
        const held = createHeldLanes(clock, (row) => pool.push(row));
        const submit = (row: number): void => {
          if (!held.keep(row % lanes, row)) pool.push(row);
        };
        /** The pool takes a row only when the one before it in its lane was taken, as a strict node does. */
        const answer = (row: number): void => {
          const lane = row % lanes;
          const before = taken.get(lane) ?? [];
          if (random.chance(refusal) || before.length * lanes + lane !== row) {
            held.refused(lane, row);
            return;
          }
          taken.set(lane, [...before, row]);
          held.passed(lane, row);
        };
        let next = 0;
        const isDone = (): boolean => [...taken.values()].flat().length === lanes * perLane;
        for (let step = 0; step < 20_000 && !isDone(); step++) {
          if (next < lanes * perLane && random.chance(0.2)) submit(next++);
          const row = pool.shift();
          if (row !== undefined) answer(row);
          clock.runUntil(clock.now() + 50);
          held.retryDue();
        }
        for (let lane = 0; lane < lanes; lane++) {
          expect(taken.get(lane)).toEqual(Array.from({ length: perLane }, (_, i) => i * lanes + lane));
          expect(held.isHeld(lane)).toBe(false);
        }
      }),
      { numRuns: 25 },
    );
  });

  it("keeps what follows a refused transaction back until that one was taken", () => {
    const clock = createVirtualClock();
    const sent: number[] = [];
    const held = createHeldLanes(clock, (row) => sent.push(row));
    held.refused(0, 4);
    expect(held.keep(0, 5)).toBe(true);
    expect(held.keep(0, 6)).toBe(true);
    expect(held.keep(1, 7)).toBe(false);
    held.retryDue();
    expect(sent).toEqual([]);
    clock.runUntil(50);
    held.retryDue();
    expect(sent).toEqual([4]);
    held.passed(0, 4);
    expect(sent).toEqual([4, 5, 6]);
    held.passed(0, 6);
    held.passed(0, 5);
    expect(held.isHeld(0)).toBe(false);
  });
});
