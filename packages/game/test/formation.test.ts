import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type CoalitionGame,
  canonicalPartition,
  checkDhp,
  createEqualShareGame,
  createSensingGame,
  createTableGame,
  formationSteps,
  formCoalitions,
  generateScenario,
  partitionUtilities,
  singletons,
} from "../src/index.ts";
import { anyGame, anySensingGame, gameWithPartition, tableOf, withoutCeilings } from "./games.ts";
import { isDhpStable, lexicographic, naiveFormation, subsets } from "./naive.ts";

const shuffledPlayers = (players: number) =>
  fc.shuffledSubarray(
    Array.from({ length: players }, (_, i) => i),
    { minLength: players },
  );

/** The trap: pairs lose, three gain. */
const trap = createEqualShareGame([0, -0.5, 1]);

describe("every step [MERGE.1] [SPLIT.1]", () => {
  it("takes from nobody, gives to somebody, and raises the sum of utilities [FORM.2]", () => {
    let steps = 0;
    fc.assert(
      fc.property(gameWithPartition(), fc.nat(), ({ game, partition }, seed) => {
        const formation = formCoalitions(game, { seed, start: partition });
        let utilities = partitionUtilities(game, canonicalPartition(partition));
        for (const step of formation.steps) {
          steps += 1;
          expect(step.before).toEqual(step.members.map((player) => utilities[player]));
          step.members.forEach((_, i) => {
            expect(step.after[i]).toBeGreaterThanOrEqual(step.before[i] as number);
          });
          const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
          expect(sum(step.after)).toBeGreaterThan(sum(step.before));
          utilities = utilities.slice();
          step.members.forEach((player, i) => {
            utilities[player] = step.after[i] as number;
          });
        }
        expect([...utilities]).toEqual(formation.utilities);
        expect(formation.stopped).toBe("stable");
      }),
      { numRuns: 300, seed: 3 },
    );
    expect(steps).toBeGreaterThan(100);
  });

  it("has merges, splits, wide merges and splits into many among them", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(gameWithPartition(), ({ game, partition }) => {
        for (const { rule, from, to } of formCoalitions(game, { start: partition }).steps) {
          seen.add(`${rule} ${Math.max(from.length, to.length) > 2 ? "wide" : "two"}`);
        }
      }),
      { numRuns: 400, seed: 7 },
    );
    expect([...seen].sort()).toEqual(["merge two", "merge wide", "split two", "split wide"]);
  });
});

describe("the end of a formation", () => {
  it("is D_hp-stable by enumeration, from any start [FORM.1]", () => {
    fc.assert(
      fc.property(gameWithPartition(), fc.nat(), ({ game, partition }, seed) => {
        const formation = formCoalitions(game, { seed, start: partition });
        expect(isDhpStable(game, formation.partition)).toBe(true);
        expect(formation.dhp.verdict).toBe("stable");
      }),
      { numRuns: 200 },
    );
  });

  it("is the start when that is stable [FORM.1]", () => {
    fc.assert(
      fc.property(anyGame(), fc.nat(), (game, seed) => {
        const { partition } = formCoalitions(game, { seed });
        const again = formCoalitions(game, { seed: seed + 1, start: partition });
        expect(again.partition).toEqual(partition);
        expect(again.steps).toEqual([]);
      }),
    );
  });

  it("says that steps ran out, or that it was stopped [FORM.4]", () => {
    const game = createEqualShareGame([1, 2, 3, 4, 5, 6]);
    const limited = formCoalitions(game, { stepLimit: 2 });
    expect(limited).toMatchObject({ stopped: "step-limit", dhp: { verdict: "unstable" } });
    expect(limited.steps).toHaveLength(2);
    const forming = formationSteps(game);
    const seen = [];
    let next = forming.next();
    for (; next.done !== true; next = forming.next(seen.length < 3 ? undefined : "stop")) {
      if (next.value !== null) seen.push(next.value);
    }
    expect(next.value).toMatchObject({ stopped: "stopped", dhp: { verdict: "unstable" } });
    expect(next.value.steps).toEqual(seen);
    expect(seen).toEqual(formCoalitions(game).steps.slice(0, 3));
    expect(formCoalitions(game)).toMatchObject({ stopped: "stable", partition: [[0, 1, 2, 3, 4, 5]] });
    const wide = formCoalitions(createEqualShareGame([0, -1, 1, -1, -1, -1]), { stepLimit: 1 });
    expect(wide.steps).toHaveLength(1);
  });

  it("names the coalition of highest utility, of equal ones that of the smallest first member [FORM.3]", () => {
    const { best } = formCoalitions(createEqualShareGame([1, 3, 0, 0]));
    expect(best.members).toContain(0);
    expect(best.utility).toBe(6);
    expect(best.members).toHaveLength(2);
  });
});

