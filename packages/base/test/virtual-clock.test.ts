import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Cancel, createVirtualClock, sleep } from "../src/index.ts";

describe("virtual clock", () => {
  it("runs actions in order of time, then of scheduling", () => {
    const clock = createVirtualClock(100);
    const ran: string[] = [];
    clock.schedule(5, () => ran.push("c"));
    clock.schedule(1, () => ran.push("a"));
    clock.schedule(5, () => ran.push("d"));
    clock.schedule(2, () => ran.push("b"));
    clock.runUntil(1_000);
    expect(ran).toEqual(["a", "b", "c", "d"]);
    expect(clock.now()).toBe(1_000);
    expect(clock.wallMs()).toBe(1_000);
  });

  it("stands at an action's time while it runs, and lets it schedule more", () => {
    const clock = createVirtualClock();
    const times: number[] = [];
    const tick = (): void => {
      times.push(clock.now());
      if (times.length < 5) clock.schedule(10, tick);
    };
    clock.schedule(10, tick);
    clock.runUntil(35);
    expect(times).toEqual([10, 20, 30]);
    expect(clock.pending).toBe(1);
    clock.runUntil(100);
    expect(times).toEqual([10, 20, 30, 40, 50]);
  });

  it("never goes back: a negative delay is now, an earlier limit leaves it where it stands", () => {
    const clock = createVirtualClock(50);
    clock.schedule(-10, () => {});
    expect(clock.runNext()).toBe(true);
    expect(clock.now()).toBe(50);
    clock.runUntil(20);
    expect(clock.now()).toBe(50);
  });

  it("cancels once, also from within another action, and harmlessly after the call", () => {
    const clock = createVirtualClock();
    const ran: string[] = [];
    const cancelLate = clock.schedule(2, () => ran.push("late"));
    const cancelFirst = clock.schedule(1, () => {
      ran.push("first");
      cancelLate();
      cancelLate();
    });
    expect(clock.pending).toBe(2);
    clock.runUntil(10);
    cancelFirst();
    expect(ran).toEqual(["first"]);
    expect(clock.pending).toBe(0);
    expect(clock.runNext()).toBe(false);
  });

  it("is consistent after an action that throws", () => {
    const clock = createVirtualClock();
    const ran: string[] = [];
    clock.schedule(1, () => {
      throw new RangeError("from an action");
    });
    clock.schedule(2, () => ran.push("next"));
    expect(() => clock.runUntil(5)).toThrow(RangeError);
    expect(clock.now()).toBe(1);
    clock.runUntil(5);
    expect(ran).toEqual(["next"]);
    expect(clock.pending).toBe(0);
  });

  it("carries sleep", async () => {
    const clock = createVirtualClock();
    let woke = false;
    const slept = sleep(30, clock).then(() => {
      woke = true;
    });
    clock.runUntil(29);
    await Promise.resolve();
    expect(woke).toBe(false);
    clock.runUntil(30);
    await slept;
    expect(woke).toBe(true);
  });

  it("behaves as a sorted list does, under any sequence of operations", () => {
    const operation = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({
          do: fc.constant("schedule" as const),
          delay: fc.integer({ min: -2, max: 60 }),
        }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("cancel" as const), index: fc.nat(100) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant("next" as const) }) },
      {
        weight: 1,
        arbitrary: fc.record({ do: fc.constant("until" as const), ahead: fc.integer({ min: -3, max: 15 }) }),
      },
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 200, size: "max" }), (operations) => {
        const clock = createVirtualClock();
        const model = createModel();
        const ran: number[] = [];
        const cancels: Cancel[] = [];
        for (const each of operations) {
          if (each.do === "schedule") {
            const id = cancels.length;
            cancels.push(clock.schedule(each.delay, () => ran.push(id)));
            model.schedule(each.delay, id);
          } else if (each.do === "cancel") {
            cancels[each.index]?.();
            model.cancel(each.index);
          } else if (each.do === "next") {
            expect(clock.runNext()).toBe(model.runNext());
          } else {
            const until = clock.now() + each.ahead;
            clock.runUntil(until);
            model.runUntil(until);
          }
          expect(clock.now()).toBe(model.now());
          expect(clock.pending).toBe(model.pending());
          expect(ran).toEqual(model.ran);
        }
      }),
      { numRuns: 200 },
    );
  });
});

/** The same contract, kept by sorting a list at every step. */
function createModel() {
  let entries: { readonly at: number; readonly id: number }[] = [];
  let now = 0;
  const ran: number[] = [];
  const runNext = (limit = Number.POSITIVE_INFINITY): boolean => {
    const head = entries[0];
    if (head === undefined || head.at > limit) return false;
    entries = entries.slice(1);
    now = head.at;
    ran.push(head.id);
    return true;
  };
  return {
    ran,
    now: () => now,
    pending: () => entries.length,
    schedule(delay: number, id: number) {
      entries = [...entries, { at: now + Math.max(0, delay), id }].sort((a, b) => a.at - b.at || a.id - b.id);
    },
    cancel(id: number) {
      entries = entries.filter((entry) => entry.id !== id);
    },
    runNext: () => runNext(),
    runUntil(until: number) {
      while (runNext(until)) {
        // each call runs one action
      }
      now = Math.max(now, until);
    },
  };
}
