import { createRandom } from "@sheaf/base";
import { describe, expect, it } from "vitest";
import { type RatingRow, reputationOf, reputationsOf } from "../../src/index.ts";
import { averageOpinion, discount, fuse, opinionOf, vacuous } from "../../src/reputation/opinion.ts";

function row(
  rater: string,
  subject: string,
  positive: number,
  negative: number,
  more: Partial<RatingRow> = {},
): RatingRow {
  return { job: 1n, rater, subject, positive, negative, uncertain: 0, age: 0, ...more };
}

const even = { negativeWeight: 1, halfLife: Number.POSITIVE_INFINITY, eventsPerRow: 100 };

describe("an opinion [REPUTATION.1]", () => {
  it("splits the certain part by good and bad events", () => {
    const random = createRandom("opinion");
    for (let i = 0; i < 200; i++) {
      const [a, n, open] = [random.int(30), random.int(30), random.int(30)];
      const { belief, disbelief, uncertainty } = opinionOf([row("x", "y", a, n, { uncertain: open })], even);
      expect(belief + disbelief + uncertainty).toBeCloseTo(1, 12);
      expect(uncertainty).toBeCloseTo((open + 2) / (a + n + open + 2), 12);
      if (a + n > 0) {
        expect(belief).toBeCloseTo(((1 - uncertainty) * a) / (a + n), 12);
        expect(disbelief).toBeCloseTo(((1 - uncertainty) * n) / (a + n), 12);
      }
    }
  });

  it("is vacuous without evidence: trust in a newcomer is the base rate", () => {
    expect(opinionOf([], even)).toEqual(vacuous);
    expect(reputationOf("nobody", [])).toEqual({ ...vacuous, trust: 0.5 });
    expect(reputationOf("nobody", [row("a", "b", 5, 0)], { base: 0.3 }).trust).toBe(0.3);
  });

  it("comes nearer to the truth with evidence, and stays unsure while events are uncertain", () => {
    const trusts = [0, 1, 3, 10, 30].map((count) => reputationOf("s", [row("a", "s", count, 0)]).trust);
    expect(trusts).toEqual(trusts.toSorted((x, y) => x - y));
    expect(trusts.at(-1)).toBeGreaterThan(0.95);
    const unsure = reputationOf("s", [row("a", "s", 10, 0, { uncertain: 40 })]);
    expect(unsure.uncertainty).toBeGreaterThan(0.75);
  });
});

describe("weights of events [REPUTATION.2]", () => {
  it("make a bad event weigh more than a good one", () => {
    expect(reputationOf("s", [row("a", "s", 10, 10)]).trust).toBeLessThan(0.4);
    expect(reputationOf("s", [row("a", "s", 10, 10)], { negativeWeight: 1 }).trust).toBe(0.5);
    expect(reputationOf("s", [row("a", "s", 20, 10)]).trust).toBeCloseTo(0.5, 12);
  });

  it("make a recent event weigh more than an old one", () => {
    const params = { halfLife: 10 };
    const turnedBad = [row("a", "s", 10, 0, { age: 30 }), row("a", "s", 0, 10, { age: 0 })];
    const turnedGood = [row("a", "s", 0, 10, { age: 30 }), row("a", "s", 10, 0, { age: 0 })];
    expect(reputationOf("s", turnedBad, params).trust).toBeLessThan(0.25);
    expect(reputationOf("s", turnedGood, params).trust).toBeGreaterThan(0.7);
    expect(reputationOf("s", turnedBad).trust).toBe(reputationOf("s", turnedGood).trust);
  });

  it("halve an event each half-life, and forget in the end", () => {
    const aged = (age: number) => opinionOf([row("a", "s", 8, 0, { age })], { ...even, halfLife: 10 });
    expect(aged(10)).toEqual(opinionOf([row("a", "s", 4, 0)], even));
    expect(aged(1000).uncertainty).toBeCloseTo(1, 12);
  });

  it("keep a single row from shouting", () => {
    const loud = reputationOf("s", [row("a", "s", 4e9, 0)]);
    expect(loud).toEqual(reputationOf("s", [row("a", "s", 100, 0)]));
  });
});

