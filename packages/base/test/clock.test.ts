import { afterEach, describe, expect, it, vi } from "vitest";
import { CodedError, createVirtualClock, sleep, systemClock, withDeadline } from "../src/index.ts";

afterEach(() => {
  vi.useRealTimers();
});

describe("system clock", () => {
  it("calls once, and never before the delay is over", async () => {
    for (let i = 0; i < 20; i++) {
      const delay = 0.5 + i * 0.37;
      const start = systemClock.now();
      await sleep(delay);
      expect(systemClock.now() - start).toBeGreaterThanOrEqual(delay);
    }
    expect(Math.abs(systemClock.wallMs() - Date.now())).toBeLessThan(1_000);
  });

  it("calls what is due now, and nothing that was cancelled", async () => {
    const ran: string[] = [];
    systemClock.schedule(-5, () => ran.push("past"));
    systemClock.schedule(0, () => ran.push("now"));
    systemClock.schedule(0, () => ran.push("cancelled"))();
    await sleep(10);
    expect(ran).toEqual(["past", "now"]);
  });

  it("keeps delays longer than a timer can hold", () => {
    vi.useFakeTimers();
    let calls = 0;
    const longMs = 60 * 24 * 3_600_000;
    systemClock.schedule(longMs, () => {
      calls += 1;
    });
    const cancelForever = systemClock.schedule(Number.POSITIVE_INFINITY, () => {
      calls += 100;
    });
    vi.advanceTimersByTime(longMs - 1);
    expect(calls).toBe(0);
    vi.advanceTimersByTime(1);
    expect(calls).toBe(1);
    vi.advanceTimersByTime(longMs);
    expect(calls).toBe(1);
    cancelForever();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("deadline", () => {
  it("gives what the work gives, and leaves no timer behind", async () => {
    const clock = createVirtualClock();
    await expect(withDeadline("work", 10, Promise.resolve(7), clock)).resolves.toBe(7);
    const failure = new RangeError("own failure");
    await expect(withDeadline("work", 10, Promise.reject(failure), clock)).rejects.toBe(failure);
    expect(clock.pending).toBe(0);
  });

  it("fails with DEADLINE when the work is late, and swallows what the work does after", async () => {
    const clock = createVirtualClock();
    let failLate = (_: Error): void => {};
    const work = new Promise<never>((_, reject) => {
      failLate = reject;
    });
    const outcome = withDeadline("start of chain a", 1_500, work, clock).catch((error: unknown) => error);
    clock.runUntil(1_499);
    expect(clock.pending).toBe(1);
    clock.runUntil(1_500);
    const error = await outcome;
    expect(error).toBeInstanceOf(CodedError);
    expect((error as CodedError).detail).toEqual({
      code: "DEADLINE",
      phase: "start of chain a",
      limitMs: 1_500,
    });
    expect((error as CodedError).message).toContain("start of chain a");
    failLate(new RangeError("late"));
    await Promise.resolve();
  });
});