describe("wide merges [MERGE.2] [MERGE.3]", () => {
  it("get three players together whom no pair helps", () => {
    const formation = formCoalitions(trap);
    expect(formation.partition).toEqual([[0, 1, 2]]);
    expect(formation.steps).toMatchObject([{ rule: "merge", from: [[0], [1], [2]], to: [[0, 1, 2]] }]);
  });

  it("are left out on demand, and the check says so", () => {
    const formation = formCoalitions(trap, { mergeWidth: 2 });
    expect(formation).toMatchObject({ stopped: "stable", partition: singletons(3), steps: [] });
    expect(formation.dhp).toMatchObject({ verdict: "unstable", witness: { rule: "merge", to: [[0, 1, 2]] } });
  });
});

describe("splits [SPLIT.2]", () => {
  // Alone 2, in pairs 0, three together 1: no split in two helps everybody, three parts do.
  const game = createEqualShareGame([2, 0, 1]);

  it("may have any number of parts", () => {
    const start = [[0, 1, 2]];
    expect(formCoalitions(game, { start }).steps).toMatchObject([{ rule: "split", to: [[0], [1], [2]] }]);
    const two = formCoalitions(game, { start, splitParts: "two" });
    expect(two).toMatchObject({ partition: start, dhp: { verdict: "unstable", witness: { rule: "split" } } });
  });

  it("of a large coalition are looked at as far as the limit goes [STABLE.2]", () => {
    const game = createEqualShareGame(Array.from({ length: 20 }, (_, i) => (i === 0 ? 1 : 0)));
    // Two halves of ten gain; parts of up to three are all that 2,000 sets allow.
    const halves = createEqualShareGame(
      Array.from({ length: 20 }, (_, i) => (i === 9 ? 1 : i === 19 ? 0 : -1)),
    );
    const start = [Array.from({ length: 20 }, (_, i) => i)];
    expect(formCoalitions(game, { start, evaluationLimit: 2000 }).partition).toHaveLength(20);
    const short = formCoalitions(halves, { start, evaluationLimit: 2000 });
    expect(short.partition).toEqual(start);
    expect(short.dhp).toMatchObject({
      verdict: "bounded",
      splits: { complete: false, bounded: [{ coalition: start[0], smallerPart: 3 }] },
    });
    expect(short.dhp.statement).toContain("at most 3");
  });
});

