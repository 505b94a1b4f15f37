import { join } from "node:path";
import { CodedError } from "@sheaf/base";
import { describe, expect, it } from "vitest";
import { loadCoalition, parseCoalition } from "../src/coalition/coalition-file.ts";
import { type CoalitionFlags, planCoalition } from "../src/coalition/plan-coalition.ts";
import { layout } from "../src/layout.ts";
import { describeFailure } from "../src/terminal/exit.ts";

const file = await loadCoalition("coalition", layout.benchmarks);
const plan = (flags: CoalitionFlags) => planCoalition(file, flags);

/** The line of what was refused, which is bad input. */
function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(CodedError);
    expect((error as CodedError).code).toBe("INVALID_INPUT");
    const { line, exitCode } = describeFailure(error);
    expect(exitCode).toBe(2);
    expect(line).not.toContain("\n");
    return line;
  }
  return "accepted";
}

describe("the plan of a coalition run", () => {
  it("is the file when no flag is given", () => {
    expect(plan({})).toEqual({ name: "coalition", coalition: file.coalition, seed: "sheaf" });
    expect(file.coalition).toMatchObject({
      game: { kind: "sensing", miners: 12 },
      formation: { mergeWidth: "any", splitParts: "any" },
      comparison: { seeds: 30 },
      chain: { network: join(layout.networks, "coalitions.yaml"), epochs: 4, epochBlocks: 40, faults: [] },
    });
  });

  it("applies every flag, and leaves the file as it is", () => {
    const before = structuredClone(file.coalition);
    const { coalition, seed } = plan({
      miners: "8",
      workers: "4",
      reward: "120.5",
      synergy: "1.25",
      split: "equal",
      linkCost: "0",
      distanceCost: "0.5",
      mergeWidth: "2",
      splitParts: "two",
      seeds: "5",
      sweeps: false,
      epochs: "3",
      epochBlocks: "20",
      network: "n.yaml",
      leave: ["1:m06", "2"],
      cheat: ["1"],
      seed: "s",
    });
    expect(coalition).toMatchObject({
      game: {
        miners: 8,
        workersPerMiner: 4,
        rewardTokens: 120.5,
        synergy: 1.25,
        split: "equal",
        linkTokens: 0,
        kilometreTokens: 0.5,
      },
      formation: { mergeWidth: 2, splitParts: "two" },
      comparison: { seeds: 5, sweeps: [] },
      chain: {
        network: join(process.cwd(), "n.yaml"),
        epochs: 3,
        epochBlocks: 20,
        faults: [
          { kind: "miner-leaves", epoch: 1, miner: 5 },
          { kind: "miner-leaves", epoch: 2 },
          { kind: "miner-cheats", epoch: 1 },
        ],
      },
    });
    expect(seed).toBe("s");
    expect(file.coalition).toEqual(before);
  });

  it("leaves the chain out, or brings in the usual one", () => {
    expect(plan({ chain: false }).coalition.chain).toBeUndefined();
    const text = "schema: sheaf.coalitions/1\ntitle: T\ngame: { kind: sensing, miners: 4 }\n";
    const bare = { name: "t", path: "/t.yaml", coalition: parseCoalition(text, "/t.yaml") };
    expect(planCoalition(bare, {}).coalition.chain).toBeUndefined();
    const wishes: readonly CoalitionFlags[] = [{ chain: true }, { epochs: "4" }, { leave: ["1"] }];
    for (const flags of wishes) {
      expect(planCoalition(bare, flags).coalition.chain).toMatchObject({
        network: join(layout.networks, "coalitions.yaml"),
        epochs: 4,
        epochBlocks: 40,
      });
    }
  });

  it("plays a table without sweeps, chain, and the file's claim", () => {
    expect(plan({ table: "games/t.csv" }).coalition).toMatchObject({
      title: "Coalitions of t.csv",
      claim: "",
      game: { kind: "table", file: join(process.cwd(), "games/t.csv") },
      comparison: { sweeps: [] },
    });
    expect(plan({ table: "t.csv" }).coalition.chain).toBeUndefined();
    expect(plan({ table: "t.csv", mergeWidth: "any", seeds: "0" }).coalition.formation.mergeWidth).toBe(
      "any",
    );
  });
});

