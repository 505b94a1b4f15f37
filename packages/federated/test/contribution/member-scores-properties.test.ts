import { createRandom, type Random } from "@sheaf/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type GroupRound, memberScores } from "../../src/index.ts";
import { solveMixedModel } from "./mixed-model.ts";
import { drawGroups, noisyRounds, normal, sum } from "./redrawn-groups.ts";

interface Case {
  readonly members: number;
  readonly rounds: readonly GroupRound[];
}

/** Rounds with some of the members, in groups of any size, and any scores. */
const cases = fc
  .record({
    members: fc.integer({ min: 3, max: 14 }),
    rounds: fc.integer({ min: 1, max: 9 }),
    seed: fc.nat(),
  })
  .map(({ members, rounds, seed }): Case => {
    const random = createRandom(`case ${seed}`);
    return { members, rounds: Array.from({ length: rounds }, () => anyRound(members, random)) };
  });

function anyRound(members: number, random: Random): GroupRound {
  const present = random.shuffle(Array.from({ length: members }, (_, i) => i)).slice(random.int(members - 1));
  const groups = drawGroups(present.length, 1 + random.int(4), random).map((group) =>
    group.map((place) => present[place] as number),
  );
  return { groups, scores: groups.map((group) => group.length + 2 * normal(random)) };
}

/** Equal but for rounding, in units of the largest. */
function expectAlike(actual: readonly number[] = [], expected: readonly number[] = []): void {
  expect(actual.length).toBe(expected.length);
  const unit = Math.max(1e-9, ...expected.map(Math.abs));
  actual.forEach((value, i) => {
    expect(Math.abs(value - (expected[i] as number)) / unit).toBeLessThan(1e-5);
  });
}

