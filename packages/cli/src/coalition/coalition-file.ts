import { dirname, resolve } from "node:path";
import { scenarioOptionsSchema, sweepParameters } from "@sheaf/game";
import { type InputProblem, parseYamlInput } from "@sheaf/launcher";
import { z } from "zod";
import { readExperiment } from "../experiment-file.ts";

const drawn = scenarioOptionsSchema.shape;
const positive = z.int().positive();
const wei = z.string().regex(/^(0|[1-9][0-9]{0,26})$/, "a whole number of wei below 10^27, in quotes");

const sensingSchema = z.strictObject({
  kind: z
    .literal("sensing")
    .describe("Miners share a sensing task and their award: the game of specs/coalition.md."),
  miners: drawn.miners.describe("Miners, placed at random in a square."),
  minersPerKm2: drawn.minersPerKm2.describe("Density of miners: the square grows with their number."),
  workersPerKm2: drawn.workersPerKm2.describe("Density of workers."),
  workersPerMiner: drawn.workersPerMiner.describe("Most workers that a miner picks, by reputation."),
  reachKm: drawn.reachKm.describe("A miner picks among workers at most this far away, in km."),
  synergy: drawn.synergy.describe("Exponent of the value of a coalition's distinct data."),
  split: drawn.split.describe("How members share what their coalition gets: by own data, or equally."),
  linkTokens: drawn.linkTokens.describe("What each link to another member costs, in tokens an epoch."),
  kilometreTokens: drawn.kilometreTokens.describe("The same for each km of it, in tokens an epoch."),
  rewardTokens: drawn.rewardTokens.describe(
    "R: what the network gives in an epoch, in tokens; set by `aloneTokens` when left out.",
  ),
  aloneTokens: drawn.aloneTokens.describe(
    "Mean expected reward of a miner that is alone, in tokens an epoch.",
  ),
  samples: drawn.samples.describe("Least and most records of a worker in an epoch."),
  reputation: drawn.reputation.describe("Least and greatest reputation of a worker, 0 to 1."),
  sensingSeconds: drawn.sensingSeconds.describe(
    "Least and most time that a worker takes, in seconds an epoch.",
  ),
  tokensPerSecond: drawn.tokensPerSecond.describe(
    "Least and greatest cost of sensing of a miner, in tokens a second.",
  ),
});

export const gameSchema = z.discriminatedUnion("kind", [
  sensingSchema,
  z.strictObject({
    kind: z.literal("table").describe("A characteristic function that somebody wrote down."),
    file: z.string().min(1).describe("JSON or CSV (packages/game/README.md), relative to this file."),
  }),
  z.strictObject({
    kind: z.literal("equal-share").describe("Each member of a coalition of size s gets the same."),
    perHead: z
      .array(z.number())
      .min(1)
      .describe("Utility of a member for size 1, 2, 3 and so on; one entry a player."),
  }),
]);

const sweepSchema = z.strictObject({
  parameter: z.enum(sweepParameters).describe("What is moved; everything else stays."),
  values: z.array(z.number()).min(2).max(50).describe("To which values."),
});

const miner = z.int().min(0);

const faultSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("miner-leaves").describe("A miner leaves its coalition."),
    epoch: positive.describe("In which of these epochs, from 1; it is alone from the next one on."),
    miner: miner.optional().describe("Which, from 0; one of the largest coalition when left out."),
  }),
  z.strictObject({
    kind: z
      .literal("miner-cheats")
      .describe("A miner reports data that it has not, and is challenged for it."),
    epoch: positive.describe("In which of these epochs, from 1; it is challenged in the next one."),
    miner: miner.optional().describe("Which, from 0; one of the largest coalition when left out."),
  }),
]);

const chainSchema = z.strictObject({
  network: z
    .string()
    .min(1)
    .describe("A topology file, relative to this file; one validator a miner is started."),
  epochs: z.int().min(1).max(1_000).default(4).describe("Epochs in which the coalitions mine."),
  epochBlocks: z.int().min(16).max(10_000).default(40).describe("Blocks of an epoch."),
  rewardPerBlockWei: wei
    .default("1000000000000000000")
    .describe("What a block pays when all data is in one coalition (specs/coalition-contract.md)."),
  poolWei: wei
    .default("1000000000000000000000")
    .describe("What rewards are paid from, held by the contract at genesis."),
  bondWei: wei.default("10000000000000000").describe("What a challenge costs until it is answered."),
  answerBlocks: z.int().min(1).max(255).default(6).describe("Blocks in which a challenged miner may answer."),
  suspensionEpochs: z
    .int()
    .min(1)
    .max(65_535)
    .default(1)
    .describe("Epochs that a cheat is without a share for."),
  faults: z.array(faultSchema).default([]).describe("Who leaves or cheats, and when."),
});

