import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bellNumber,
  type Coalition,
  type CoalitionGame,
  checkCore,
  checkDc,
  checkDhp,
  checkIndividual,
  checkNash,
  checkStability,
  createEqualShareGame,
  createSensingGame,
  formCoalitions,
  generateScenario,
  grandCoalition,
  setPartitions,
  singletons,
} from "../src/index.ts";
import { anySensingGame, gameWithPartition, withoutCeilings } from "./games.ts";
import { better, isDcStable, isDhpStable, paretoBetter, payoffs, subsets, union } from "./naive.ts";

const figures = createEqualShareGame([1, 2, 3, 2.5, 2]);
const trap = createEqualShareGame([0, -0.5, 1]);

describe("set partitions", () => {
  it("are as many as the Bell numbers, each once", () => {
    const expected = [1, 2, 5, 15, 52, 203, 877, 4140, 21147, 115975];
    expect(expected.map((_, i) => bellNumber(i + 1))).toEqual(expected);
    for (let size = 1; size <= 9; size++) {
      const all = [...setPartitions(size)].map((partition) => JSON.stringify(partition));
      expect(new Set(all).size).toBe(expected[size - 1]);
      expect(all).toHaveLength(expected[size - 1] as number);
    }
    expect([...setPartitions(3)]).toEqual([
      [[0, 1, 2]],
      [[0, 1], [2]],
      [[0, 2], [1]],
      [[0], [1, 2]],
      [[0], [1], [2]],
    ]);
  });
});

describe("D_hp [STABLE.1]", () => {
  it("holds for 15 of the 52 partitions of five players in the equal-share game", () => {
    const partitions = [...setPartitions(5)];
    expect(partitions).toHaveLength(52);
    expect(partitions.filter((partition) => checkDhp(figures, partition).verdict === "stable")).toHaveLength(
      15,
    );
  });

  it("sees through the trap of pairs: three singletons resist each pair and not all three", () => {
    const check = checkDhp(trap, singletons(3));
    expect(check).toMatchObject({
      verdict: "unstable",
      witness: { rule: "merge", from: [[0], [1], [2]], to: [[0, 1, 2]], before: [0, 0, 0], after: [1, 1, 1] },
    });
    expect(check.statement).toBe("not D_hp-stable: 3 coalitions gain by merging");
    expect(checkDhp(trap, grandCoalition(3)).verdict).toBe("stable");
  });

  it("agrees with enumeration, and its witnesses are Pareto better", () => {
    const seen = { stable: 0, merge: 0, split: 0 };
    fc.assert(
      fc.property(gameWithPartition(), ({ game, partition }) => {
        const { verdict, witness } = checkDhp(game, partition);
        expect(verdict).toBe(isDhpStable(game, partition) ? "stable" : "unstable");
        seen[witness?.rule ?? "stable"] += 1;
        if (witness === null) return;
        expect(paretoBetter(game, witness.to, witness.from)).toBe(true);
        expect(union(witness.to)).toEqual(union(witness.from));
        expect(
          witness.from.every((members) => partition.some((own) => String(own) === String(members))),
        ).toBe(true);
        expect(witness.before).toEqual(
          witness.members.map((player) => payoffs(game, witness.from).get(player)),
        );
        expect(witness.after).toEqual(witness.members.map((player) => payoffs(game, witness.to).get(player)));
      }),
      { numRuns: 500, seed: 1 },
    );
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(30);
  });

  it("is exact for splits of 16 and merges of 16", () => {
    // Only sixteen together, or eight and eight, get 1.
    const halves = createEqualShareGame(
      Array.from({ length: 16 }, (_, i) => (i === 7 ? 1 : i === 15 ? 0.5 : 0)),
    );
    const split = checkDhp(halves, grandCoalition(16));
    expect(split.witness?.to.map((part) => part.length)).toEqual([8, 8]);
    // Thirds of five and one over: no split in two helps, since eleven get nothing.
    const thirds = createEqualShareGame(
      Array.from({ length: 16 }, (_, i) => (i === 4 || i === 0 ? 1 : i === 15 ? 0.5 : 0)),
    );
    expect(checkDhp(thirds, grandCoalition(16)).witness?.to.length).toBeGreaterThan(2);
    const nothing = createEqualShareGame(Array.from({ length: 16 }, (_, i) => (i === 15 ? 0.5 : 0)));
    expect(checkDhp(nothing, grandCoalition(16))).toMatchObject({
      verdict: "stable",
      splits: { complete: true },
    });
    const all = checkDhp(nothing, singletons(16));
    expect(all.witness?.from).toHaveLength(16);
    expect(checkDhp(createEqualShareGame(new Array(16).fill(0)), singletons(16))).toMatchObject({
      verdict: "stable",
      merges: { complete: true, width: 16 },
    });
  });
});

