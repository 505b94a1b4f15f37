export * from "./arm-analysis.ts";
export * from "./arm-record.ts";
export * from "./block-statistics.ts";
export * from "./bottleneck.ts";
export * from "./coalition/chain-analysis.ts";
export * from "./coalition/coalition-analysis.ts";
export * from "./coalition/coalition-chain-record.ts";
export * from "./coalition/coalition-record.ts";
export * from "./coalition/coalition-summary.ts";
export * from "./coalition/comparison-record.ts";
export * from "./coalition/estimate.ts";
export { analyseFormation, type FormationAnalysis } from "./coalition/formation-analysis.ts";
export * from "./coalition/formation-record.ts";
export type { Coalition, CoalitionChange, CoalitionPartition } from "./coalition/partition.ts";
export * from "./coalition/stability-record.ts";
export * from "./coalition/summarize-coalition.ts";
export * from "./commit-times.ts";
export * from "./comparison.ts";
export * from "./efficiency.ts";
export * from "./events.ts";
export * from "./goodness-of-fit.ts";
export * from "./latency.ts";
export * from "./latency-histogram.ts";
export * from "./logical-transactions.ts";
export * from "./offered-load.ts";
export * from "./percentiles.ts";
export * from "./resources.ts";
export * from "./row-audit.ts";
export * from "./run-analysis.ts";
export * from "./run-record.ts";
export * from "./statistics.ts";
export * from "./steady-window.ts";
export * from "./summarize.ts";
export * from "./summary.ts";
export * from "./throughput.ts";
export * from "./time-series.ts";
export * from "./training/agent-record.ts";
export {
  type ConservationEquation,
  conservationEquations,
  type EquationTerm,
  isConserved,
} from "./training/conservation.ts";
export * from "./training/contribution-analysis.ts";
export * from "./training/exactness.ts";
export * from "./training/job-record.ts";
export * from "./training/market-record.ts";
export * from "./training/model-quality.ts";
export * from "./training/phase-times.ts";
export * from "./training/privacy-record.ts";
export * from "./training/privacy-spent.ts";
export * from "./training/round-record.ts";
export {
  evaluationSchema,
  type ModelEvaluation,
  type TransactionRef,
  transactionSchema,
} from "./training/scalars.ts";
export * from "./training/summarize-training.ts";
export * from "./training/survival.ts";
export * from "./training/traffic.ts";
export * from "./training/training-analysis.ts";
export * from "./training/training-record.ts";
export * from "./training/training-summary.ts";
export * from "./training/visibility.ts";
export * from "./transaction-columns.ts";
export * from "./transaction-row.ts";
export * from "./transaction-table.ts";
export { armLabel } from "./validity.ts";