describe("the order in which candidates are tried [MERGE.4] [MERGE.5]", () => {
  it("makes the steps of the naive search, memory and pruning or not [SPLIT.3] [GAME.5]", () => {
    fc.assert(
      fc.property(
        gameWithPartition().chain(({ game, partition }) =>
          shuffledPlayers(game.players).map((order) => ({ game, partition, order })),
        ),
        ({ game, partition, order }) => {
          const start = canonicalPartition(partition);
          const expected = naiveFormation(game, order, start);
          expect(replay(start, formCoalitions(game, { order, start }).steps)).toEqual(expected);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("is the same with ceilings and without, on sensing games [GAME.5]", () => {
    fc.assert(
      fc.property(anySensingGame(7), fc.nat(), (game, seed) => {
        const { evaluations, dhp, ...pruned } = formCoalitions(game, { seed });
        const plain = formCoalitions(withoutCeilings(game), { seed });
        expect(pruned).toEqual({
          partition: plain.partition,
          utilities: plain.utilities,
          steps: plain.steps,
          stopped: plain.stopped,
          best: plain.best,
        });
        expect(dhp.verdict).toBe(plain.dhp.verdict);
        expect(evaluations).toBeLessThanOrEqual(plain.evaluations);
      }),
      { numRuns: 60 },
    );
    const game = createSensingGame(generateScenario({ miners: 40 }));
    const options = { mergeWidth: 3 };
    expect(formCoalitions(game, options).steps).toEqual(formCoalitions(withoutCeilings(game), options).steps);
  });

  it("follows the seed", () => {
    const game = createEqualShareGame([0, 1, 0, 0, 0, 0]);
    expect(formCoalitions(game, { seed: 5 })).toEqual(formCoalitions(game, { seed: 5 }));
    const partitions = new Set(
      [1, 2, 3, 4, 5, 6].map((seed) => JSON.stringify(formCoalitions(game, { seed }).partition)),
    );
    expect(partitions.size).toBeGreaterThan(1);
  });
});

describe("names and numbers of players [GAME.2]", () => {
  it("change nothing when the order is renumbered with the players", () => {
    fc.assert(
      fc.property(
        anyGame().chain((game) =>
          fc.record({
            game: fc.constant(game),
            to: shuffledPlayers(game.players),
            order: shuffledPlayers(game.players),
          }),
        ),
        ({ game, to, order }) => {
          const renumbered = renumber(game, to);
          const there = formCoalitions(game, { order });
          const here = formCoalitions(renumbered, { order: order.map((player) => to[player] as number) });
          expect(here.partition).toEqual(
            canonicalPartition(
              there.partition.map((members) => members.map((player) => to[player] as number)),
            ),
          );
          expect(here.steps).toHaveLength(there.steps.length);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("are for people only", () => {
    fc.assert(
      fc.property(anyGame(), (game) => {
        const renamed = { ...game, names: game.names.map((name) => `z${name}`).toReversed() };
        expect(formCoalitions(renamed)).toEqual(formCoalitions(game));
      }),
    );
  });
});

describe("options", () => {
  const game = tableOf(3, [1, 2, 3]);
  it.each([
    { mergeWidth: 1 },
    { stepLimit: 0 },
    { evaluationLimit: 0 },
    { tolerance: -1 },
    { tolerance: Number.NaN },
    { order: [0, 1] },
    { order: [0, 1, 1] },
    { order: [0, 1, 3] },
    { start: [[0, 1]] },
    {
      start: [
        [0, 1],
        [1, 2],
      ],
    },
    { start: [[0, 1, 2], []] },
    { start: [[0, 1, 2, 3]] },
  ])("%j are refused in a line", (options) => {
    expect(() => formCoalitions(game, options)).toThrowError(
      expect.objectContaining({ code: "INVALID_INPUT" }),
    );
  });
});

describe("gains below the tolerance [GAME.4]", () => {
  it("are none, and cannot make coalitions come and go", () => {
    const game = createEqualShareGame([1, 1 + 1e-12]);
    expect(formCoalitions(game).steps).toEqual([]);
    expect(formCoalitions(game, { tolerance: 0 }).partition).toEqual([[0, 1]]);
    expect(formCoalitions(game, { start: [[0, 1]] }).steps).toEqual([]);
    expect(checkDhp(game, [[0], [1]]).verdict).toBe("stable");
  });

  it("do not excuse a loss", () => {
    const game = createTableGame(
      ["a", "b"],
      [
        { at: "a", ids: ["a"], utilities: [1] },
        { at: "b", ids: ["b"], utilities: [1] },
        { at: "a+b", ids: ["a", "b"], utilities: [1 - 1e-15, 9] },
      ],
    );
    expect(formCoalitions(game).steps).toEqual([]);
  });
});

/** The partitions that steps lead through. */
function replay(start: readonly (readonly number[])[], steps: ReturnType<typeof formCoalitions>["steps"]) {
  let current = start;
  return steps.map(({ from, to }) => {
    const gone = new Set(from.map(String));
    current = canonicalPartition([...current.filter((members) => !gone.has(String(members))), ...to]);
    return current;
  });
}

/** The same game with player p as `to[p]`. */
function renumber(game: CoalitionGame, to: readonly number[]): CoalitionGame {
  const rows = subsets(Array.from({ length: game.players }, (_, i) => i)).map((members) => ({
    at: String(members),
    ids: members.map((player) => `p${to[player]}`),
    utilities: Array.from(game.utilities([...members].sort((a, b) => lexicographic([a], [b])))),
  }));
  return createTableGame(
    Array.from({ length: game.players }, (_, i) => `p${i}`),
    rows,
  );
}