describe("a bounded check [STABLE.2]", () => {
  const still = createEqualShareGame(new Array(30).fill(0));

  it("says how wide the merges were that it looked at", () => {
    const check = checkDhp(still, singletons(30), { evaluationLimit: 5000 });
    expect(check).toMatchObject({ verdict: "bounded", witness: null, merges: { complete: false, width: 3 } });
    expect(check.statement).toBe(
      "weaker than D_hp-stable: no set of up to 3 coalitions gains by merging, larger sets were not looked at; none by splitting into any parts",
    );
  });

  it("always looks at every pair", () => {
    expect(checkDhp(still, singletons(30), { evaluationLimit: 1 }).merges).toEqual({
      complete: false,
      width: 2,
    });
  });

  it("says how small the parts were of the coalitions it could not split in all ways", () => {
    const check = checkDhp(still, grandCoalition(30), { evaluationLimit: 5000 });
    expect(check.splits).toEqual({
      complete: false,
      bounded: [{ coalition: grandCoalition(30)[0], smallerPart: 3 }],
    });
    expect(check.verdict).toBe("bounded");
  });

  it("is exact again where ceilings rule out the rest [GAME.5]", () => {
    const game = createSensingGame(generateScenario({ miners: 100 }));
    const { partition } = formCoalitions(game);
    expect(partition.length).toBeGreaterThan(20);
    expect(checkDhp(game, partition).verdict).toBe("stable");
    expect(checkDhp(withoutCeilings(game), partition, { evaluationLimit: 20_000 }).verdict).toBe("bounded");
  });
});

