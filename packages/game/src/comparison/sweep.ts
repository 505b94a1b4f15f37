import { invalidInput } from "@sheaf/base";
import { formCoalitions } from "../formation/form-coalitions.ts";
import type { FormationOptions } from "../formation/formation.ts";
import { generateScenario, type ScenarioOptions } from "../sensing/generate-scenario.ts";
import type { Scenario } from "../sensing/scenario.ts";
import { createSensingGame } from "../sensing/sensing-game.ts";
import type { DhpCheck } from "../stability/checks.ts";
import { comparePartitions, type PartitionMethod } from "./compare-partitions.ts";
import type { PartitionMeasures } from "./measure-partition.ts";

/** Options of a scenario that a sweep can vary. */
export const sweepParameters = [
  "miners",
  "rewardTokens",
  "aloneTokens",
  "linkTokens",
  "kilometreTokens",
  "synergy",
  "workersPerMiner",
  "workersPerKm2",
  "minersPerKm2",
  "reachKm",
] as const;
export type SweepParameter = (typeof sweepParameters)[number];

export interface SweepOptions {
  readonly parameter: SweepParameter;
  readonly values: readonly number[];
  /** Scenarios for each value, of seeds 1, 2, ...: the same for all values; default 30. */
  readonly seeds?: number;
  /** The other options of the scenarios. */
  readonly scenario?: ScenarioOptions;
  /** Makes a scenario of its options and seed; default `generateScenario`. */
  readonly draw?: (options: ScenarioOptions, seed: number) => Scenario;
  /** How coalitions form; the seed of the scenario decides the order. */
  readonly formation?: Omit<FormationOptions, "seed" | "order" | "start">;
}

/** One scenario of a sweep. */
export interface SweepPoint {
  readonly parameter: SweepParameter;
  readonly value: number;
  readonly seed: number;
  readonly players: number;
  readonly steps: number;
  readonly verdict: DhpCheck["verdict"];
  readonly methods: readonly { readonly method: PartitionMethod; readonly measures: PartitionMeasures }[];
}

/**
 * One point for each value and seed, values in order and the seeds of each in order [BASELINE.4]; the caller may
 * stop after any. `INVALID_INPUT` for no values, a count of seeds that is none, or options no scenario takes.
 */
export function* sweep(options: SweepOptions): Generator<SweepPoint, void, void> {
  const { parameter, values, seeds = 30, scenario = {}, draw = generateScenario, formation = {} } = options;
  if (values.length === 0) throw invalidInput(`sweep of ${parameter}`, "has no values");
  if (!Number.isInteger(seeds) || seeds < 1) throw invalidInput("seeds", `${seeds} is not a count`);
  for (const value of values) {
    for (let seed = 1; seed <= seeds; seed++) {
      const game = createSensingGame(draw({ ...scenario, [parameter]: value }, seed));
      const formed = formCoalitions(game, { ...formation, seed });
      const rows = comparePartitions(game, formed.partition, seed);
      yield {
        parameter,
        value,
        seed,
        players: game.players,
        steps: formed.steps.length,
        verdict: formed.dhp.verdict,
        methods: rows.map(({ method, measures }) => ({ method, measures })),
      };
    }
  }
}
