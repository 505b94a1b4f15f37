import { createRandom } from "@sheaf/base";
import { describe, expect, it } from "vitest";
import { contributionWeights, exactShapley, type GroupRound, memberScores } from "../../src/index.ts";
import { drawGroups, noisyRounds, sum } from "./redrawn-groups.ts";
import {
  CLASSES,
  drawPoints,
  FEATURES,
  flipped,
  lossOf,
  type Points,
  plusMean,
  trainLocally,
} from "./softmax-federation.ts";

const OWNERS = 20;
const ATTACKERS = 4;

/** Who is below zero by more than two standard errors: whom an analyst rates bad [ANALYST.10]. */
function clearlyNegative(rounds: readonly GroupRound[]): number[] {
  const { scores, standardErrors = [] } = memberScores(rounds, OWNERS);
  return scores.flatMap((score, i) => (score < -2 * (standardErrors[i] as number) ? [i] : []));
}

/** Standard deviation over mean of what is paid. */
function variation(scores: readonly number[]): number {
  const paid = scores.map((score) => Math.max(0, score));
  const mean = sum(paid) / paid.length;
  return Math.sqrt(sum(paid.map((pay) => (pay - mean) ** 2)) / paid.length) / mean;
}

describe.each([
  ["constant gains", () => 1],
  ["gains that fade", (round: number) => 1 / (1 + round) ** 2],
])(
  "equal owners, eight rounds of groups of five, noise of 30 % a group, %s [CONTRIBUTION.8]",
  (_, gainOf) => {
    const gains = Array.from({ length: 8 }, (_, round) => gainOf(round));
    const runs = Array.from({ length: 60 }, (_, run) =>
      noisyRounds({ seed: `equal ${run}`, worth: new Array(OWNERS).fill(1), gains, noise: 1.5 }),
    );

    it("are paid alike, and exactly so in a third of the jobs or more", () => {
      const variations = runs.map((rounds) => variation(memberScores(rounds, OWNERS).scores));
      expect(sum(variations) / runs.length).toBeLessThan(0.15);
      expect(variations.filter((each) => each < 1e-9).length).toBeGreaterThanOrEqual(runs.length / 3);
    });

    it("are never clearly negative", () => {
      expect(runs.flatMap(clearlyNegative)).toEqual([]);
    });
  },
);

const attacks: Readonly<Record<string, (update: readonly number[]) => readonly number[]>> = {
  "label-flip": (update) => update,
  "sign-flip": (update) => update.map((value) => -value),
  scaling: (update) => update.map((value) => -4 * value),
  "free-rider": (update) => update.map(() => 0),
};

/** Eight rounds of twenty owners that train in truth, the first `attackers` of which attack. */
async function federation(seed: string, attack: string, attackers: number): Promise<GroupRound[]> {
  const random = createRandom(seed);
  const owners = Array.from({ length: OWNERS }, (_, i): Points => {
    const points = drawPoints(30, random);
    return attack === "label-flip" && i < attackers ? flipped(points) : points;
  });
  const validation = drawPoints(150, random);
  const nothing = new Array<number>(CLASSES * FEATURES).fill(0);
  let weights = nothing;
  const rounds: GroupRound[] = [];
  for (let r = 0; r < 8; r++) {
    const at = weights;
    const updates = owners.map((points, i) => {
      const update = trainLocally(at, points, 3, 0.3);
      return i < attackers ? (attacks[attack] as (typeof attacks)[string])(update) : update;
    });
    const groups = drawGroups(OWNERS, 5, random);
    const means = groups.map((group) =>
      plusMean(
        nothing,
        group.map((member) => updates[member] as number[]),
      ),
    );
    const { values } = await exactShapley(groups.length, async (coalition) => {
      const moved = plusMean(
        at,
        coalition.map((g) => means[g] as number[]),
      );
      return -lossOf(moved, validation);
    });
    rounds.push({ groups, scores: values });
    weights = plusMean(at, means);
  }
  return rounds;
}

describe("owners that train, scored from groups of five [CONTRIBUTION.8]", () => {
  it("all honest: the least is paid more than half of the most, and nobody is clearly negative", async () => {
    for (const seed of ["a", "b", "c"]) {
      const rounds = await federation(seed, "label-flip", 0);
      const { scores } = memberScores(rounds, OWNERS);
      expect(Math.min(...scores)).toBeGreaterThan(Math.max(...scores) / 2);
      expect(clearlyNegative(rounds)).toEqual([]);
    }
  });

  it.each(["label-flip", "sign-flip", "scaling", "free-rider"])(
    "four of twenty attack by %s: they score lowest and are paid next to nothing",
    async (attack) => {
      for (const seed of ["a", "b"]) {
        const rounds = await federation(seed, attack, ATTACKERS);
        const { scores } = memberScores(rounds, OWNERS);
        const order = scores.map((_, i) => i).sort((a, b) => (scores[a] as number) - (scores[b] as number));
        expect(order.slice(0, ATTACKERS).sort()).toEqual([0, 1, 2, 3]);
        const paid = contributionWeights(scores).weights.map(Number);
        expect(sum(paid.slice(0, ATTACKERS)) / sum(paid)).toBeLessThan(0.03);
        // Who adds nothing is not paid; only who does harm is clearly negative.
        const bad = clearlyNegative(rounds);
        expect(bad.filter((owner) => owner >= ATTACKERS)).toEqual([]);
        if (attack !== "free-rider") expect(bad).toEqual([0, 1, 2, 3]);
      }
    },
  );
});
