import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inWindow, logicalTransactions, steadyWindow, throughput } from "../src/index.ts";
import { armRecord, steadyChain, tableOf } from "./support/arms.ts";

const two = armRecord({ chains: 2, chainNames: ["a", "b"], loadedChains: [0, 1] });

describe("the steady window", () => {
  it("[WINDOW.1] lies between the last chain's first commit and the first chain's last send", () => {
    const table = tableOf([...steadyChain(0, 60, 20), ...steadyChain(1, 40, 20, 5000)]);
    const window = steadyWindow(table, two);
    expect(window.basis).toBe("steady");
    expect(window.startMs).toBeGreaterThanOrEqual(6002);
    expect(window.endMs).toBeLessThanOrEqual(44_950);
  });

  it("[WINDOW.1] leaves idle chains of a control out", () => {
    const control = armRecord({ ...two, loadedChains: [0] });
    expect(steadyWindow(tableOf(steadyChain(0, 30, 20)), control).basis).toBe("steady");
    expect(steadyWindow(tableOf(steadyChain(0, 30, 20)), two).basis).toBe("whole-run");
  });

  it("[WINDOW.3] counts whole blocks, so a steady rate is measured without error", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 60 }),
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 0, max: 999 }),
        (blocks, perBlock, offset) => {
          const table = tableOf([
            ...steadyChain(0, blocks, perBlock),
            ...steadyChain(1, blocks, perBlock, offset),
          ]);
          const window = steadyWindow(table, two);
          const rate = throughput(logicalTransactions(table), window);
          expect(window.basis).toBe("steady");
          expect(rate.all).toBeCloseTo(2 * perBlock, 6);
          expect(rate.perChain[0]?.tps).toBeCloseTo(perBlock, 6);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("[WINDOW.2] survives a validator that never answers: then quorum commits mark it", () => {
    const table = tableOf(steadyChain(0, 30, 10).map((sketch) => ({ ...sketch, all: null })));
    const window = steadyWindow(table, armRecord());
    const rate = throughput(logicalTransactions(table), window);
    expect(window.basis).toBe("steady");
    expect(rate).toMatchObject({ all: 0 });
    expect(rate.quorum).toBeCloseTo(10, 6);
  });

  it("[WINDOW.4] takes the whole run, and no interval, when the run is too short", () => {
    const table = tableOf(steadyChain(0, 3, 10));
    const window = steadyWindow(table, armRecord());
    expect(window).toMatchObject({ basis: "whole-run", endMs: 3002 });
    const rate = throughput(logicalTransactions(table), window);
    expect(rate.all).toBeCloseTo(30 / 3.002, 2);
    expect(rate.interval).toBeNull();
  });

  it("has a positive length whatever happened", () => {
    const time = fc.option(fc.double({ min: 0, max: 50_000, noNaN: true }), { nil: undefined });
    const sketch = fc.record({
      chain: fc.nat(1),
      scheduled: time,
      sent: time,
      first: time,
      block: fc.nat(8),
    });
    fc.assert(
      fc.property(fc.array(sketch, { maxLength: 40 }), (sketches) => {
        const known = sketches.map((s) =>
          Object.fromEntries(Object.entries(s).filter(([, v]) => v !== undefined)),
        );
        const window = steadyWindow(tableOf(known), two);
        expect(window.seconds).toBeGreaterThan(0);
        expect(inWindow(window, window.startMs)).toBe(false);
        expect(inWindow(window, window.endMs)).toBe(true);
        expect(inWindow(window, Number.NaN)).toBe(false);
      }),
    );
  });
});

describe("throughput", () => {
  it("[THROUGHPUT.1] [THROUGHPUT.2] counts valid commits only: failed, rejected and lost rows change nothing", () => {
    const good = steadyChain(0, 40, 10);
    const bad = good.map((sketch, i) =>
      i % 3 === 0
        ? { ...sketch, failed: true }
        : i % 3 === 1
          ? { scheduled: sketch.scheduled ?? 0, sent: sketch.sent ?? 0 }
          : { scheduled: sketch.scheduled ?? 0, sent: sketch.sent ?? 0, rejected: (sketch.sent ?? 0) + 1 },
    );
    const table = tableOf([...good, ...bad]);
    const window = steadyWindow(table, armRecord());
    expect(throughput(logicalTransactions(table), window).all).toBeCloseTo(10, 6);
  });

  it("[THROUGHPUT.3] stays finite when a validator catches up and many blocks commit at one moment", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 20 }), (from, blocks) => {
        const caughtUp = (from + blocks) * 1000 + 300;
        const sketches = steadyChain(0, 40, 10).map((s) =>
          (s.block ?? 0) > from && (s.block ?? 0) <= from + blocks ? { ...s, all: caughtUp } : s,
        );
        const table = tableOf(sketches);
        const rate = throughput(logicalTransactions(table), steadyWindow(table, armRecord()));
        expect(rate.all).toBeGreaterThan(0);
        expect(rate.all).toBeLessThan(100);
        expect(rate.batches.every(Number.isFinite)).toBe(true);
      }),
    );
  });

  it("[THROUGHPUT.3] its interval holds the mean and closes for a steady rate", () => {
    const table = tableOf(steadyChain(0, 60, 10));
    const arm = armRecord();
    const rate = throughput(logicalTransactions(table), steadyWindow(table, arm));
    expect(rate.batches).toHaveLength(10);
    expect(rate.interval?.low).toBeCloseTo(10, 6);
    expect(rate.interval?.high).toBeCloseTo(10, 6);
  });
});
