export * from "./arm-record.ts";
export * from "./commit-times.ts";
export * from "./events.ts";
export * from "./run-record.ts";
export type { TransactionColumns } from "./transaction-columns.ts";
export * from "./transaction-row.ts";
export * from "./transaction-table.ts";
