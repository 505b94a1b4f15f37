import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { errorCode, errorMessage, invalidInput } from "@sheaf/base";
import {
  type CoalitionGame,
  createEqualShareGame,
  createSensingGame,
  generateScenario,
  parseTableCsv,
  parseTableJson,
  type Scenario,
  type ScenarioOptions,
  type SensingGame,
} from "@sheaf/game";
import type { CoalitionExperiment, GameSpec } from "./coalition-file.ts";
import { nearestEvidence } from "./evidence.ts";

/** The game of a run; `sensing` with its miners and workers when it is that model. */
export interface BuiltGame {
  readonly game: CoalitionGame;
  readonly sensing: SensingGame | undefined;
}

/** Raises `INVALID_INPUT` for a table that cannot be read or has holes, and for parameters that no scenario takes. */
export async function buildGame(spec: GameSpec, seed: string): Promise<BuiltGame> {
  switch (spec.kind) {
    case "sensing": {
      const sensing = createSensingGame(drawScenario(scenarioOptionsOf(spec), seed), "game");
      return { game: sensing, sensing };
    }
    case "table":
      return { game: await readTable(spec.file), sensing: undefined };
    case "equal-share":
      return { game: createEqualShareGame(spec.perHead), sensing: undefined };
  }
}

/** Raises `INVALID_INPUT` for a value of a sweep that no scenario takes: before anything is begun, and not when it comes up. */
export function checkSweeps({ game, comparison: { seeds, sweeps } }: CoalitionExperiment): void {
  if (game.kind !== "sensing" || seeds === 0) return;
  for (const { parameter, values } of sweeps) {
    for (const value of values) {
      try {
        createSensingGame(drawScenario({ ...scenarioOptionsOf(game), [parameter]: value }, 1));
      } catch (error) {
        throw invalidInput(`comparison.sweeps: ${parameter} ${value}`, errorMessage(error));
      }
    }
  }
}

/** What scenarios are drawn from. */
export function scenarioOptionsOf(spec: Extract<GameSpec, { kind: "sensing" }>): ScenarioOptions {
  const { kind: _, ...options } = spec;
  return options;
}

/**
 * A scenario as a chain can hold it, so that the game and the chain are about the same data: whole records, and
 * reputations that follow from evidence. Moves a sample count by half a record (up to one record at least) and a
 * reputation by a hundredth at most, by 0.0013 between 0.01 and 0.99. Without a chain the same is done, so that
 * the result does not depend on whether there is one.
 */
export function drawScenario(options: ScenarioOptions, seed: string | number): Scenario {
  const scenario = generateScenario(options, seed);
  return {
    ...scenario,
    workers: scenario.workers.map((worker) => ({
      ...worker,
      samples: Math.max(1, Math.round(worker.samples)),
      reputation: nearestEvidence(worker.reputation).reputation,
    })),
  };
}

/** Without a byte order mark. */
function decodeUtf8(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw invalidInput(file, "is not UTF-8 text", "save it as UTF-8");
  }
}

async function readTable(file: string): Promise<CoalitionGame> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw invalidInput(file, `cannot be read (${errorCode(error) ?? errorMessage(error)})`, "check the path");
  });
  const text = decodeUtf8(bytes, file);
  return extname(file).toLowerCase() === ".csv" ? parseTableCsv(text, file) : parseTableJson(text, file);
}