describe("members' scores, whatever the rounds [CONTRIBUTION.8]", () => {
  it("sum to the group scores", () => {
    fc.assert(
      fc.property(cases, ({ members, rounds }) => {
        const total = sum(rounds.flatMap(({ scores }) => scores));
        expect(sum(memberScores(rounds, members).scores)).toBeCloseTo(total, 7);
      }),
    );
  });

  it("and their errors solve Henderson's equations for the ridge and the fading that were found", () => {
    let solved = 0;
    fc.assert(
      fc.property(cases, ({ members, rounds: drawn }) => {
        const rounds = drawn.filter(({ groups }) => groups.some((group) => group.length > 1));
        const { scores, standardErrors, ridge, fading } = memberScores(rounds, members);
        // With next to no ridge the equations that are solved together are as good as singular.
        if (standardErrors === undefined || !Number.isFinite(ridge) || ridge < 1e-3) return;
        const levels = rounds.map((round) => Math.abs(sum(round.scores) / round.groups.flat().length));
        const scales = levels.map((level) => Math.max(level / Math.max(...levels), 0.01) ** fading);
        const model = solveMixedModel({ rounds, members, ridge, scales });
        expectAlike(scores, model.scores);
        expectAlike(standardErrors, model.standardErrors);
        solved += 1;
      }),
      { numRuns: 200 },
    );
    expect(solved).toBeGreaterThan(20);
  });

  it("follow the members when these are numbered anew", () => {
    fc.assert(
      fc.property(cases, fc.nat(), ({ members, rounds }, seed) => {
        const to = createRandom(`order ${seed}`).shuffle(Array.from({ length: members }, (_, i) => i));
        const renumbered = rounds.map(({ groups, scores }) => ({
          groups: groups.map((group) => group.map((member) => to[member] as number)),
          scores,
        }));
        const before = memberScores(rounds, members);
        const after = memberScores(renumbered, members);
        expectAlike(
          to.map((place) => after.scores[place] as number),
          before.scores,
        );
        expectAlike(
          after.standardErrors && to.map((place) => after.standardErrors?.[place] ?? Number.NaN),
          before.standardErrors,
        );
      }),
    );
  });

  it("and their errors scale with the group scores, whatever the sign", () => {
    const factors = fc.constantFrom(-1, 1e-6, -0.03, 7, 1e8);
    fc.assert(
      fc.property(cases, factors, ({ members, rounds }, factor) => {
        const scaled = rounds.map(({ groups, scores }) => ({
          groups,
          scores: scores.map((score) => factor * score),
        }));
        const before = memberScores(rounds, members);
        const after = memberScores(scaled, members);
        expectAlike(
          after.scores.map((score) => score / factor),
          before.scores,
        );
        expectAlike(
          after.standardErrors?.map((error) => error / Math.abs(factor)),
          before.standardErrors,
        );
        expect([after.ridge, after.fading]).toEqual([before.ridge, before.fading]);
      }),
    );
  });

  it("are equal for members who were always in the same group", () => {
    fc.assert(
      fc.property(cases, ({ members, rounds }) => {
        const twins = rounds.map(({ groups, scores }) => ({
          groups: groups.map((group) => (group.includes(0) ? [...group, members] : group)),
          scores,
        }));
        // A twin makes no single score of a round of single scores: their group is of two.
        const { scores, standardErrors } = memberScores(twins, members + 1);
        expectAlike([scores[0] as number], [scores[members] as number]);
        if (standardErrors !== undefined)
          expectAlike([standardErrors[0] as number], [standardErrors[members] as number]);
      }),
    );
  });

  it("are the scores themselves, without errors, where every member has its own", () => {
    const singles = fc.array(
      fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 4, maxLength: 4 }),
      {
        minLength: 1,
        maxLength: 6,
      },
    );
    fc.assert(
      fc.property(singles, (values) => {
        const rounds = values.map((scores) => ({ groups: [[0], [1], [2], [3]], scores }));
        const { scores, standardErrors, residual } = memberScores(rounds, 4);
        expect(scores).toEqual([0, 1, 2, 3].map((i) => sum(values.map((row) => row[i] as number))));
        expect(standardErrors).toBeUndefined();
        expect(residual).toBe(0);
      }),
    );
  });

  it.each([
    ["stay", () => 1],
    ["fade with the gain", (gain: number) => gain],
  ])("are the true ones, without errors, when there is no noise and differences %s", (_, scale) => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const random = createRandom(`true ${seed}`);
        const deviations = Array.from({ length: 12 }, () => normal(random));
        const gains = Array.from({ length: 20 }, (_, r) => 8 / (1 + r));
        const centre = sum(deviations) / 12;
        const rounds = gains.map((gain) => {
          const groups = drawGroups(12, 4, random);
          const worth = (member: number): number =>
            gain + scale(gain) * ((deviations[member] as number) - centre);
          return { groups, scores: groups.map((group) => sum(group.map(worth))) };
        });
        const found = memberScores(rounds, 12);
        expectAlike(
          found.scores,
          deviations.map((deviation) => sum(gains) + sum(gains.map(scale)) * (deviation - centre)),
        );
        expect(Math.max(...(found.standardErrors ?? []))).toBeLessThan(1e-2);
        expect(found.fading).toBe(scale(3) === 3 ? 1 : 0);
      }),
      { numRuns: 25 },
    );
  });

  it("are equal shares, exactly, when the groups show no differences", () => {
    const random = createRandom("level");
    const rounds = [3, 2, 1].map((level) => {
      const groups = drawGroups(12, 4, random);
      return { groups, scores: groups.map(() => 4 * level) };
    });
    const { scores, ridge } = memberScores(rounds, 12);
    expect(scores).toEqual(new Array(12).fill(6));
    expect(ridge).toBe(Number.POSITIVE_INFINITY);
  });

  it("have standard errors that hold: two of them cover the truth as often as they should", () => {
    let covered = 0;
    let narrower = 0;
    const runs = 40;
    for (let run = 0; run < runs; run++) {
      const random = createRandom(`worth ${run}`);
      const worth = Array.from({ length: 20 }, () => 1 + normal(random));
      const errorsAfter = (rounds: number): readonly number[] => {
        const drawn = noisyRounds({
          seed: `noise ${run}`,
          worth,
          gains: new Array(rounds).fill(1),
          noise: 1.5,
        });
        const { scores, standardErrors = [] } = memberScores(drawn, 20);
        if (rounds === 20)
          covered += scores.filter(
            (score, i) => Math.abs(score - 20 * (worth[i] as number)) < 2 * (standardErrors[i] as number),
          ).length;
        return standardErrors.map((error) => error / rounds);
      };
      if (sum(errorsAfter(20)) > 1.4 * sum(errorsAfter(80))) narrower += 1;
    }
    expect(covered / (20 * runs)).toBeGreaterThan(0.9);
    expect(covered / (20 * runs)).toBeLessThan(0.99);
    expect(narrower).toBe(runs);
  });
});
