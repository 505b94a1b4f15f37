import { createVirtualClock } from "@sheaf/base";
import { describe, expect, it } from "vitest";
import { blockDueMs, blockTimestampMs } from "../../src/host/block-timing.ts";
import { createRoundTimer } from "../../src/host/round-timer.ts";

const periods = { blockPeriodMs: 1_000, emptyBlockPeriodMs: 5_000 };

describe("when a block is due", () => {
  it("waits for the empty-block period without transactions, for the block period with them [BLOCK.1]", () => {
    expect(blockDueMs(10_000, periods, undefined)).toBe(15_000);
    expect(blockDueMs(10_000, periods, 9_000)).toBe(11_000);
    expect(blockDueMs(10_000, periods, 12_500)).toBe(12_500);
    expect(blockDueMs(10_000, periods, 99_000)).toBe(15_000);
  });

  it("keeps the beat when a little late, and gives up the beat when half a period late [BLOCK.2]", () => {
    expect(blockTimestampMs(10_000, periods, 11_000)).toBe(11_000);
    expect(blockTimestampMs(10_000, periods, 11_499)).toBe(11_000);
    expect(blockTimestampMs(10_000, periods, 11_500.7)).toBe(11_500);
    expect(blockTimestampMs(10_000, periods, 10_500)).toBe(11_000);
  });

  it("gives one block a period however the delays fall below half of it [BLOCK.2]", () => {
    let parent = 0;
    let now = 0;
    for (let block = 1; block <= 100; block++) {
      const due = blockDueMs(parent, periods, 0);
      now = Math.max(now, due) + ((block * 37) % 450);
      parent = blockTimestampMs(parent, periods, now);
      expect(parent).toBe(block * 1_000);
    }
  });
});

describe("the timer of a round", () => {
  function timerWith(waitingSince: () => number | undefined): {
    clock: ReturnType<typeof createVirtualClock>;
    timer: ReturnType<typeof createRoundTimer>;
    fired: number[];
  } {
    const clock = createVirtualClock(10_000);
    const fired: number[] = [];
    const timer = createRoundTimer(clock, 2_000, () => blockDueMs(10_000, periods, waitingSince()));
    timer.schedule(0, 3_000, () => void fired.push(clock.now()));
    return { clock, timer, fired };
  }

  it("does not end round 0 before its empty block is overdue [BLOCK.3]", () => {
    const { clock, fired } = timerWith(() => undefined);
    clock.runUntil(16_999);
    expect(fired).toEqual([]);
    clock.runUntil(17_000);
    expect(fired).toEqual([17_000]);
  });

  it("ends round 0 a round's time after transactions have come [BLOCK.3]", () => {
    let since: number | undefined;
    const { clock, timer, fired } = timerWith(() => since);
    clock.runUntil(12_300);
    since = 12_300;
    timer.reconsider();
    clock.runUntil(20_000);
    expect(fired).toEqual([14_300]);
  });

  it("ends round 0 a round's time after the proposal when that came sooner than it was due here [BLOCK.3]", () => {
    const { clock, timer, fired } = timerWith(() => undefined);
    clock.runUntil(11_000);
    timer.proposed();
    clock.runUntil(20_000);
    expect(fired).toEqual([13_000]);
  });

  it("gives an overdue proposal a round's time from the beginning of the round [BLOCK.3]", () => {
    const clock = createVirtualClock(90_000);
    const fired: number[] = [];
    const timer = createRoundTimer(clock, 2_000, () => 15_000);
    timer.schedule(0, 2_000, () => void fired.push(clock.now()));
    clock.runUntil(99_000);
    expect(fired).toEqual([92_000]);
  });

  it("takes later rounds as consensus says, and only the latest timer", () => {
    const { clock, timer, fired } = timerWith(() => undefined);
    timer.schedule(1, 700, () => void fired.push(clock.now()));
    timer.reconsider();
    timer.proposed();
    clock.runUntil(30_000);
    expect(fired).toEqual([10_700]);
    timer.schedule(1, 700, () => void fired.push(clock.now()));
    timer.cancel();
    clock.runUntil(40_000);
    expect(fired).toHaveLength(1);
  });
});