describe("bad flags", () => {
  const cases: readonly (readonly [what: string, flags: CoalitionFlags, line: RegExp])[] = [
    ["a count that is none", { miners: "many" }, /^--miners: "many" is not a whole number/],
    ["no miners", { miners: "0", chain: false }, /^--miners: /],
    ["a negative reward", { reward: "-5" }, /^--reward: /],
    ["a reward that is no number", { reward: "NaN" }, /^--reward: "NaN" is not a number/],
    ["an infinite reward", { reward: "Infinity" }, /^--reward: "Infinity" is not a number/],
    ["no workers", { workers: "0" }, /^--workers: /],
    ["a negative cost", { linkCost: "-1" }, /^--link-cost: /],
    ["an unknown split", { split: "fair" }, /^--split: /],
    ["a merge of one", { mergeWidth: "1" }, /^--merge-width: /],
    ["an unknown split rule", { splitParts: "three" }, /^--split-parts: /],
    ["too many seeds", { seeds: "1001" }, /^--seeds: /],
    ["an empty seed", { seed: "" }, /^--seed: has 0 characters/],
    [
      "a parameter of another game",
      { table: "t.csv", reward: "5" },
      /^--reward: is a parameter of the sensing game, and this is a game of kind table/,
    ],
    [
      "a chain for a table",
      { table: "t.csv", chain: true },
      /^chain: a game of kind table has no data to contribute.*--no-chain/,
    ],
    ["epochs without a chain", { chain: false, epochs: "3" }, /^--epochs: needs the chain/],
    ["a network without a chain", { chain: false, network: "n.yaml" }, /^--network: needs the chain/],
    ["a fault without a chain", { chain: false, cheat: ["1"] }, /^--cheat: needs the chain/],
    ["too few miners for a chain", { miners: "3" }, /^--miners: .*4 to 100, not 3.*--no-chain/],
    ["too many miners for a chain", { miners: "101" }, /^--miners: .*4 to 100, not 101/],
    [
      "an exponent that is not in quarters",
      { synergy: "1.3" },
      /^--synergy: .*quarters up to 1\.5, not 1\.3/,
    ],
    ["a large exponent", { synergy: "1.75" }, /^--synergy: .*quarters up to 1\.5, not 1\.75/],
    ["too many workers for a chain", { workers: "33" }, /^--workers: .*at most 32 workers, not 33/],
    [
      "too many workers beside one to cheat with",
      { workers: "32", cheat: ["1"] },
      /^--workers: .*at most 31 workers and one that it cheats with, not 32/,
    ],
    ["a fault twice", { cheat: ["1:2", "1:2"] }, /^--cheat: is there twice/],
    ["a short epoch", { epochBlocks: "15" }, /^--epoch-blocks: /],
    ["no epochs", { epochs: "0" }, /^--epochs: /],
    ["a fault in the last epoch", { leave: ["4"] }, /^--leave: .*epoch 4 shows in the next one.*last is 4/],
    ["a fault before the first epoch", { cheat: ["0"] }, /^--cheat: /],
    ["a fault of nobody", { leave: ["1:3"], cheat: ["1:12"] }, /^--cheat: miners are 0 to 11/],
    ["a fault of no name", { leave: ["1:m0"] }, /^--leave: "m0" is not a whole number/],
    ["a fault of a name that nobody has", { leave: ["1:m13"] }, /^--leave: miners are 0 to 11/],
    [
      "more cheats than others can challenge",
      { cheat: Array.from({ length: 7 }, (_, miner) => `1:${miner}`) },
      /^--cheat: 7 cheats in epoch 1: .* there are 12 miners/,
    ],
    ["a fault with too many parts", { leave: ["1:2:3"] }, /^--leave: "1:2:3" has too many parts/],
    ["a fault in no epoch", { leave: [":2"] }, /^--leave: "" is not a whole number/],
  ];
  it.each(cases)("%s", (_, flags, line) => {
    expect(refusal(() => plan(flags))).toMatch(line);
  });
});

