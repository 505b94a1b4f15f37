import {
  type CoalitionGame,
  canonicalPartition,
  checkStability,
  createEqualShareGame,
  createSensingGame,
  formCoalitions,
  generateScenario,
  type Partition,
  parseTableCsv,
  partitionUtilities,
  setPartitions,
  utilitiesOf,
} from "@sheaf/game";
import type { CoalitionChange } from "@sheaf/measure";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildGame } from "../src/coalition/build-game.ts";
import { parseCoalition } from "../src/coalition/coalition-file.ts";
import { formationRows } from "../src/coalition/record/formation-rows.ts";
import { gameRows } from "../src/coalition/record/game-rows.ts";
import { stabilityRows } from "../src/coalition/record/stability-rows.ts";
import { tableCsv } from "./coalition-fixture.ts";

const free = { mergeWidth: "any", splitParts: "any", stepLimit: 1_000 } as const;
const PLAYERS = 4;
const partitions = [...setPartitions(PLAYERS)];

/** Games of four players whose utilities are small whole numbers, so that ties are common. */
const games: fc.Arbitrary<CoalitionGame> = fc
  .array(fc.integer({ min: -2, max: 4 }), { minLength: 16 * PLAYERS, maxLength: 16 * PLAYERS })
  .map((values) => ({
    players: PLAYERS,
    names: ["a", "b", "c", "d"],
    utilities: (members) => {
      const mask = members.reduce((sum, member) => sum + 2 ** member, 0);
      return members.map((member) => values[mask * PLAYERS + member] as number);
    },
  }));

describe("the rows of a formation", () => {
  it("[CRECORD.2] lead from everybody alone to the final partition, with the sums on the way", () => {
    let steps = 0;
    fc.assert(
      fc.property(games, fc.nat(), (game, seed) => {
        const formed = formCoalitions(game, { seed });
        const rows = formationRows(game, free, formed, 5);
        let standing: Partition = rows.start.partition;
        expectStanding(game, standing, rows.start);
        for (const step of rows.steps) {
          expectChange(game, step);
          const gone = step.before.map((members) => members.join());
          const stay = standing.filter((members) => !gone.includes(members.join()));
          expect(standing.length - stay.length).toBe(step.before.length);
          standing = canonicalPartition([...stay, ...step.after]);
          expectStanding(game, standing, step);
          steps += 1;
        }
        expect(rows.final).toEqual(standing);
        expect(rows).toMatchObject({ durationMs: 5, evaluations: formed.evaluations });
      }),
    );
    expect(steps).toBeGreaterThan(0);
  });

  it("say by which rules, and why they end", () => {
    const game = createEqualShareGame([0, -0.5, 1]);
    const ended = (options: { mergeWidth?: number; stepLimit?: number }) =>
      formationRows(
        game,
        { ...free, splitParts: "two", mergeWidth: options.mergeWidth ?? "any" },
        formCoalitions(game, options),
        0,
      );
    expect(ended({}).stoppedBecause).toBe(
      "no merge and no split that the rules allow was found to apply any more",
    );
    expect(ended({}).final).toEqual([[0, 1, 2]]);
    expect(ended({}).rules).toEqual({ maxMerge: null, maxSplitParts: 2, maxSplitSize: null });
    expect(ended({ mergeWidth: 2 })).toMatchObject({ final: [[0], [1], [2]], rules: { maxMerge: 2 } });
    const pairs = createEqualShareGame([0, 1, 0, 0]);
    const cut = formationRows(pairs, free, formCoalitions(pairs, { stepLimit: 1 }), 0);
    expect(cut).toMatchObject({ stoppedBecause: "the limit of steps was reached" });
    expect(cut.steps).toHaveLength(1);
  });
});

describe("the rows of stability", () => {
  it("[STABLE.1] to [STABLE.6] show deviations that are ones", () => {
    const failed = { dhp: 0, dc: 0, nash: 0, individual: 0, core: 0 };
    fc.assert(
      fc.property(games, fc.constantFrom(...partitions), (game, partition) => {
        const report = checkStability(game, partition);
        const rows = stabilityRows(game, partition, report);
        for (const name of ["dhp", "dc", "nash", "individual", "core"] as const) {
          const { verdict, statement, witness } = rows[name];
          expect(statement).toMatch(/^[A-Z].*\.$/);
          expect(verdict === "unstable" || verdict === "fails").toBe(witness !== null);
          if (witness === null) continue;
          failed[name] += 1;
          if (name === "core") expectBlocking(game, partition, witness);
          else expectChange(game, witness);
          const gains = witness.utilitiesAfter.map(
            (after, i) => after - (witness.utilitiesBefore[i] as number),
          );
          // D_c asks that what the partition has be better: a deviation that leaves all as they are refutes it.
          if (name === "dc")
            expect(gains.some((gain) => gain > 0) || gains.every((gain) => gain === 0)).toBe(true);
          else expect(Math.max(...gains)).toBeGreaterThan(0);
          if (name === "dhp") expect(Math.min(...gains)).toBeGreaterThanOrEqual(0);
          if (name === "core") expect(Math.min(...gains)).toBeGreaterThan(0);
          if (name === "nash" || name === "individual") expectMove(partition, report[name].witness, witness);
        }
        expect(rows.dhp.exact).toBe(true);
      }),
      { numRuns: 300 },
    );
    for (const count of Object.values(failed)) expect(count).toBeGreaterThan(0);
  });

  it("[STABLE.2] call a bounded verdict not refuted, and what is too large not checked", () => {
    const game = createEqualShareGame(Array.from({ length: 20 }, () => 1));
    const alone = game.names.map((_, player) => [player]);
    const whole = [alone.flat()];
    const rows = stabilityRows(game, whole, checkStability(game, whole));
    expect(rows.dhp).toMatchObject({ verdict: "not-refuted", exact: false, witness: null });
    expect(rows.dc).toMatchObject({ verdict: "not-checked", witness: null });
    expect(rows.nash).toMatchObject({ verdict: "holds", witness: null });
  });
});