describe("checks with ceilings and without [GAME.5]", () => {
  it("are the same", () => {
    fc.assert(
      fc.property(anySensingGame(6), fc.nat(), (game, seed) => {
        const { partition } = formCoalitions(game, { seed });
        for (const candidate of [partition, singletons(game.players), grandCoalition(game.players)]) {
          const [pruned, plain] = [
            checkStability(game, candidate),
            checkStability(withoutCeilings(game), candidate),
          ];
          for (const notion of ["dhp", "dc", "nash", "individual", "core"] as const) {
            expect(pruned[notion].verdict).toBe(plain[notion].verdict);
            expect(pruned[notion].witness).toEqual(plain[notion].witness);
          }
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe("D_c [STABLE.3]", () => {
  it("agrees with its definition by collections", () => {
    const seen = { stable: 0, unstable: 0 };
    fc.assert(
      fc.property(fc.oneof(gameWithPartition(4), attractive()), ({ game, partition }) => {
        const { verdict } = checkDc(game, partition);
        expect(verdict).toBe(isDcStable(game, partition) ? "stable" : "unstable");
        if (verdict !== "not-checked") seen[verdict] += 1;
      }),
      { numRuns: 300, seed: 1 },
    );
    expect(seen.stable).toBeGreaterThan(30);
    expect(seen.unstable).toBeGreaterThan(30);
  });

  it("is where merge and split end from any start in any order", () => {
    fc.assert(
      fc.property(attractive(), fc.nat(), ({ game, partition }, seed) => {
        fc.pre(checkDc(game, partition).verdict === "stable");
        for (const start of setPartitions(game.players)) {
          expect(formCoalitions(game, { seed, start }).partition).toEqual(partition);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("has a witness when it fails", () => {
    const flat = createEqualShareGame([1, 1, 1]);
    expect(checkDc(flat, [[0, 1], [2]]).witness).toEqual({
      kind: "inside",
      whole: [0, 1],
      parts: [[0], [1]],
    });
    const growing = createEqualShareGame([1, 2, 3]);
    expect(checkDc(growing, [[0, 1], [2]]).witness).toEqual({
      kind: "across",
      whole: [0, 2],
      parts: [[0], [2]],
    });
  });

  it("is not claimed above 16 players", () => {
    const check = checkDc(createEqualShareGame(new Array(17).fill(1)), singletons(17));
    expect(check).toMatchObject({ verdict: "not-checked", witness: null });
    expect(check.statement).toContain("not checked");
  });
});

describe("Nash [STABLE.4], individual [STABLE.5] and core stability [STABLE.6]", () => {
  it("agree with enumeration, with witnesses that gain", () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(gameWithPartition(), ({ game, partition }) => {
        const nash = checkNash(game, partition);
        const individual = checkIndividual(game, partition);
        const core = checkCore(game, partition);
        expect(nash.verdict === "stable").toBe(moves(game, partition, false).length === 0);
        expect(individual.verdict === "stable").toBe(moves(game, partition, true).length === 0);
        expect(core.verdict === "stable").toBe(blocking(game, partition).length === 0);
        for (const { witness } of [nash, individual]) {
          if (witness === null) continue;
          const joined = union([witness.to, [witness.player]]);
          expect(payoffs(game, [joined]).get(witness.player)).toBe(witness.after);
          expect(better(witness.after, witness.before)).toBe(true);
        }
        core.witness?.members.forEach((_, i) => {
          expect(better(core.witness?.after[i] as number, core.witness?.before[i] as number)).toBe(true);
        });
        for (const [name, { verdict }] of Object.entries({ nash, individual, core })) {
          seen.set(`${name} ${verdict}`, (seen.get(`${name} ${verdict}`) ?? 0) + 1);
        }
      }),
      { numRuns: 500, seed: 1 },
    );
    expect([...seen.keys()].sort()).toEqual(
      ["core", "individual", "nash"].flatMap((name) => [`${name} stable`, `${name} unstable`]),
    );
    for (const count of seen.values()) expect(count).toBeGreaterThan(10);
  });

  it("name the player that leaves to be alone", () => {
    const game = createEqualShareGame([1, 0]);
    expect(checkNash(game, [[0, 1]]).witness).toEqual({
      player: 0,
      from: [0, 1],
      to: [],
      before: 0,
      after: 1,
    });
    expect(checkIndividual(game, [[0, 1]]).verdict).toBe("unstable");
    expect(checkCore(game, [[0, 1]]).witness).toEqual({ members: [0], before: [0], after: [1] });
  });

  it("leave the core open where sets are too many", () => {
    const many = createEqualShareGame(new Array(40).fill(1));
    const check = checkCore(many, singletons(40), { evaluationLimit: 20_000 });
    expect(check).toMatchObject({ verdict: "not-checked", witness: null });
    expect(check.statement).toContain("up to 3 players");
  });

  it("refuse what is no partition", () => {
    for (const check of [checkNash, checkIndividual, checkCore, checkDc, checkDhp]) {
      expect(() =>
        check(figures, [
          [0, 1],
          [1, 2, 3, 4],
        ]),
      ).toThrowError(
        expect.objectContaining({ code: "INVALID_INPUT", message: "partition: has player 1 twice" }),
      );
    }
  });
});

/** Games in which a given partition attracts: being with more of one's own coalition, and fewer others, is better. */
function attractive(): fc.Arbitrary<{ game: CoalitionGame; partition: Coalition[] }> {
  return fc
    .tuple(
      fc.integer({ min: 1, max: 4 }).chain((n) => fc.array(fc.nat(n - 1), { minLength: n, maxLength: n })),
      fc.nat(3),
    )
    .map(([labels, noise]) => {
      const players = labels.length;
      const groups = new Map<number, number[]>();
      labels.forEach((label, player) => {
        groups.set(label, [...(groups.get(label) ?? []), player]);
      });
      const partition = [...groups.values()];
      const utilities = (members: readonly number[]): number[] =>
        members.map((player) => {
          const friends = members.filter((other) => labels[other] === labels[player]).length;
          return friends - 3 * (members.length - friends) + (noise === 0 && members.length === 2 ? 4 : 0);
        });
      return { game: { players, names: labels.map((_, i) => `p${i}`), utilities }, partition };
    });
}

function moves(game: CoalitionGame, partition: readonly Coalition[], welcome: boolean): number[] {
  const before = payoffs(game, partition);
  return [...before.keys()].filter((player) =>
    [...partition, []].some((to) => {
      if (to.includes(player)) return false;
      const after = payoffs(game, [union([to, [player]])]);
      if (!better(after.get(player) as number, before.get(player) as number)) return false;
      return !welcome || to.every((other) => (after.get(other) as number) >= (before.get(other) as number));
    }),
  );
}

function blocking(game: CoalitionGame, partition: readonly Coalition[]): number[][] {
  const before = payoffs(game, partition);
  const players = union(partition);
  return subsets(players).filter((members) => {
    const after = payoffs(game, [members]);
    return members.every((player) => better(after.get(player) as number, before.get(player) as number));
  });
}
