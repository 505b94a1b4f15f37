import { createRandom, invalidInput, type Random } from "@sheaf/base";
import { z } from "zod";
import { defaultNames } from "../models/player-names.ts";
import { distanceKm, type Miner, type Scenario, type Worker } from "./scenario.ts";
import { createSensingGame } from "./sensing-game.ts";

/** Most workers of a generated scenario. */
const workersLimit = 1_000_000;

/** A uniform range, ends included. */
const range = (low: number, high: number, most = Number.MAX_VALUE) =>
  z
    .tuple([z.number().min(0).max(most), z.number().min(0).max(most)])
    .refine(([from, to]) => from <= to, "the first is above the second")
    .default([low, high]);

/** What a generated scenario is drawn from [VALUE.10]. All have defaults. */
export const scenarioOptionsSchema = z.strictObject({
  miners: z.int().min(1).max(10_000).default(12),
  workersPerKm2: z.number().positive().default(12),
  /** The region is a square that grows with the number of miners, so that this stays. */
  minersPerKm2: z.number().positive().default(0.5),
  workersPerMiner: z.int().min(1).default(6),
  reachKm: z.number().positive().default(1),
  synergy: z.number().positive().default(1.5),
  split: z.enum(["proportional", "equal"]).default("proportional"),
  linkTokens: z.number().nonnegative().default(0.8),
  kilometreTokens: z.number().nonnegative().default(0.4),
  /** R in tokens an epoch; by default what gives a miner alone `aloneTokens` on average. */
  rewardTokens: z.number().nonnegative().optional(),
  /** Mean expected reward of a miner that is alone: keeps its meaning when the number of miners changes. */
  aloneTokens: z.number().nonnegative().default(10),
  samples: range(50, 150),
  reputation: range(0.4, 1, 1),
  sensingSeconds: range(10, 60),
  tokensPerSecond: range(0.005, 0.015),
});

export type ScenarioOptions = z.input<typeof scenarioOptionsSchema>;
type Settings = z.output<typeof scenarioOptionsSchema>;

/**
 * Miners and workers at random in a square [VALUE.10]. Each is drawn from a stream of its own and in units of the
 * square's side, so that scenarios of one seed that differ in a cost have everything else in common.
 * `INVALID_INPUT` names the option that is wrong.
 */
export function generateScenario(options: ScenarioOptions = {}, seed: string | number = 1): Scenario {
  const parsed = scenarioOptionsSchema.safeParse(options);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw invalidInput(["scenario", ...(issue?.path ?? [])].join(" "), issue?.message ?? "is not valid");
  }
  const settings = parsed.data;
  const random = createRandom(`scenario/${seed}`);
  const sideKm = Math.sqrt(settings.miners / settings.minersPerKm2);
  const miners = defaultNames(settings.miners).map((id, i) =>
    drawMiner(settings, id, sideKm, random.fork(`miner/${i}`)),
  );
  const workers = drawWorkers(settings, sideKm, miners, random);
  const { synergy, split, linkTokens, kilometreTokens, workersPerMiner, reachKm } = settings;
  const costs = { synergy, split, linkTokens, kilometreTokens, workersPerMiner, reachKm };
  const unpaid: Scenario = { rewardTokens: 0, ...costs, miners, workers };
  const rewardTokens = settings.rewardTokens ?? rewardFor(unpaid, settings.aloneTokens);
  return { ...unpaid, rewardTokens };
}

/** R that gives the miners alone `aloneTokens` on average: it undoes the normaliser [VALUE.3]. */
function rewardFor(scenario: Scenario, aloneTokens: number): number {
  const { ownValues, normaliser } = createSensingGame(scenario);
  const mean = ownValues.reduce((sum, value) => sum + value ** scenario.synergy, 0) / ownValues.length;
  return (aloneTokens * normaliser) / mean;
}

function drawMiner(settings: Settings, id: string, sideKm: number, random: Random): Miner {
  return {
    id,
    xKm: sideKm * random.float(),
    yKm: sideKm * random.float(),
    tokensPerSecond: between(settings.tokensPerSecond, random),
  };
}

/** As many as the density asks for, and one more beside each miner that would reach none. */
function drawWorkers(settings: Settings, sideKm: number, miners: readonly Miner[], random: Random): Worker[] {
  const count = Math.max(1, Math.round(settings.workersPerKm2 * sideKm * sideKm));
  if (count > workersLimit) {
    const asked = `asks for ${count} workers in ${sideKm * sideKm} km²`;
    throw invalidInput("scenario workersPerKm2", asked, `at most ${workersLimit}`);
  }
  const workers = Array.from({ length: count }, (_, i) => drawWorker(settings, sideKm, random, i));
  for (const miner of miners) {
    if (workers.some((worker) => distanceKm(worker, miner) <= settings.reachKm)) continue;
    const { xKm, yKm } = miner;
    workers.push({ ...drawWorker(settings, sideKm, random, workers.length), xKm, yKm });
  }
  const ids = defaultNames(workers.length, "w");
  return workers.map((worker, i) => ({ id: ids[i] as string, ...worker }));
}

function drawWorker(settings: Settings, sideKm: number, random: Random, index: number): Omit<Worker, "id"> {
  const draw = random.fork(`worker/${index}`);
  return {
    xKm: sideKm * draw.float(),
    yKm: sideKm * draw.float(),
    samples: between(settings.samples, draw),
    reputation: between(settings.reputation, draw),
    sensingSeconds: between(settings.sensingSeconds, draw),
  };
}

function between([low, high]: readonly [number, number], random: Random): number {
  return low + (high - low) * random.float();
}
