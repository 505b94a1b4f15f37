export type { Accounts } from "./accounts.ts";
export * from "./check-load.ts";
export * from "./load-options.ts";
export type { ColumnNames } from "./records/reading-columns.ts";
export { runLoad } from "./run/run-load.ts";
export type { SendCounts } from "./sending/chain-sender.ts";
export type { SigningErrorDetail } from "./signing/sign-all.ts";
export * from "./workloads/create-workload.ts";
export type { Route, Workload } from "./workloads/workload.ts";
