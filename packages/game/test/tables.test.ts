import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  checkPartition,
  createEqualShareGame,
  createTableGame,
  parseTableCsv,
  parseTableJson,
  partitionOfNames,
  partitionUtilities,
  utilitiesOf,
} from "../src/index.ts";
import { anyGame } from "./games.ts";
import { subsets } from "./naive.ts";

const invalid = (message: string) =>
  expect.objectContaining({ code: "INVALID_INPUT", message: expect.stringContaining(message) });
const json = (utilities: object, players = ["a", "b"]) => JSON.stringify({ players, utilities });

describe("a game written down [VALUE.9]", () => {
  it("reads JSON: lists aligned with the ids of their key, or one number for all", () => {
    const game = parseTableJson(json({ a: 1, b: [2], "b+a": [3, 2.5] }), "t.json");
    expect(game).toMatchObject({ players: 2, names: ["a", "b"] });
    expect([...utilitiesOf(game, [0])]).toEqual([1]);
    expect([...utilitiesOf(game, [0, 1])]).toEqual([2.5, 3]);
  });

  it("reads JSON whose ids look like keys and text", () => {
    const game = parseTableJson(json({ players: 1, "b:": 2, "players+b:": 3 }, ["players", "b:"]), "t.json");
    expect([...utilitiesOf(game, [0, 1])]).toEqual([3, 3]);
  });

  it("reads CSV with one utility, or one column a player", () => {
    const shared = parseTableCsv("coalition,utility\na,1\nb,2\nb+a,3\n", "t.csv");
    expect(shared.names).toEqual(["a", "b"]);
    expect([...utilitiesOf(shared, [0, 1])]).toEqual([3, 3]);
    const columns = parseTableCsv("coalition,b,a\r\na,,1\r\nb,2,\r\na+b,3,4\r\n", "t.csv");
    expect(columns.names).toEqual(["b", "a"]);
    expect([...utilitiesOf(columns, [0, 1])]).toEqual([3, 4]);
  });

  it("gives back every game that was written, in either format", () => {
    fc.assert(
      fc.property(anyGame(4), (game) => {
        const all = subsets(Array.from({ length: game.players }, (_, i) => i));
        const key = (members: readonly number[]) => members.map((player) => game.names[player]).join("+");
        const text = json(
          Object.fromEntries(all.map((members) => [key(members), [...utilitiesOf(game, members)]])),
          [...game.names],
        );
        const lines = all.map((members) => {
          const utilities = new Map(members.map((player, i) => [player, utilitiesOf(game, members)[i]]));
          return [key(members), ...game.names.map((_, player) => utilities.get(player) ?? "")].join(",");
        });
        const csv = [["coalition", ...game.names].join(","), ...lines].join("\n");
        for (const read of [parseTableJson(text, "t"), parseTableCsv(csv, "t")]) {
          expect(read.names).toEqual(game.names);
          // -0 is written as 0.
          for (const members of all)
            expect([...utilitiesOf(read, members)].map((u) => u + 0)).toEqual(
              [...utilitiesOf(game, members)].map((u) => u + 0),
            );
        }
      }),
    );
  });

  it.each([
    ["{", "t.json: is not JSON"],
    [
      json({ a: 1, b: 2, "a+b": 3 }, ["a", "b"]).replace('"players"', '"x":1,"players"'),
      'Unrecognized key: "x"',
    ],
    [json({ a: 1, b: 2 }), "t.json: coalition a+b is missing"],
    [json({ a: 1, b: 2, "a+b": 3, "b+a": 3 }), "t.json coalition b+a: the coalition is there twice"],
    [json({ a: 1, b: 2, "a+b": 3, "a+a": 3 }), "t.json coalition a+a: a player is there twice"],
    ['{"players":["a"],"utilities":{"a":1,"a" : 2}}', 't.json: has "a" twice'],
    ['{"players":["a"],"utilities":{"a":1,"\\u0061":2}}', 't.json: has "a" twice'],
    ['{"players":["b"],"players":["a"],"utilities":{"a":1}}', 't.json: has "players" twice'],
    [json({ a: 1, b: 2, "a+b": 1.1e100 }), "t.json coalition a+b: the utility of a is beyond 1e+100"],
    [json({ a: 1, b: 2, "a+c": 3 }), 't.json coalition a+c: "c" is no player'],
    [json({ a: 1, b: 2, "a+b": [3] }), "1 utilities for 2 members"],
    [json({ a: 1, b: 2, "a+b": "3" }), "t.json utilities a+b"],
    [json({ a: 1, b: 2, "a+b": null }), "t.json utilities a+b"],
    [json({ a: 1, b: 2, "a+b": 3 }, ["a", "b", "a"]), '"a" is there twice'],
    [json({ a: 1 }, ["a "]), '"a " is no id'],
    [json({}, []), "t.json players"],
    [
      json(
        {},
        Array.from({ length: 17 }, (_, i) => `p${i}`),
      ),
      "17 players need 2^17 - 1 rows",
    ],
  ])("refuses the JSON %s", (text, message) => {
    expect(() => parseTableJson(text, "t.json")).toThrowError(invalid(message));
  });

  it.each([
    ["", "t.csv: is empty"],
    ["a,b\n", "t.csv line 1: the first line names the columns"],
    ["coalition\na\n", "t.csv line 1: the first line names the columns"],
    ["coalition,utility\na,1\nb,NaN\n", 't.csv line 3: "NaN" is not a finite number'],
    ["coalition,utility\na,1\nb,0x10\n", 't.csv line 3: "0x10" is not a finite number'],
    ["coalition,utility\na,1\nb,1e999\n", 't.csv line 3: "1e999" is not a finite number'],
    ["coalition,utility\na,1\nb,\n", 't.csv line 3: "" is not a finite number'],
    ["coalition,utility\na,1\nb,2,3\n", "t.csv line 3: 3 cells under 2 columns"],
    ["coalition,utility\na,1\nb,2\n", "t.csv: coalition a+b is missing"],
    ["coalition,utility\na,1\na,2\n", "t.csv line 3: the coalition is there twice"],
    ['coalition,utility\n"a",1\n', "t.csv line 2: quotes are not understood"],
    ["coalition,a,b\na,1,2\n", "t.csv line 2: b has a utility and is no member"],
    ["coalition,a,b\na+c,1,\n", 't.csv line 2: "c" is no player'],
    ["coalition,utility\n", "t.csv: names nobody"],
  ])("refuses the CSV %j", (text, message) => {
    expect(() => parseTableCsv(text, "t.csv")).toThrowError(invalid(message));
  });

  it("refuses rows that are no numbers", () => {
    expect(() =>
      createTableGame(["a"], [{ at: "row 1", ids: ["a"], utilities: [Number.POSITIVE_INFINITY] }]),
    ).toThrowError(invalid("row 1: the utility of a is not a finite number"));
  });
});