/** Coalitions of miners: the game, how it is played and compared, and the chain that it is run on. */
export const coalitionSchema = z.strictObject({
  schema: z.literal("sheaf.coalitions/1"),
  title: z.string().min(1).max(200).describe("Heading of the report."),
  claim: z.string().default("").describe("One sentence that the run may confirm or refute."),
  game: gameSchema.describe("Who plays, and what coalitions bring."),
  formation: z
    .strictObject({
      mergeWidth: z
        .union([z.literal("any"), z.int().min(2)])
        .default("any")
        .describe("Most coalitions that merge at once."),
      splitParts: z
        .enum(["any", "two"])
        .default("any")
        .describe("Into how many parts a coalition may split."),
      stepLimit: positive.default(100_000).describe("Most merges and splits."),
    })
    .prefault({})
    .describe("The rules of merge and split."),
  comparison: z
    .strictObject({
      seeds: z
        .int()
        .min(0)
        .max(1_000)
        .default(30)
        .describe("Scenarios that differ in their seed alone; 0: none."),
      sweeps: z
        .array(sweepSchema)
        .default([])
        .describe("Parameters that are moved, each over all these seeds."),
    })
    .prefault({})
    .describe("What the result is compared with."),
  chain: chainSchema.optional().describe("Runs the coalitions on a real chain; not when left out."),
});

export type CoalitionExperiment = z.infer<typeof coalitionSchema>;
export type GameSpec = CoalitionExperiment["game"];
export type ChainSpec = NonNullable<CoalitionExperiment["chain"]>;
export type MinerFault = ChainSpec["faults"][number];
export type Sweep = CoalitionExperiment["comparison"]["sweeps"][number];

/** An experiment with the file it came from. */
export interface CoalitionFile {
  readonly name: string;
  readonly path: string;
  readonly coalition: CoalitionExperiment;
}

/** Parses an experiment; raises `INVALID_INPUT` with file, line and field. Paths in it become absolute. */
export function parseCoalition(text: string, path: string): CoalitionExperiment {
  const coalition = parseYamlInput(text, path, coalitionSchema, checkCoalition);
  const inFolder = (file: string): string => resolve(dirname(path), file);
  const { game, chain } = coalition;
  return {
    ...coalition,
    game: game.kind === "table" ? { ...game, file: inFolder(game.file) } : game,
    ...(chain === undefined ? {} : { chain: { ...chain, network: inFolder(chain.network) } }),
  };
}

/** Most miners of a chain: a validator each. */
const MAX_VALIDATORS = 100;
/** Of an epoch, around the answer to a challenge: to open it, to draw, to conclude. */
const ROOM_BLOCKS = 10;
/** Most workers whose statements a miner records in an epoch [SENSE.3]. */
const MAX_RECORDED = 32;
/** Of a worker and epoch. The contract takes 2^32; they are made one by one. */
const MAX_SAMPLES = 100_000;
/** BFT needs four to bear one fault. */
const MIN_VALIDATORS = 4;

/** What is wrong with an experiment that its schema cannot say. */
export function checkCoalition({ game, comparison, chain }: CoalitionExperiment): readonly InputProblem[] {
  const problems: InputProblem[] = [];
  if (game.kind !== "sensing" && comparison.sweeps.length > 0) {
    problems.push({
      path: ["comparison", "sweeps"],
      problem: `a game of kind ${game.kind} has no parameters to move`,
      advice: "leave the sweeps out, or use kind: sensing",
    });
  }
  for (const [index, { parameter, values }] of comparison.sweeps.entries()) {
    const schema = drawn[parameter];
    const bad = values.find((value) => !schema.safeParse(value).success);
    if (bad !== undefined) {
      problems.push({
        path: ["comparison", "sweeps", index, "values"],
        problem: `${bad} is no value of ${parameter}`,
      });
    }
  }
  return chain === undefined ? problems : [...problems, ...checkChain(game, chain)];
}

