import { createRandom } from "@sheaf/base";
import { describe, expect, it } from "vitest";
import { type Candidate, type RatingRow, reputationsOf, selectOwners } from "../../src/index.ts";

const candidates: Candidate[] = Array.from({ length: 30 }, (_, i) => ({
  id: `o${i}`,
  trust: i / 30,
  uncertainty: i < 5 ? 1 : 0.1,
}));

describe("selection [REPUTATION.7]", () => {
  it("takes the most trusted without exploration", () => {
    const { chosen, explored } = selectOwners(candidates, { count: 4, exploration: 0 }, createRandom(1));
    expect(chosen).toEqual(["o29", "o28", "o27", "o26"]);
    expect(explored).toEqual([]);
  });

  it("gives its share to exploration, and nobody two places", () => {
    const random = createRandom("share");
    for (let run = 0; run < 100; run++) {
      const count = 1 + random.int(35);
      const { chosen, explored } = selectOwners(candidates, { count, exploration: 0.25 }, random);
      expect(chosen).toHaveLength(Math.min(count, 30));
      expect(new Set(chosen).size).toBe(chosen.length);
      expect(explored).toHaveLength(Math.min(Math.ceil(count / 4), chosen.length));
      expect(chosen.slice(-explored.length)).toEqual(explored);
    }
  });

  it("explores the uncertain more, in proportion to uncertainty and trust", () => {
    const random = createRandom("proportion");
    const three = [
      { id: "known", trust: 0.9, uncertainty: 0.1 },
      { id: "newcomer", trust: 0.5, uncertainty: 1 },
      { id: "bad", trust: 0.1, uncertainty: 0.1 },
    ];
    const counts = new Map<string, number>();
    for (let run = 0; run < 6000; run++) {
      const [id] = selectOwners(three, { count: 1, exploration: 1 }, random).explored;
      counts.set(id as string, (counts.get(id as string) ?? 0) + 1);
    }
    expect((counts.get("newcomer") as number) / 6000).toBeCloseTo(0.5 / 0.6, 1);
    expect((counts.get("known") as number) / 6000).toBeCloseTo(0.09 / 0.6, 1);
    expect((counts.get("bad") as number) / 6000).toBeLessThan(0.04);
  });

  it("is the same for the same seed, and fair among equals", () => {
    const equal = candidates.map((candidate) => ({ ...candidate, trust: 0.5 }));
    const pick = (seed: number) =>
      selectOwners(equal, { count: 5, exploration: 0.2 }, createRandom(seed)).chosen;
    expect(pick(1)).toEqual(pick(1));
    const first = new Set(Array.from({ length: 200 }, (_, seed) => pick(seed)[0]));
    expect(first.size).toBe(30);
  });

  it("leaves out whom it trusts too little, also when places stay empty", () => {
    const { chosen } = selectOwners(
      candidates,
      { count: 20, exploration: 0.5, minimumTrust: 0.5 },
      createRandom(1),
    );
    expect(chosen).toHaveLength(15);
    for (const id of chosen) expect(Number(id.slice(1))).toBeGreaterThanOrEqual(15);
  });

  it("works when everybody is known to be worthless", () => {
    const hopeless = candidates.map(({ id }) => ({ id, trust: 0, uncertainty: 0 }));
    expect(selectOwners(hopeless, { count: 7, exploration: 1 }, createRandom(1)).chosen).toHaveLength(7);
  });

  it.each([
    { count: -1, exploration: 0 },
    { count: 1.5, exploration: 0 },
    { count: 1, exploration: 2 },
  ])("refuses %o", (options) => {
    expect(() => selectOwners(candidates, options, createRandom(1))).toThrowError(
      expect.objectContaining({ code: "INVALID_INPUT" }),
    );
  });
});

describe("a market over many jobs", () => {
  interface History {
    /** Malicious owners chosen in the jobs of honest analysts, job by job. */
    readonly malicious: readonly number[];
    /** Newcomers (good owners that come after a third of the jobs) chosen in them. */
    readonly newcomers: readonly number[];
  }

  /**
   * 40 owners, a quarter malicious (bad in 70 % of their rounds; 5 % for the others), 10 more good ones from
   * job 40 on. Four analysts take turns and rate the owners of their jobs; the fourth praises the malicious and
   * slanders the good, as loudly as it can.
   */
  function simulate(seed: string, exploration: number, deviationScale = 0.35): History {
    const random = createRandom(seed);
    const isMalicious = (id: number): boolean => id < 10;
    const rows: (RatingRow & { at: number })[] = [];
    const malicious: number[] = [];
    const newcomers: number[] = [];
    for (let job = 0; job < 120; job++) {
      const owners = Array.from({ length: job < 40 ? 40 : 50 }, (_, id) => id);
      const isHonest = job % 4 !== 3;
      const analyst = `analyst ${job % 4}`;
      const aged = rows.map((entry) => ({ ...entry, age: job - entry.at }));
      const known = reputationsOf(aged, { viewer: analyst, halfLife: 60, deviationScale });
      const pool = owners.map((id) => {
        const { trust, uncertainty } = known.get(`o${id}`) ?? { trust: 0.5, uncertainty: 1 };
        return { id: `o${id}`, trust, uncertainty };
      });
      const { chosen } = selectOwners(pool, { count: 10, exploration }, random);
      const ids = chosen.map((id) => Number(id.slice(1)));
      if (isHonest) {
        malicious.push(ids.filter(isMalicious).length);
        newcomers.push(ids.filter((id) => id >= 40).length);
      }
      for (const id of ids) {
        const base = { job: BigInt(job), rater: analyst, subject: `o${id}`, uncertain: 0, age: 0, at: job };
        const bad = Array.from({ length: 5 }, () => random.chance(isMalicious(id) ? 0.7 : 0.05)).filter(
          Boolean,
        ).length;
        if (isHonest) rows.push({ ...base, positive: 5 - bad, negative: bad });
        else rows.push({ ...base, positive: isMalicious(id) ? 100 : 0, negative: isMalicious(id) ? 0 : 100 });
      }
    }
    return { malicious, newcomers };
  }

  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const seeds = ["a", "b", "c"];

  it("chooses the malicious less and less, and lets newcomers in", () => {
    const runs = seeds.map((seed) => simulate(seed, 0.2));
    const chosen = (from: number, to?: number): number =>
      mean(runs.flatMap(({ malicious }) => malicious.slice(from, to)));
    expect(chosen(0, 2)).toBeGreaterThan(1.2);
    expect(chosen(10, 30)).toBeLessThan(chosen(0, 2) / 2);
    expect(chosen(-30)).toBeLessThan(chosen(0, 2) / 3);
    for (const { newcomers } of runs) {
      expect(mean(newcomers.slice(30, 45))).toBeGreaterThan(0.5);
      expect(mean(newcomers.slice(-30))).toBeGreaterThan(1);
    }
  });

  it("would choose more of them if it listened to everybody alike", () => {
    const late = (deviationScale: number) =>
      mean(seeds.flatMap((seed) => simulate(seed, 0.2, deviationScale).malicious.slice(-30)));
    expect(late(0.35)).toBeLessThan(late(1e9) / 2);
  });

  it("keeps newcomers out without exploration", () => {
    const { newcomers } = simulate("a", 0);
    expect(mean(newcomers.slice(30))).toBeLessThan(0.3);
  });
});