describe("recommendations", () => {
  it("are averaged by weight, and fused with one's own opinion [REPUTATION.3] [REPUTATION.6]", () => {
    const a = { belief: 0.6, disbelief: 0.2, uncertainty: 0.2 };
    const b = { belief: 0.1, disbelief: 0.5, uncertainty: 0.4 };
    expect(averageOpinion([])).toEqual(vacuous);
    const mixed = averageOpinion([
      { opinion: a, weight: 3 },
      { opinion: b, weight: 1 },
    ]);
    expect(mixed.belief).toBeCloseTo(0.475, 12);
    expect(mixed.disbelief).toBeCloseTo(0.275, 12);
    expect(mixed.uncertainty).toBeCloseTo(0.25, 12);
    const fused = fuse(a, b);
    expect(fused.belief + fused.disbelief + fused.uncertainty).toBeCloseTo(1, 12);
    expect(fused.uncertainty).toBeLessThan(0.2);
    expect(fused.belief).toBeCloseTo((0.6 * 0.4 + 0.1 * 0.2) / 0.52, 12);
    expect(fuse(a, b)).toEqual(fuse(b, a));
    expect(fuse(a, vacuous)).toEqual(a);
  });

  it("of somebody without credit say nothing: discounting turns belief into uncertainty [REPUTATION.5]", () => {
    const opinion = { belief: 0.6, disbelief: 0.2, uncertainty: 0.2 };
    expect(discount(opinion, 0)).toEqual(vacuous);
    const half = discount(opinion, 0.5);
    expect(half.belief).toBeCloseTo(0.3, 12);
    expect(half.disbelief).toBeCloseTo(0.1, 12);
    expect(half.uncertainty).toBeCloseTo(0.6, 12);
  });

  it("fusing opinions adds their evidence up", () => {
    const [one, two] = [row("a", "s", 7, 2), row("a", "s", 3, 5)];
    const both = opinionOf([one, two], even);
    const fused = fuse(opinionOf([one], even), opinionOf([two], even));
    expect(fused.belief).toBeCloseTo(both.belief, 12);
    expect(fused.uncertainty).toBeCloseTo(both.uncertainty, 12);
  });

  it("count less for a viewer who knows the subject than for one who does not", () => {
    const rows = [row("me", "s", 0, 20), row("a", "s", 20, 0), row("b", "s", 20, 0), row("c", "other", 3, 0)];
    expect(reputationOf("s", rows, { viewer: "me" }).trust).toBeLessThan(0.5);
    expect(reputationOf("s", rows, { viewer: "c" }).trust).toBeGreaterThan(0.8);
  });

  it("weigh by interaction: a rater that had little to do with the subject moves less [REPUTATION.3]", () => {
    const rows = (events: number): RatingRow[] => [
      row("a", "s", 20, 0),
      row("a", "t", 20, 0),
      row("b", "s", 0, events),
      row("b", "t", 40 - events, 0),
    ];
    expect(reputationOf("s", rows(4)).trust).toBeGreaterThan(reputationOf("s", rows(20)).trust + 0.1);
  });

  it("leave out what anybody says of himself", () => {
    const rows = [row("s", "s", 100, 0), row("a", "s", 1, 4)];
    expect(reputationOf("s", rows)).toEqual(reputationOf("s", [row("a", "s", 1, 4)]));
  });

  it("are given for all subjects at once as for one", () => {
    const random = createRandom("all");
    const names = ["a", "b", "c", "d", "e"];
    const rows = Array.from({ length: 60 }, () =>
      row(random.pick(names), random.pick(names), random.int(9), random.int(4), { age: random.int(50) }),
    );
    const params = { halfLife: 20, viewer: "b" };
    for (const [subject, reputation] of reputationsOf(rows, params)) {
      expect(reputation).toEqual(reputationOf(subject, rows, params));
      expect(reputation.belief + reputation.disbelief + reputation.uncertainty).toBeCloseTo(1, 9);
      expect(reputation.trust).toBeGreaterThanOrEqual(0);
      expect(reputation.trust).toBeLessThanOrEqual(1);
    }
  });

  it.each([
    [[row("a", "s", -1, 0)], {}],
    [[row("a", "s", 1, 0, { age: Number.NaN })], {}],
    [[], { base: 1.5 }],
    [[], { negativeWeight: 0.5 }],
    [[], { halfLife: 0 }],
  ])("refuse rows or parameters that make no sense", (rows, params) => {
    expect(() => reputationOf("s", rows, params)).toThrowError(
      expect.objectContaining({ code: "INVALID_INPUT" }),
    );
  });
});

