import { createRandom, createVirtualClock } from "@sheaf/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { constantArrivals, poissonArrivals } from "../src/schedule/arrivals.ts";
import { createOpenLoop } from "../src/schedule/open-loop.ts";
import { createWindowed } from "../src/schedule/windowed.ts";

interface Submission {
  readonly row: number;
  readonly scheduledMs: number;
  readonly atMs: number;
}

describe("open loop", () => {
  it("schedules every transaction at its arrival, though the clock is looked at rarely [LATENCY.1]", () => {
    const clock = createVirtualClock(5_000);
    const seen: Submission[] = [];
    const loop = createOpenLoop(
      { count: 100, arrivals: constantArrivals(400), tickMs: 10, clock },
      { submit: (row, scheduledMs) => seen.push({ row, scheduledMs, atMs: clock.now() }), flush: () => {} },
    );
    loop.start();
    clock.runUntil(6_000);
    expect(loop.finished).toBe(true);
    expect(seen.map(({ row }) => row)).toEqual([...Array(100).keys()]);
    for (const { row, scheduledMs, atMs } of seen) {
      expect(scheduledMs).toBeCloseTo(5_000 + row * 2.5, 9);
      expect(atMs).toBeGreaterThanOrEqual(scheduledMs);
      expect(atMs - scheduledMs).toBeLessThanOrEqual(10);
    }
  });

  it("keeps the schedule when the driver itself is away, and shows the lag instead", () => {
    const clock = createVirtualClock();
    const seen: Submission[] = [];
    let away = 300;
    const loop = createOpenLoop(
      { count: 200, arrivals: constantArrivals(100), tickMs: 5, clock },
      {
        submit: (row, scheduledMs) => seen.push({ row, scheduledMs, atMs: clock.now() }),
        flush() {
          // The first flush blocks everything for 300 ms, as a long garbage collection does.
          clock.runUntil(clock.now() + away);
          away = 0;
        },
      },
    );
    loop.start();
    clock.runUntil(3_000);
    seen.forEach(({ scheduledMs }, row) => {
      expect(scheduledMs).toBeCloseTo(row * 10, 9);
    });
    expect(Math.max(...seen.map(({ scheduledMs, atMs }) => atMs - scheduledMs))).toBeGreaterThanOrEqual(290);
  });

  it("draws Poisson arrivals of the rate: mean gap 1/rate, standard deviation the same", () => {
    const next = poissonArrivals(500, createRandom("arrivals"));
    const times = Array.from({ length: 50_000 }, () => next());
    const gaps = times.map((time, i) => time - (times[i - 1] ?? 0));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);
    expect(mean).toBeGreaterThan(1.95);
    expect(mean).toBeLessThan(2.05);
    expect(deviation / mean).toBeGreaterThan(0.97);
    expect(deviation / mean).toBeLessThan(1.03);
  });

  it("submits nothing after it was stopped", () => {
    const clock = createVirtualClock();
    let submitted = 0;
    const loop = createOpenLoop(
      { count: 100, arrivals: constantArrivals(100), tickMs: 5, clock },
      { submit: () => submitted++, flush: () => {} },
    );
    loop.start();
    clock.runUntil(500);
    loop.stop();
    const before = submitted;
    clock.runUntil(2_000);
    expect(submitted).toBe(before);
    expect(loop.finished).toBe(false);
  });
});

describe("window", () => {
  it("is never exceeded on any chain, is kept full, and sends each transaction once, in order", () => {
    const cases = fc.record({
      chains: fc.integer({ min: 1, max: 5 }),
      window: fc.integer({ min: 5, max: 60 }),
      count: fc.integer({ min: 1, max: 300 }),
      seed: fc.string(),
    });
    fc.assert(
      fc.property(cases, ({ chains, window, count, seed }) => {
        const random = createRandom(seed);
        const chainOf = Uint16Array.from({ length: count }, () => random.int(chains));
        const clock = createVirtualClock();
        const inFlight = new Array<number>(chains).fill(0);
        const sent: number[][] = inFlight.map(() => []);
        const share = (chain: number): number =>
          Math.floor(window / chains) + (chain < window % chains ? 1 : 0);
        const left = (chain: number): number =>
          chainOf.filter((each) => each === chain).length - (sent[chain]?.length ?? 0);
        const schedule = createWindowed(
          { window, chains: inFlight.map((_, chain) => chain), chainOf, count, clock },
          {
            submit(row) {
              const chain = chainOf[row] as number;
              inFlight[chain] = (inFlight[chain] as number) + 1;
              sent[chain]?.push(row);
            },
            flush: () => {},
          },
        );
        schedule.start();
        for (
          let step = 0;
          step < 1_000 && !(schedule.finished && inFlight.every((each) => each === 0));
          step++
        ) {
          inFlight.forEach((flying, chain) => {
            expect(flying).toBe(Math.min(share(chain), flying + left(chain)));
          });
          const busy = inFlight.flatMap((flying, chain) => (flying > 0 ? [chain] : []));
          if (busy.length === 0) break;
          const chain = random.pick(busy);
          const ended = 1 + random.int(inFlight[chain] as number);
          inFlight[chain] = (inFlight[chain] as number) - ended;
          schedule.settled(chain, ended);
        }
        expect(schedule.finished).toBe(true);
        expect(sent.flat().sort((a, b) => a - b)).toEqual([...Array(count).keys()]);
        for (const rows of sent) expect(rows).toEqual([...rows].sort((a, b) => a - b));
      }),
      { numRuns: 60 },
    );
  });

  it("gives the moment at which a slot became free as the scheduled time [LATENCY.1]", () => {
    const clock = createVirtualClock();
    const scheduled: number[] = [];
    const schedule = createWindowed(
      { window: 2, chains: [0], chainOf: new Uint16Array(4), count: 4, clock },
      { submit: (_, at) => scheduled.push(at), flush: () => {} },
    );
    schedule.start();
    clock.runUntil(100);
    schedule.settled(0, 1);
    clock.runUntil(250);
    schedule.settled(0, 1);
    expect(scheduled).toEqual([0, 0, 100, 250]);
  });
});
