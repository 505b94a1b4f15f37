import { createRandom, type Random } from "@sheaf/base";
import { describe, expect, it } from "vitest";
import { contributionWeights, exactShapley, type GroupRound, memberScores } from "../../src/index.ts";
import { drawGroups, sum } from "./redrawn-groups.ts";
import {
  CLASSES,
  drawPoints,
  FEATURES,
  flipped,
  lossOf,
  plusMean,
  trainLocally,
} from "./softmax-federation.ts";

/** Rounds whose group scores are exact sums of members' worth, at a level that falls from round to round. */
function additiveRounds(
  worth: readonly number[],
  rounds: number,
  size: number,
  random: Random,
): GroupRound[] {
  return Array.from({ length: rounds }, (_, r) => {
    const groups = drawGroups(worth.length, size, random);
    return {
      groups,
      scores: groups.map((group) => sum(group.map((member) => (worth[member] as number) + 5 / (r + 1)))),
    };
  });
}

describe("members' scores from group scores [CONTRIBUTION.8]", () => {
  it("find what each member is worth when groups are redrawn and scores add up", () => {
    const random = createRandom("additive");
    const worth = Array.from({ length: 20 }, () => random.float() * 4 - 1);
    const rounds = additiveRounds(worth, 40, 4, random);
    const level = sum(rounds.map((_, r) => 5 / (r + 1)));
    const { scores, conditioning, residual, appearances } = memberScores(rounds, 20);
    scores.forEach((score, i) => {
      expect(score).toBeCloseTo(40 * (worth[i] as number) + level, 4);
    });
    expect(residual).toBeLessThan(1e-6);
    expect(conditioning).toBeLessThan(20);
    expect(appearances).toEqual(new Array(20).fill(40));
  });

  it("find it too when different members take part in different rounds", () => {
    const random = createRandom("partial");
    const worth = Array.from({ length: 15 }, () => random.float() * 4 - 1);
    const credits = new Array<number>(15).fill(0);
    const rounds = Array.from({ length: 60 }, (_, r) => {
      const present = random.shuffle(worth.map((_, i) => i)).slice(0, 4 + random.int(8));
      const groups = [present.slice(0, 1), present.slice(1, 3), present.slice(3)];
      const worthNow = (member: number): number => (worth[member] as number) + 5 / (r + 1);
      for (const member of present) credits[member] = (credits[member] as number) + worthNow(member);
      return { groups, scores: groups.map((group) => sum(group.map(worthNow))) };
    });
    memberScores(rounds, 15).scores.forEach((score, i) => {
      expect(score).toBeCloseTo(credits[i] as number, 4);
    });
  });

  it("sum to the group scores, whatever those are and whoever is absent", () => {
    const random = createRandom("efficiency");
    for (let run = 0; run < 50; run++) {
      const members = 6 + random.int(20);
      const rounds = Array.from({ length: 1 + random.int(8) }, () => {
        const present = random
          .shuffle(Array.from({ length: members }, (_, i) => i))
          .slice(0, 3 + random.int(members - 3));
        const groups = [present.slice(0, 2), present.slice(2)];
        return { groups, scores: groups.map(() => random.float() * 10 - 5) };
      });
      const { scores, appearances } = memberScores(rounds, members);
      expect(sum(scores)).toBeCloseTo(sum(rounds.flatMap((round) => round.scores)), 8);
      expect(sum(appearances)).toBe(sum(rounds.map((round) => round.groups.flat().length)));
      scores.forEach((score, i) => {
        if (appearances[i] === 0) expect(score).toBe(0);
      });
    }
  });

  it("share a group's score equally when nothing tells its members apart, and say so", () => {
    const round = {
      groups: [
        [0, 1],
        [2, 3],
      ],
      scores: [4, 0],
    };
    const { scores, conditioning } = memberScores([round, round, round], 4);
    expect(scores[0]).toBeCloseTo(scores[1] as number, 6);
    expect(scores[2]).toBeCloseTo(scores[3] as number, 6);
    expect(scores[0]).toBeGreaterThan(scores[2] as number);
    expect(conditioning).toBe(Number.POSITIVE_INFINITY);
    expect(memberScores([{ groups: [[0, 1, 2]], scores: [6] }], 3).scores).toEqual([2, 2, 2]);
  });

  it("bear noise: the standard error falls with the rounds", () => {
    const random = createRandom("noise");
    const worth = Array.from({ length: 16 }, (_, i) => i / 16);
    const errorAfter = (count: number): number => {
      const rounds = additiveRounds(worth, count, 4, random).map(({ groups, scores }) => ({
        groups,
        scores: scores.map((score) => score + random.float() - 0.5),
      }));
      const { scores } = memberScores(rounds, 16);
      const perRound = scores.map((score) => score / count);
      const centre = sum(perRound) / 16 - sum(worth) / 16;
      return Math.sqrt(sum(perRound.map((score, i) => (score - centre - (worth[i] as number)) ** 2)) / 16);
    };
    expect(errorAfter(400)).toBeLessThan(0.05);
    expect(errorAfter(400)).toBeLessThan(errorAfter(10) / 2);
  });

  it("tell the label flipper from eleven honest owners by sums of groups alone", async () => {
    for (const flipper of [0, 7]) {
      const random = createRandom(`flipper ${flipper}`);
      const owners = Array.from({ length: 12 }, (_, i) => {
        const points = drawPoints(40, random);
        return i === flipper ? flipped(points) : points;
      });
      const validation = drawPoints(200, random);
      let weights = new Array<number>(CLASSES * FEATURES).fill(0);
      const rounds: GroupRound[] = [];
      for (let r = 0; r < 12; r++) {
        const updates = owners.map((points) => trainLocally(weights, points, 3, 0.3));
        const groups = drawGroups(12, 3, random);
        const means = groups.map((group) =>
          plusMean(
            weights.map(() => 0),
            group.map((member) => updates[member] as number[]),
          ),
        );
        const at = weights;
        const { values } = await exactShapley(
          groups.length,
          async (coalition) =>
            -lossOf(
              plusMean(
                at,
                coalition.map((g) => means[g] as number[]),
              ),
              validation,
            ),
        );
        rounds.push({ groups, scores: values });
        weights = plusMean(weights, means);
      }
      const { scores, conditioning } = memberScores(rounds, 12);
      expect(scores.indexOf(Math.min(...scores))).toBe(flipper);
      const honest = scores.filter((_, i) => i !== flipper);
      // by a margin: further from the nearest honest owner than the honest ones are from each other
      expect(Math.min(...honest) - (scores[flipper] as number)).toBeGreaterThan(
        Math.max(...honest) - Math.min(...honest),
      );
      expect(conditioning).toBeLessThan(100);
      const { weights: pay } = contributionWeights(scores);
      expect(pay.indexOf(pay.reduce((low, weight) => (weight < low ? weight : low)))).toBe(flipper);
    }
  });

  it.each([
    [[{ groups: [[0], [0, 1]], scores: [1, 2] }], "INVALID_INPUT"],
    [[{ groups: [[0], [2]], scores: [1, 2] }], "INVALID_INPUT"],
    [[{ groups: [[0], []], scores: [1, 2] }], "INVALID_INPUT"],
    [[{ groups: [[0], [1]], scores: [1] }], "INVALID_INPUT"],
    [[{ groups: [[0], [1]], scores: [1, Number.NaN] }], "NOT_FINITE"],
  ])("refuse %o with %s", (rounds, code) => {
    expect(() => memberScores(rounds, 2)).toThrowError(expect.objectContaining({ code }));
  });

  it("are zero without rounds", () => {
    expect(memberScores([], 2)).toEqual({
      scores: [0, 0],
      appearances: [0, 0],
      conditioning: 1,
      residual: 0,
      ridge: Number.POSITIVE_INFINITY,
      fading: 0,
    });
  });
});