describe("bad files", () => {
  const head = "schema: sheaf.coalitions/1\ntitle: T\n";
  const sensing = `${head}game: { kind: sensing, miners: 6 }\n`;
  const onChain = (more: string): string => `${sensing}chain: { network: n.yaml, ${more} }\n`;
  const cases: readonly (readonly [what: string, text: string, line: RegExp])[] = [
    ["no YAML", "game: [\n", /g\.yaml:2/],
    ["no game", head, /game/],
    ["another schema", sensing.replace("coalitions/1", "training/1"), /schema/],
    ["the schema of a run's record", sensing.replace("coalitions/1", "coalition/1"), /schema/],
    ["an unknown field", `${sensing}speed: 5\n`, /speed/],
    ["a field of another game", `${head}game: { kind: table, file: t.csv, miners: 4 }\n`, /miners/],
    ["an unknown kind of game", `${head}game: { kind: chess }\n`, /kind/],
    ["a negative reward", `${head}game: { kind: sensing, rewardTokens: -1 }\n`, /rewardTokens/],
    ["NaN as utility", `${head}game: { kind: equal-share, perHead: [1, .nan] }\n`, /perHead/],
    ["nobody who plays", `${head}game: { kind: equal-share, perHead: [] }\n`, /perHead/],
    ["a range upside down", `${head}game: { kind: sensing, samples: [9, 3] }\n`, /samples/],
    ["a reputation above 1", `${head}game: { kind: sensing, reputation: [0.5, 1.5] }\n`, /reputation/],
    [
      "an unknown sweep parameter",
      `${sensing}comparison: { sweeps: [{ parameter: luck, values: [1, 2] }] }\n`,
      /sweeps/,
    ],
    [
      "a sweep value that no scenario takes",
      `${sensing}comparison:\n  sweeps:\n    - { parameter: synergy, values: [1, -2] }\n`,
      /g\.yaml:6.*-2 is no value of synergy/,
    ],
    [
      "half a miner in a sweep",
      `${sensing}comparison: { sweeps: [{ parameter: miners, values: [4, 4.5] }] }\n`,
      /4\.5 is no value of miners/,
    ],
    [
      "a sweep of one value",
      `${sensing}comparison: { sweeps: [{ parameter: miners, values: [4] }] }\n`,
      /values/,
    ],
    [
      "a sweep of a table",
      `${head}game: { kind: table, file: t.csv }\ncomparison: { sweeps: [{ parameter: miners, values: [4, 5] }] }\n`,
      /a game of kind table has no parameters to move/,
    ],
    [
      "a chain for equal shares",
      `${head}game: { kind: equal-share, perHead: [1, 2] }\nchain: { network: n.yaml }\n`,
      /a game of kind equal-share has no data to contribute/,
    ],
    [
      "an epoch without room",
      onChain("epochBlocks: 16, answerBlocks: 7"),
      /7 blocks to answer and 10 around/,
    ],
    ["a late answer", onChain("epochBlocks: 500, answerBlocks: 256"), /answerBlocks/],
    [
      "more records than can be made",
      onChain("epochs: 2").replace("kind: sensing", "kind: sensing, samples: [1, 100001]"),
      /at most 100000 of a worker, not 100001/,
    ],
    ["an empty pool", onChain('poolWei: "0"'), /poolWei: must be above 0/],
    ["no reward", onChain('rewardPerBlockWei: "0"'), /rewardPerBlockWei: must be above 0/],
    ["wei as a number", onChain("poolWei: 5"), /poolWei/],
    ["a negative amount", onChain('bondWei: "-5"'), /bondWei.*below 10\^27, in quotes/],
    ["more wei than fit", onChain(`poolWei: "1${"0".repeat(27)}"`), /poolWei/],
    ["a late fault", onChain("faults: [{ kind: miner-leaves, epoch: 9 }]"), /epoch 9 shows in the next one/],
    [
      "a fault of nobody",
      onChain("faults: [{ kind: miner-cheats, epoch: 1, miner: 6 }]"),
      /miners are 0 to 5/,
    ],
    ["an unknown fault", onChain("faults: [{ kind: miner-sleeps, epoch: 1 }]"), /kind/],
  ];
  it.each(cases)("%s", (_, text, line) => {
    const said = refusal(() => parseCoalition(text, "/games/g.yaml"));
    expect(said).toMatch(/^\/games\/g\.yaml/);
    expect(said).toMatch(line);
  });

  it("paths are relative to the file", () => {
    const table = parseCoalition(`${head}game: { kind: table, file: t.csv }\n`, "/games/g.yaml");
    expect(table.game).toEqual({ kind: "table", file: "/games/t.csv" });
    expect(parseCoalition(onChain("epochs: 2"), "/games/g.yaml").chain?.network).toBe("/games/n.yaml");
  });

  it("names that do not exist say what does", async () => {
    const load = async (name: string): Promise<string> =>
      loadCoalition(name, layout.benchmarks).then(
        () => "accepted",
        (error: unknown) =>
          refusal(() => {
            throw error;
          }),
      );
    expect(await load("nonsense")).toBe(
      "nonsense: is no coalition game: choose one of: coalition-faults, coalition-scale, coalition, or name a file",
    );
    expect(await load("./none.yaml")).toMatch(/^\.\/none\.yaml: cannot be read: choose one of: coalition/);
    expect(await load("digits")).toBe("digits: is a training: use: bench train digits");
    expect(await load("multi-chain")).toBe("multi-chain: is a benchmark: use: bench run multi-chain");
  });
});
