import { createRandom } from "@sheaf/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { drawGroups, isRejection, type MemberId, recomputeSum, type SecaggRound } from "../../src/index.ts";
import { drawGraph, type Graph } from "../../src/secagg/graph.ts";
import { leastConfirmations, leastSurvivors } from "../../src/secagg/round.ts";
import {
  addresses,
  at,
  graphSeed,
  makeRound,
  plainSum,
  type Run,
  runRound,
  STAGES,
  type Stage,
  verify,
} from "./driver.ts";

/** The sum of the survivors' inputs, from the inputs. */
function expectedSum(run: Run, round: SecaggRound): Int32Array {
  return plainSum(
    run.survivors.map((member) => at(run.inputs, member)),
    round.dimension,
  );
}

/** How a round must end, from who is silent when: its rules once more, over sets of members. */
function predict(round: SecaggRound, silentFrom: ReadonlyMap<MemberId, Stage>): "sum" | Stage {
  const speaking = (stage: Stage): MemberId[] =>
    round.members.filter((member) => {
      const silent = silentFrom.get(member);
      return silent === undefined || STAGES.indexOf(silent) > STAGES.indexOf(stage);
    });
  const least = leastSurvivors(round);
  const present = speaking("keys");
  if (present.length < least) return "keys";
  const graph = drawGraph(present, round.neighbours, graphSeed);
  const holders = (member: MemberId, of: readonly MemberId[]): number =>
    of.filter((other) => other === member || graph.get(member)?.has(other)).length;
  let sharers = speaking("shares");
  for (let before = -1; before !== sharers.length; ) {
    before = sharers.length;
    const all = sharers;
    sharers = sharers.filter((member) => holders(member, all) >= round.threshold);
  }
  if (sharers.length < least) return "shares";
  const survivors = speaking("masked").filter((member) => sharers.includes(member));
  const enough = (members: readonly MemberId[], of: readonly MemberId[]): boolean =>
    members.every((member) => holders(member, of) >= round.threshold);
  if (survivors.length < least || !reaches(graph, survivors) || !enough(sharers, survivors)) return "masked";
  const confirmed = speaking("confirm").filter((member) => survivors.includes(member));
  if (confirmed.length < leastConfirmations(round) || !enough(survivors, confirmed)) return "confirm";
  const unmasking = speaking("unmask").filter((member) => survivors.includes(member));
  return enough(sharers, unmasking) ? "sum" : "unmask";
}

/** Whether all of `members` are reached from the first by growing a set. */
function reaches(graph: Graph, members: readonly MemberId[]): boolean {
  let reached = new Set(members.slice(0, 1));
  for (;;) {
    const next = new Set([
      ...reached,
      ...members.filter((member) => [...reached].some((from) => graph.get(from)?.has(member))),
    ]);
    if (next.size === reached.size) return reached.size === members.length;
    reached = next;
  }
}

const scenario = fc
  .record({
    members: fc.integer({ min: 3, max: 14 }),
    neighbours: fc.oneof(fc.constant("all" as const), fc.integer({ min: 2, max: 8 })),
    fraction: fc.constantFrom(0.5, 0.6, 2 / 3, 0.8),
    dimension: fc.constantFrom(1, 7, 64),
    /** Chance of each member to fall silent at some stage. */
    loss: fc.constantFrom(0, 0.1, 0.2, 0.35, 0.5),
    seed: fc.integer({ min: 0, max: 1e9 }),
  })
  .map(({ members, neighbours, fraction, dimension, loss, seed }) => {
    const random = createRandom(seed);
    const round = makeRound(members, { neighbours, fraction, dimension });
    const silentFrom = new Map<MemberId, Stage>();
    for (const member of round.members) if (random.chance(loss)) silentFrom.set(member, random.pick(STAGES));
    return { round, silentFrom, seed: String(seed) };
  });

