export * from "./comparison/best-partition.ts";
export * from "./comparison/compare-partitions.ts";
export * from "./comparison/measure-partition.ts";
export * from "./comparison/sweep.ts";
export * from "./formation/form-coalitions.ts";
export type { Formation, FormationOptions, FormationStep } from "./formation/formation.ts";
export * from "./game/coalition-game.ts";
export * from "./game/pareto.ts";
export * from "./game/set-partitions.ts";
export * from "./models/equal-share.ts";
export * from "./models/parse-table.ts";
export * from "./models/table-game.ts";
export {
  generateScenario,
  type ScenarioOptions,
  scenarioOptionsSchema,
} from "./sensing/generate-scenario.ts";
export { type Miner, parseScenario, type Scenario, scenarioSchema, type Worker } from "./sensing/scenario.ts";
export { selectWorkers } from "./sensing/select-workers.ts";
export { createSensingGame, type SensingGame, type SensingTerms } from "./sensing/sensing-game.ts";
export * from "./stability/check-core.ts";
export * from "./stability/check-dc.ts";
export * from "./stability/check-dhp.ts";
export * from "./stability/check-moves.ts";
export * from "./stability/check-stability.ts";
export type { Check, Deviation, DhpCheck, MergeScope, SplitScope } from "./stability/checks.ts";
