import { createRandom } from "@sheaf/base";
import { describe, expect, it } from "vitest";
import { weigh } from "../../../src/agents/analyst/deliver.ts";
import { harmfulOf } from "../../../src/agents/analyst/harmful.ts";
import { emptyRecord } from "../../../src/agents/analyst/saved.ts";
import type { JobFacts } from "../../../src/agents/view/market-view.ts";
import { tinySpec } from "../../simulation/orders.ts";
import { calls, events, type Seat } from "../support/table.ts";
import { CONSUMER, startTraining } from "../support/training.ts";

const base = tinySpec("secagg").training;

describe("contributions [ANALYST.7]", () => {
  it.each([
    ["none, leave one out", "leave-one-out", { mode: "none" }, 6],
    ["none, exact Shapley values", "shapley", { mode: "none" }, 6],
    [
      "groups of three, GTG",
      "gtg",
      { mode: "secagg", secagg: { groupSize: 3, threshold: 0.6, bits: 20 } },
      9,
    ],
    [
      "groups of three, truncated Monte Carlo",
      "truncated-monte-carlo",
      { mode: "secagg", secagg: { groupSize: 3, threshold: 0.6, bits: 20 } },
      9,
    ],
  ] as const)(
    "%s: an owner with flipped labels earns least and is rated for it [ANALYST.10]",
    async (_, method, privacy, owners) => {
      const spec = tinySpec("secagg", {
        privacy,
        training: { ...base, rounds: 6, cohort: privacy.mode === "none" ? owners : "all" },
        contribution: { method, permutations: 20 },
      });
      const training = await startTraining({ owners, spec, validation: 120, seed: "contributions" });
      const { table, analyst, data } = training;
      const flipped = data[0]?.labels as Float32Array;
      flipped.forEach((label, index) => {
        flipped[index] = (label + 1) % 3;
      });
      expect(await table.run(() => calls(analyst, "deliver").length > 0)).toBe(true);
      const [valued] = events(analyst, "contributions");
      const place = valued?.members.indexOf(training.owners[0]?.address as `0x${string}`) as number;
      const scores = valued?.scores ?? [];
      expect(scores[place]).toBe(Math.min(...scores));
      expect(scores[place]).toBeLessThan(0);
      expect(valued?.weights[place]).toBe(0n);
      expect(valued?.clipped).toBeGreaterThan(0);
      expect(calls(analyst, "deliver")[0]?.weights).toEqual(valued?.weights);
      table.call(CONSUMER, { method: "accept", job: 1n });
      await table.run(() => calls(analyst, "rate").length === owners);
      const rated = calls(analyst, "rate").find(({ subject }) => subject === training.owners[0]?.address);
      expect(rated?.positive).toBe(0);
      expect(rated?.negative).toBeGreaterThan(0);
    },
  );

  it("by participation: the rounds survived", async () => {
    const spec = tinySpec("none", { privacy: { mode: "none" }, training: { ...base, rounds: 3 } });
    const { table, owners, analyst } = await startTraining({ owners: 4, spec });
    const [late] = owners as [Seat];
    table.courier = (message) =>
      message.from === late.address && message.kind === "round.update" && events(analyst, "round").length < 2
        ? []
        : [message];
    expect(await table.run(() => calls(analyst, "deliver").length > 0)).toBe(true);
    const [valued] = events(analyst, "contributions");
    const rounds = events(analyst, "round").map(({ survivors }) => survivors);
    expect(valued?.members.map((member) => rounds.filter((each) => each.includes(member)).length)).toEqual(
      valued?.scores,
    );
    expect(valued?.weights).toEqual(valued?.scores.map(BigInt));
  });

  it("rounds that another analyst ran count as average ones, and who survived nothing gets nothing", () => {
    const owners = ["0xa0", "0xb0", "0xc0", "0xd0"] as const;
    const closed = (round: number, survivorBitmap: bigint) => ({ round, survivorBitmap });
    const facts = { owners, rounds: [closed(1, 0b0111n), closed(2, 0b0111n)] } as unknown as JobFacts;
    const record = { ...emptyRecord, values: [{ round: 2, groups: [[0], [1], [2]], scores: [3, 2, 1] }] };
    const { scores, weights, clipped } = weigh(facts, record);
    expect(scores.reduce((sum, score) => sum + score, 0)).toBeCloseTo(12, 6);
    expect(scores[0]).toBeGreaterThan(scores[1] as number);
    expect(scores[1]).toBeGreaterThan(scores[2] as number);
    expect(scores[3]).toBe(0);
    expect(weights[3]).toBe(0n);
    expect(clipped).toBe(0);
  });
});

/** Eight rounds of twenty owners in groups of five, each owner worth 1 a round but the first `attackers`. */
function grouped(seed: string, attackers: number, worth: number, noise: number) {
  const random = createRandom(seed);
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - random.float())) * Math.cos(2 * Math.PI * random.float());
  const owners = Array.from({ length: 20 }, (_, i) => `0x${i.toString(16).padStart(40, "0")}` as const);
  const values = Array.from({ length: 8 }, (_, r) => {
    const order = random.shuffle(owners.map((_, i) => i));
    const groups = [0, 5, 10, 15].map((from) => order.slice(from, from + 5));
    const worthOf = (owner: number): number => (owner < attackers ? worth : 1);
    const scoreOf = (group: readonly number[]): number =>
      group.reduce((sum, owner) => sum + worthOf(owner), 0) + noise * normal();
    return { round: r + 1, groups, scores: groups.map(scoreOf) };
  });
  const rounds = values.map(({ round }) => ({ round, survivorBitmap: 2n ** 20n - 1n }));
  return weigh({ owners, rounds } as unknown as JobFacts, { ...emptyRecord, values });
}

describe("who is rated bad for its score [ANALYST.10]", () => {
  it("none of equal owners, whatever noise their groups' scores have", () => {
    for (let run = 0; run < 40; run++) {
      expect(harmfulOf(grouped(`equal ${run}`, 0, 0, 2.5))).toEqual(new Array(20).fill(false));
    }
  });

  it("nobody for what all lost together", () => {
    const weighed = grouped("loss", 20, -1, 0);
    expect(weighed.scores).toEqual(new Array(20).fill(-8));
    expect(weighed.weights).toEqual(new Array(20).fill(0n));
    expect(harmfulOf(weighed)).toEqual(new Array(20).fill(false));
  });

  it("those that do harm, and nobody else", () => {
    for (let run = 0; run < 20; run++) {
      const weighed = grouped(`harm ${run}`, 4, -4, 0.5);
      expect(harmfulOf(weighed)).toEqual(weighed.scores.map((_, owner) => owner < 4));
      expect(weighed.weights.slice(0, 4)).toEqual([0n, 0n, 0n, 0n]);
    }
  });

  it.each([
    ["two standard errors below zero is not more than two", [5, -2], [1, 1], [false, false]],
    ["a little more is", [5, -2.1], [1, 1], [false, true]],
    ["a score with no error: a tenth of the best", [5, -0.5, -0.6], undefined, [false, false, true]],
    ["an error of zero is none", [5, -0.5, -0.6], [1, 0, 0], [false, false, true]],
  ])("%s", (_, scores, standardErrors, expected) => {
    expect(harmfulOf({ scores, ...(standardErrors && { standardErrors }), ridge: 1 })).toEqual(expected);
  });
});