function checkChain(game: GameSpec, chain: ChainSpec): readonly InputProblem[] {
  if (game.kind !== "sensing") {
    const advice = "leave the chain out (--no-chain), or use kind: sensing";
    return [{ path: ["chain"], problem: `a game of kind ${game.kind} has no data to contribute`, advice }];
  }
  const problems: InputProblem[] = [];
  const { miners, synergy, workersPerMiner, samples } = game;
  if (miners < MIN_VALIDATORS || miners > MAX_VALIDATORS) {
    problems.push({
      path: ["game", "miners"],
      problem: `on the chain each miner is a validator: ${MIN_VALIDATORS} to ${MAX_VALIDATORS}, not ${miners}`,
      advice: "change the number, or leave the chain out (--no-chain)",
    });
  }
  if (!Number.isInteger(4 * synergy) || synergy > 1.5) {
    problems.push({
      path: ["game", "synergy"],
      problem: `the contract computes exponents in quarters up to 1.5, not ${synergy}`,
      advice: "choose 0.25, 0.5, ... 1.5, or leave the chain out (--no-chain)",
    });
  }
  const cheats = chain.faults.some(({ kind }) => kind === "miner-cheats");
  const mostWorkers = cheats ? MAX_RECORDED - 1 : MAX_RECORDED;
  if (workersPerMiner > mostWorkers) {
    problems.push({
      path: ["game", "workersPerMiner"],
      problem: `on the chain a miner records at most ${mostWorkers} workers${cheats ? " and one that it cheats with" : ""}, not ${workersPerMiner}`,
      advice: "choose fewer, or leave the chain out (--no-chain)",
    });
  }
  if (samples[1] > MAX_SAMPLES) {
    problems.push({
      path: ["game", "samples"],
      problem: `for the chain every record is made and hashed: at most ${MAX_SAMPLES} of a worker, not ${samples[1]}`,
      advice: "choose fewer, or leave the chain out (--no-chain)",
    });
  }
  if (chain.epochBlocks < chain.answerBlocks + ROOM_BLOCKS) {
    problems.push({
      path: ["chain", "epochBlocks"],
      problem: `a challenge takes ${chain.answerBlocks} blocks to answer and ${ROOM_BLOCKS} around that, and must fit into an epoch`,
      advice: "raise it, or lower answerBlocks",
    });
  }
  for (const amount of ["poolWei", "rewardPerBlockWei"] as const) {
    if (BigInt(chain[amount]) === 0n)
      problems.push({ path: ["chain", amount], problem: "must be above 0, else there is nothing to award" });
  }
  return [...problems, ...checkFaults(chain, miners)];
}

function checkFaults({ faults, epochs }: ChainSpec, miners: number): readonly InputProblem[] {
  const problems: InputProblem[] = [];
  const cheatsIn = (epoch: number): number =>
    faults.filter((fault) => fault.kind === "miner-cheats" && fault.epoch === epoch).length;
  const crowded = faults.find(({ epoch }) => 2 * cheatsIn(epoch) > miners);
  if (crowded !== undefined) {
    problems.push({
      path: ["chain", "faults", faults.indexOf(crowded)],
      problem: `${cheatsIn(crowded.epoch)} cheats in epoch ${crowded.epoch}: each is challenged by an honest miner of its own, and there are ${miners} miners`,
      advice: "have fewer cheat at a time",
    });
  }
  for (const [index, fault] of faults.entries()) {
    const path = ["chain", "faults", index];
    const isSame = ({ kind, epoch, miner }: MinerFault): boolean =>
      kind === fault.kind && epoch === fault.epoch && miner === fault.miner;
    if (fault.miner !== undefined && faults.findIndex(isSame) < index) {
      problems.push({ path, problem: "is there twice", advice: "leave one out" });
    }
    if (fault.epoch >= epochs) {
      problems.push({
        path: [...path, "epoch"],
        problem: `what happens in epoch ${fault.epoch} shows in the next one, and the last is ${epochs}`,
        advice: "choose an earlier epoch, or run more epochs",
      });
    }
    if (fault.miner !== undefined && fault.miner >= miners) {
      problems.push({ path: [...path, "miner"], problem: `miners are 0 to ${miners - 1}` });
    }
  }
  return problems;
}

/** The experiment called `nameOrFile`: a file when it looks like a path, else one of `folder`. */
export async function loadCoalition(nameOrFile: string, folder: string): Promise<CoalitionFile> {
  const { name, path, text } = await readExperiment(nameOrFile, folder, "coalition");
  return { name, path, coalition: parseCoalition(text, path) };
}
