import { describe, expect, it } from "vitest";
import { profileOf } from "./simulation/profile.ts";
import { simulate } from "./simulation/simulate.ts";
import { weakened } from "./simulation/weakened.ts";

/** SHEAF_SEEDS and SHEAF_SEED choose how many seeds run, and from which on. */
const SEEDS = Number(process.env["SHEAF_SEEDS"] ?? 2000);
const FIRST = Number(process.env["SHEAF_SEED"] ?? 1);
const BATCH = 250;
const MINUTES = 60_000;

const batches = Array.from({ length: Math.ceil(SEEDS / BATCH) }, (_, index) => {
  const from = FIRST + index * BATCH;
  return { from, to: Math.min(from + BATCH, FIRST + SEEDS) - 1 };
});

describe("whole networks under seeded faults agree, decide only valid values, and end once healed", () => {
  it.each(batches)("seeds $from to $to", { timeout: 60 * MINUTES }, ({ from, to }) => {
    const failures: string[] = [];
    for (let seed = from; seed <= to; seed++) {
      const { violation } = simulate(seed);
      if (violation === undefined) continue;
      failures.push(
        `seed ${seed}: ${violation.kind} at ${violation.atMs} ms: ${violation.detail}; ` +
          `replay: npm run simulate -w @sheaf/consensus -- --seed ${seed} --trace`,
      );
    }
    expect(failures).toEqual([]);
  });

  it("with epochs: proposers and weights change where each validator's own chain says [PROPOSER.4] [PROPOSER.5] [EPOCH.1] [EPOCH.2]", {
    timeout: MINUTES,
  }, () => {
    const withEpochs = Array.from({ length: 400 }, (_, index) => index + 1).filter(
      (seed) => profileOf(seed).epochBlocks !== undefined,
    );
    expect(withEpochs.length).toBeGreaterThan(100);
    const zero = withEpochs.filter((seed) => {
      const { violation, schedules } = simulate(seed);
      expect(violation).toBeUndefined();
      return schedules.some(({ validators }) => validators.some(({ weight }) => weight === 0));
    });
    // most networks go through an epoch in which somebody has no weight
    expect(zero.length).toBeGreaterThan(withEpochs.length / 2);
  });

  it("in profiles that cover sizes, traitors, crashes, partitions and the encoding", () => {
    const profiles = Array.from({ length: 2000 }, (_, index) => profileOf(index + 1));
    for (const n of [4, 5, 6, 7, 10]) {
      const ofSize = profiles.filter(({ validators }) => validators === n);
      const traitors = new Set(ofSize.map((profile) => profile.traitors));
      expect(ofSize.length).toBeGreaterThan(100);
      expect([...traitors].sort()).toEqual(
        Array.from({ length: Math.floor((n - 1) / 3) + 1 }, (_, each) => each),
      );
    }
    const counts = [
      profiles.filter(({ usualLoss }) => usualLoss > 0),
      profiles.filter(({ crashes }) => crashes > 0),
      profiles.filter(({ partitions }) => partitions > 0),
      profiles.filter(({ weights }) => new Set(weights).size > 1),
      profiles.filter(({ encoded }) => encoded),
      profiles.filter(({ epochBlocks }) => epochBlocks === 1),
      profiles.filter(({ epochBlocks }) => epochBlocks === 3),
    ].map(({ length }) => length);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(50);
  });

  it("the same way each time a seed is run", () => {
    const run = (): string[] => {
      const lines: string[] = [];
      simulate(10, { trace: (line) => lines.push(line) });
      return lines;
    };
    const first = run();
    expect(first.length).toBeGreaterThan(200);
    expect(run()).toEqual(first);
  });
});

describe("the simulation finds what a weaker protocol does wrong", () => {
  it.each([
    ["quorum", "agreement"],
    ["lock", "agreement"],
    ["justification", "agreement"],
    ["persistence", "conflicting-votes"],
    ["order", "conflicting-votes"],
  ] as const)("without its %s: %s is violated", { timeout: 10 * MINUTES }, (rule, kind) => {
    expect(findViolation(rule, kind)).toBe(kind);
  });

  it.each([
    ["early", "false-accusation"],
    ["late", "false-accusation"],
    ["ownView", "false-accusation"],
    ["ownView", "proposer"],
  ] as const)(
    "with one validator's weights wrong (%s): %s [EPOCH.2]",
    { timeout: 10 * MINUTES },
    (rule, kind) => {
      expect(findViolation(rule, kind)).toBe(kind);
    },
  );
});

/** The last violation that the first seeds show, up to the one of `kind`. */
function findViolation(rule: keyof typeof weakened, kind: string): string | undefined {
  let found: string | undefined;
  for (let seed = 1; found !== kind && seed <= 2000; seed++) {
    found = simulate(seed, weakened[rule]).violation?.kind;
  }
  return found;
}