describe("colluding recommenders", () => {
  /** 20 raters, each with 10 events with each of 12 subjects; the last `liars` lie about subject 0. */
  function market(liars: number, lie: "praise" | "slander"): RatingRow[] {
    const random = createRandom(`market ${liars} ${lie}`);
    const rows: RatingRow[] = [];
    for (let r = 0; r < 20; r++) {
      for (let s = 0; s < 12; s++) {
        const isGood = s % 2 === 1;
        const positive = Array.from({ length: 10 }, () => random.chance(isGood ? 0.9 : 0.15)).filter(
          Boolean,
        ).length;
        const isLie = r >= 20 - liars && s === (lie === "praise" ? 0 : 1);
        if (!isLie) rows.push(row(`r${r}`, `s${s}`, positive, 10 - positive));
        else if (lie === "praise") rows.push(row(`r${r}`, `s${s}`, 100, 0));
        else rows.push(row(`r${r}`, `s${s}`, 0, 100));
      }
    }
    return rows;
  }

  it.each([4, 6, 8])("%d of 20 do not make a bad owner good [REPUTATION.4]", (liars) => {
    const honest = reputationOf("s0", market(0, "praise")).trust;
    const rows = market(liars, "praise");
    expect(honest).toBeLessThan(0.25);
    expect(reputationOf("s0", rows).trust).toBeLessThan(honest + 0.08);
    // without regard to deviation they do
    expect(reputationOf("s0", rows, { deviationScale: 1e9 }).trust).toBeGreaterThan(honest + 0.2);
  });

  it.each([4, 6, 8])("%d of 20 do not make a good owner bad [REPUTATION.4]", (liars) => {
    const honest = reputationOf("s1", market(0, "slander")).trust;
    const rows = market(liars, "slander");
    expect(honest).toBeGreaterThan(0.7);
    expect(reputationOf("s1", rows).trust).toBeGreaterThan(honest - 0.08);
    expect(reputationOf("s1", rows, { deviationScale: 1e9 }).trust).toBeLessThan(honest - 0.2);
  });

  it("are measured against the viewer's own experience where few speak [REPUTATION.4]", () => {
    const rows = [row("me", "s", 20, 0), row("liar", "s", 0, 100), row("liar", "unknown", 100, 0)];
    expect(reputationOf("s", rows, { viewer: "me" }).trust).toBeGreaterThan(0.9);
    const unknown = reputationOf("unknown", rows, { viewer: "me" });
    expect(unknown.uncertainty).toBeGreaterThan(0.9);
    expect(unknown.trust).toBeLessThan(0.55);
  });

  it("lose credit elsewhere too: their word on somebody few know counts less [REPUTATION.5]", () => {
    const friend = [row("r0", "friend", 2, 8), row("r19", "friend", 10, 0)];
    const trust = (liars: number) => reputationOf("friend", [...market(liars, "praise"), ...friend]).trust;
    const rows = (subjects: number[]) =>
      market(0, "praise").map((entry) =>
        entry.rater === "r19" && subjects.includes(Number(entry.subject.slice(1)))
          ? { ...entry, positive: entry.negative, negative: entry.positive }
          : entry,
      );
    const liar = reputationOf("friend", [...rows([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), ...friend]).trust;
    expect(liar).toBeLessThan(trust(0) - 0.1);
  });
});