describe("[SECAGG.10] a round", () => {
  it("gives the survivors' sum, or ends at the stage where too few are left, whoever falls silent when", () => {
    const ends = new Map<string, number>();
    fc.assert(
      fc.property(scenario, ({ round, silentFrom, seed }) => {
        const run = runRound(round, { silentFrom, seed });
        const expected = predict(round, silentFrom);
        ends.set(expected, (ends.get(expected) ?? 0) + 1);
        if (expected === "sum") {
          expect(run.outcome).toEqual({ sum: expectedSum(run, round) });
          expect(run.survivors.length).toBeGreaterThanOrEqual(leastSurvivors(round));
        } else {
          expect(run.outcome).toMatchObject({
            at: expected,
            ended: expect.stringMatching(/^(TOO_FEW|DISCONNECTED)$/),
          });
          expect(run.server.transcript()).toBeUndefined();
        }
      }),
      { numRuns: 250 },
    );
    // The scenarios reach every end.
    expect([...ends.keys()].sort()).toEqual([...STAGES, "sum"].sort());
  });

  it("survives one dropout at each stage, and each gives the same to an arbiter", () => {
    for (const neighbours of ["all", 6] as const) {
      const round = makeRound(10, { neighbours, fraction: 0.55 });
      for (const stage of STAGES) {
        const run = runRound(round, { silentFrom: new Map([[round.members[4] as MemberId, stage]]) });
        expect(run.outcome, stage).toEqual({ sum: expectedSum(run, round) });
        expect(run.survivors.includes(round.members[4] as MemberId)).toBe(STAGES.indexOf(stage) > 2);
        const transcript = run.server.transcript();
        if (transcript === undefined) throw new RangeError("no transcript");
        expect(recomputeSum(transcript, { verify })).toEqual(expectedSum(run, round));
      }
    }
  });

  it("[SECAGG.9] wraps as two's complement: extreme words survive", () => {
    const round = makeRound(3, { dimension: 5 });
    const rows = [
      [2 ** 31 - 1, -(2 ** 31), -1, 2 ** 30, 0],
      [0, 0, -(2 ** 31 - 1), 2 ** 30 - 1, 0],
      [0, 0, 0, 0, 0],
    ];
    const inputs = new Map(round.members.map((id, index) => [id, Int32Array.from(rows[index] ?? [])]));
    const sum = Int32Array.of(2 ** 31 - 1, -(2 ** 31), -(2 ** 31), 2 ** 31 - 1, 0);
    expect(runRound(round, { inputs }).outcome).toEqual({ sum });
  });

  it("[SECAGG.9] hides an input: what leaves a member is unlike it, and differs between rounds", () => {
    const round = makeRound(4, { dimension: 4_096 });
    const [member] = round.members as [MemberId];
    const words = ["1337|7|3|1", "1337|7|3|2"].map((context) => {
      const run = runRound({ ...round, context });
      return {
        masked: at(run.server.transcript()?.masked ?? new Map<MemberId, Uint32Array>(), member),
        input: at(run.inputs, member),
      };
    });
    const [first, second] = words as [(typeof words)[0], (typeof words)[0]];
    expect(first.input).toEqual(second.input);
    expect(first.masked).not.toEqual(second.masked);
    for (const { masked, input } of words) {
      const differences = masked.map((word, index) => (word - (input[index] as number)) >>> 0);
      const mean = differences.reduce((sum, word) => sum + word / 2 ** 32, 0) / differences.length;
      expect(Math.abs(mean - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / differences.length));
      expect(new Set(differences).size).toBeGreaterThan(4_090);
    }
  });
});

describe("[SECAGG.7] a group-wise round", () => {
  it("gives the sum of each group", () => {
    const announced = makeRound(11, { fraction: 0.6 });
    const present = announced.members.slice(1);
    const groups = drawGroups(announced, present, 4, graphSeed);
    if (isRejection(groups)) throw new RangeError(groups.rejected);
    expect(groups.length).toBe(2);
    for (const group of groups) {
      const run = runRound(group, { announced });
      expect(run.survivors).toEqual(group.members);
      expect(run.outcome).toEqual({ sum: expectedSum(run, group) });
    }
  });
});

describe("[SECAGG.1] a round is refused", () => {
  const round = makeRound(5);
  const cases: readonly (readonly [string, Partial<SecaggRound>])[] = [
    ["without context", { context: "" }],
    ["with a short model hash", { modelHash: new Uint8Array(31) }],
    ["with two members", { members: addresses(2), threshold: 2 }],
    ["with members out of order", { members: [...round.members].reverse() }],
    ["with a member twice", { members: [round.members[0] as string, ...round.members.slice(0, 4)] }],
    [
      "with an upper-case address",
      { members: round.members.map((member) => `0x${member.slice(2).toUpperCase()}`) },
    ],
    ["without words", { dimension: 0 }],
    ["with half a word", { dimension: 1.5 }],
    ["with one neighbour", { neighbours: 1 }],
    ["[SECAGG.2] with a threshold of half", { members: addresses(6), threshold: 3 }],
    ["[SECAGG.2] with a threshold above the neighbourhood", { neighbours: 2, threshold: 4 }],
    ["with a negative group", { group: -1 }],
  ];
  it.each(cases)("%s", (_, change) => {
    const isRefused = expect.objectContaining({ code: "INVALID_INPUT" });
    expect(() => runRound({ ...round, ...change })).toThrow(isRefused);
  });
});