describe("the rows of a game", () => {
  it("hold the scenario as a chain can: whole records, reputations in basis points, workers that exist", async () => {
    const spec = parseCoalition(
      "schema: sheaf.coalitions/1\ntitle: T\ngame: { kind: sensing, miners: 5, samples: [0.2, 3.7] }\n",
      "/g.yaml",
    ).game;
    const built = await buildGame(spec, "rows");
    const { model, players, workers } = gameRows(spec, built);
    expect(model).toMatchObject({ kind: "sensing", utilityUnit: "tokens an epoch" });
    expect(players.map(({ id }) => id)).toEqual(["m1", "m2", "m3", "m4", "m5"]);
    const byId = new Map(workers.map((worker) => [worker.id, worker]));
    for (const { workers: picked, ownValue } of players) {
      const value = picked.reduce((sum, id) => {
        const worker = byId.get(id);
        return sum + (worker === undefined ? Number.NaN : worker.reputation * worker.samples);
      }, 0);
      expect(ownValue).toBeCloseTo(value, 9);
    }
    for (const { samples, reputation } of workers) {
      expect(samples).toBeGreaterThanOrEqual(1);
      expect(Number.isInteger(samples)).toBe(true);
      expect(Math.abs(reputation * 10_000 - Math.round(reputation * 10_000))).toBeLessThan(1e-9);
    }
    // Rounding to what a chain holds moves a scenario by no more than it says.
    const drawn = createSensingGame(generateScenario({ miners: 5, samples: [0.2, 3.7] }, "rows"));
    workers.forEach((worker, i) => {
      const before = drawn.scenario.workers[i];
      expect(Math.abs(worker.reputation - (before?.reputation ?? Number.NaN))).toBeLessThanOrEqual(0.01);
    });
  });

  it("of a table have no scenario", () => {
    const game = parseTableCsv(tableCsv, "t.csv");
    const { model, players, workers } = gameRows(
      { kind: "table", file: "/games/t.csv" },
      { game, sensing: undefined },
    );
    expect(model.parameters.map(({ name, value }) => [name, value])).toEqual([
      ["players", 3],
      ["file", "t.csv"],
    ]);
    expect(players[0]).toEqual({ id: "a", position: null, powerCost: null, workers: [], ownValue: null });
    expect(workers).toEqual([]);
  });
});

/** Sum and minimum of the utilities of all under a partition. */
function expectStanding(
  game: CoalitionGame,
  partition: Partition,
  { sum, minimum }: { readonly sum: number; readonly minimum: number },
): void {
  const utilities = [...partitionUtilities(game, partition)];
  expect(sum).toBeCloseTo(
    utilities.reduce((total, each) => total + each, 0),
    9,
  );
  expect(minimum).toBe(Math.min(...utilities));
}

/** The same players before and after, with the utilities that the game gives them. */
function expectChange(game: CoalitionGame, change: CoalitionChange): void {
  for (const [side, figures] of [
    [change.before, change.utilitiesBefore],
    [change.after, change.utilitiesAfter],
  ] as const) {
    expect(side.flat().sort((x, y) => x - y)).toEqual(change.players);
    for (const members of side) {
      const due = [...utilitiesOf(game, members)];
      expect(members.map((member) => figures[change.players.indexOf(member)])).toEqual(due);
    }
  }
}

/** Those that block, from the coalitions that they are in. */
function expectBlocking(game: CoalitionGame, partition: Partition, change: CoalitionChange): void {
  expect(change.after).toEqual([change.players]);
  expect(change.utilitiesAfter).toEqual([...utilitiesOf(game, change.players)]);
  expect(change.before).toEqual(
    partition.filter((members) => members.some((member) => change.players.includes(member))),
  );
}

/** One player goes from its coalition of the partition to another, or to be alone. */
function expectMove(
  partition: Partition,
  move: { readonly player: number; readonly before: number; readonly after: number } | null,
  change: CoalitionChange,
): void {
  const place = change.players.indexOf(move?.player as number);
  expect([change.utilitiesBefore[place], change.utilitiesAfter[place]]).toEqual([move?.before, move?.after]);
  for (const members of change.before) expect(partition).toContainEqual(members);
  const without = (side: CoalitionChange["after"]): string[] =>
    side
      .map((members) => members.filter((member) => member !== move?.player).join())
      .filter((members) => members !== "")
      .sort();
  expect(without(change.before)).toEqual(without(change.after));
}
