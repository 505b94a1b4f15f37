import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createBlockBoard, type SeenBlock } from "../src/watching/block-board.ts";

function record(validators: number, quorum: number, base = 0) {
  const complete: SeenBlock[] = [];
  const first: number[] = [];
  const board = createBlockBoard(
    { validators, quorum, base },
    { first: ({ number }) => first.push(number), quorum: () => {}, all: (block) => complete.push(block) },
  );
  return { board, complete, first };
}

describe("block board", () => {
  it("gives first, quorum and all from the order of heads, and a head stands for all before it [LATENCY.2]", () => {
    const { board, complete, first } = record(4, 3);
    board.headSeen(0, 1, 10);
    board.headSeen(1, 2, 20);
    board.headSeen(2, 2, 30);
    board.headSeen(0, 2, 31);
    expect(complete).toEqual([]);
    board.headSeen(3, 2, 50);
    expect(first).toEqual([1, 2]);
    expect(complete).toMatchObject([
      { number: 1, firstMs: 10, quorumMs: 30, allMs: 50, seenMs: [10, 20, 30, 50] },
      { number: 2, firstMs: 20, quorumMs: 31, allMs: 50, seenMs: [31, 20, 30, 50] },
    ]);
  });

  it("agrees with the definition for any order of heads of validators that never go down [LATENCY.2]", () => {
    const heads = fc.array(
      fc.record({ validator: fc.integer({ min: 0, max: 3 }), by: fc.integer({ min: 0, max: 3 }) }),
      { maxLength: 80 },
    );
    fc.assert(
      fc.property(heads, (moves) => {
        const { board, complete } = record(4, 3, 7);
        const at = [7, 7, 7, 7];
        const shown = new Map<number, (number | undefined)[]>();
        moves.forEach(({ validator, by }, time) => {
          const from = at[validator] as number;
          for (let number = from + 1; number <= from + by; number++) {
            const times = shown.get(number) ?? [undefined, undefined, undefined, undefined];
            times[validator] = time;
            shown.set(number, times);
          }
          at[validator] = from + by;
          board.headSeen(validator, from + by, time);
        });
        const expected = [...shown].filter(([, times]) => times.every((time) => time !== undefined));
        expect(complete.map(({ number }) => number).sort((a, b) => a - b)).toEqual(
          expected.map(([number]) => number).sort((a, b) => a - b),
        );
        for (const { number, firstMs, quorumMs, allMs } of complete) {
          const times = (shown.get(number) as number[]).toSorted((a, b) => a - b);
          expect([firstMs, quorumMs, allMs]).toEqual([times[0], times[2], times[3]]);
        }
      }),
    );
  });

  it("stops waiting for a validator that goes down, and completes what only it was missing", () => {
    const { board, complete } = record(4, 3);
    for (const validator of [0, 1, 2]) board.headSeen(validator, 1, validator);
    expect(complete).toEqual([]);
    board.down(3, 100);
    expect(complete).toMatchObject([{ number: 1, quorumMs: 2, allMs: 100, seenMs: [0, 1, 2, null] }]);
    for (const validator of [0, 1, 2]) board.headSeen(validator, 2, 200 + validator);
    expect(complete[1]).toMatchObject({ number: 2, allMs: 202 });
  });

  it("waits for a validator again for blocks that appear after it has caught up", () => {
    const { board, complete } = record(4, 3);
    board.down(3, 0);
    for (const validator of [0, 1, 2]) board.headSeen(validator, 5, 10 + validator);
    board.up(3);
    board.headSeen(3, 2, 20);
    for (const validator of [0, 1, 2]) board.headSeen(validator, 6, 30 + validator);
    expect(complete.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6]);
    board.headSeen(3, 6, 40);
    for (const validator of [0, 1, 2]) board.headSeen(validator, 7, 50 + validator);
    expect(complete).toHaveLength(6);
    board.headSeen(3, 7, 60);
    expect(complete[6]).toMatchObject({ number: 7, allMs: 60 });
  });

  it("asks for a quorum even where few validators are required", () => {
    const { board, complete } = record(4, 3);
    board.down(2, 0);
    board.down(3, 0);
    board.headSeen(0, 1, 10);
    board.headSeen(1, 1, 11);
    expect(complete).toEqual([]);
    board.up(2);
    board.headSeen(2, 1, 20);
    expect(complete).toMatchObject([{ number: 1, quorumMs: 20, allMs: 20 }]);
  });
});