describe("the equal-share game [VALUE.8]", () => {
  it("gives each member the utility of the size", () => {
    const game = createEqualShareGame([1, 2, 3]);
    expect(game.names).toEqual(["m1", "m2", "m3"]);
    expect([...partitionUtilities(game, [[0, 2], [1]])]).toEqual([2, 1, 2]);
  });

  it("refuses what is none", () => {
    expect(() => createEqualShareGame([])).toThrowError(invalid("names nobody"));
    expect(() => createEqualShareGame([1, Number.NaN])).toThrowError(invalid("perHead 2"));
    expect(() => createEqualShareGame([1, -1e101])).toThrowError(invalid("perHead 2: -1e+101 is beyond"));
    expect(() => createEqualShareGame([1, 2], ["a"])).toThrowError(invalid("1 for 2 sizes"));
  });
});

describe("partitions [GAME.3]", () => {
  it("are put in order", () => {
    expect(
      checkPartition(
        [
          [3, 1],
          [2, 0],
        ],
        4,
      ),
    ).toEqual([
      [0, 2],
      [1, 3],
    ]);
  });

  it.each([
    [[[0, 1]], "leaves out player 2"],
    [[[0, 1, 2], []], "holds an empty coalition"],
    [[[0, 1, 2, 3]], "names player 3, players are 0 to 2"],
    [[[0, 1, 2, 0.5]], "names player 0.5"],
    [
      [
        [0, 1],
        [1, 2],
      ],
      "has player 1 twice",
    ],
  ])("%j are refused", (coalitions, problem) => {
    expect(() => checkPartition(coalitions, 3, "file")).toThrowError(invalid(`file: ${problem}`));
  });
});

describe("partitions by ids [GAME.3]", () => {
  const game = createEqualShareGame([1, 2, 3], ["x", "y", "z"]);

  it("are read", () => {
    expect(partitionOfNames(game, [["z", "y"], ["x"]])).toEqual([[0], [1, 2]]);
  });

  it.each([
    [[["x", "w"]], '"w" is no player'],
    [
      [
        ["x", "y"],
        ["y", "z"],
      ],
      "has player 1 twice",
    ],
    [[["x", "y"]], "leaves out player 2"],
  ])("%j are refused", (names, problem) => {
    expect(() => partitionOfNames(game, names, "file")).toThrowError(invalid(`file: ${problem}`));
  });
});

describe("a model [GAME.1]", () => {
  it("that gives no number is a defect", () => {
    const broken = { players: 1, names: ["a"], utilities: () => [Number.NaN] };
    expect(() => partitionUtilities(broken, [[0]])).toThrowError(
      expect.objectContaining({ code: "INVARIANT" }),
    );
  });
});
