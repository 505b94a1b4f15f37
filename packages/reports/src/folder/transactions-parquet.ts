import { DuckDBBlobValue, type DuckDBValue } from "@duckdb/node-api";
import {
  type ArmData,
  createTransactionTable,
  type RunData,
  type RunRecord,
  type SteadyWindow,
  steadyWindow,
  type TransactionRow,
  type TransactionTable,
} from "@sheaf/measure";
import { type ParquetColumn, readParquet, writeParquet } from "./parquet.ts";

/** A row and where it belongs. */
interface OwnedRow {
  readonly armIndex: number;
  readonly arm: string;
  readonly repetition: number;
  readonly chainName: string;
  /** By the scheduled time: before, in or after the steady window; `null` when it never had one. */
  readonly phase: "warmup" | "steady" | "drain" | null;
  readonly row: TransactionRow;
}

const columns: readonly ParquetColumn<OwnedRow>[] = [
  { name: "arm_index", type: "int", value: (r) => r.armIndex },
  { name: "arm", type: "text", value: (r) => r.arm },
  { name: "repetition", type: "int", value: (r) => r.repetition },
  { name: "chain", type: "int", value: (r) => r.row.chain },
  { name: "chain_name", type: "text", value: (r) => r.chainName },
  { name: "sender", type: "int", value: (r) => r.row.sender },
  { name: "nonce", type: "int", value: (r) => r.row.nonce },
  { name: "entry_validator", type: "int", value: (r) => r.row.entryValidator },
  { name: "logical", type: "int", value: (r) => r.row.logical },
  { name: "phase", type: "text", value: (r) => r.phase },
  { name: "status", type: "text", value: (r) => r.row.status },
  { name: "scheduled_ms", type: "double", value: (r) => r.row.scheduledMs },
  { name: "sent_ms", type: "double", value: (r) => r.row.sentMs },
  { name: "accepted_ms", type: "double", value: (r) => r.row.acceptedMs },
  { name: "rejected_ms", type: "double", value: (r) => r.row.rejectedMs },
  { name: "first_ms", type: "double", value: (r) => r.row.firstMs },
  { name: "quorum_ms", type: "double", value: (r) => r.row.quorumMs },
  { name: "all_ms", type: "double", value: (r) => r.row.allMs },
  { name: "block_number", type: "int", value: (r) => r.row.blockNumber },
  { name: "rejection_code", type: "int", value: (r) => r.row.rejection?.code ?? null },
  { name: "rejection_message", type: "text", value: (r) => r.row.rejection?.message ?? null },
  { name: "hash", type: "blob", value: (r) => new DuckDBBlobValue(r.row.hash) },
];

/** Writes every row of every arm, in order. */
export function writeTransactions(file: string, record: RunRecord, data: RunData): Promise<void> {
  return writeParquet(file, columns, ownedRows(record, data));
}

/** Reads the tables back, one for each of `arms` arms. */
export async function readTransactions(file: string, arms: number): Promise<readonly TransactionTable[]> {
  const tables = Array.from({ length: arms }, () => createTransactionTable());
  await readParquet(
    file,
    columns.map(({ name }) => name),
    (chunk, rows) => {
      const column = new Map(columns.map(({ name }, index) => [name, chunk[index] ?? []]));
      const at = (name: string, row: number): DuckDBValue => column.get(name)?.[row] ?? null;
      for (let row = 0; row < rows; row++) {
        const table = tables[at("arm_index", row) as number];
        if (table !== undefined) restoreRow(table, (name) => at(name, row));
      }
    },
  );
  return tables;
}

function* ownedRows(record: RunRecord, data: RunData): Generator<OwnedRow> {
  for (const [armIndex, arm] of record.arms.entries()) {
    const { transactions } = data.arms[armIndex] as ArmData;
    const window = steadyWindow(transactions, arm);
    for (const row of transactions.rows()) {
      yield {
        armIndex,
        arm: arm.name,
        repetition: arm.repetition,
        chainName: arm.chainNames[row.chain] ?? String(row.chain),
        phase: phaseOf(row.scheduledMs, window),
        row,
      };
    }
  }
}

function phaseOf(scheduledMs: number | null, window: SteadyWindow): OwnedRow["phase"] {
  if (scheduledMs === null) return null;
  if (scheduledMs <= window.startMs) return "warmup";
  return scheduledMs <= window.endMs ? "steady" : "drain";
}

function restoreRow(table: TransactionTable, at: (name: string) => DuckDBValue): void {
  const int = (name: string): number => at(name) as number;
  const row = table.add({
    chain: int("chain"),
    sender: int("sender"),
    nonce: int("nonce"),
    entryValidator: int("entry_validator"),
    logical: int("logical"),
    hash: (at("hash") as DuckDBBlobValue).bytes,
  });
  const whenKnown = (name: string, set: (ms: number) => void): void => {
    const ms = at(name);
    if (ms !== null) set(ms as number);
  };
  whenKnown("scheduled_ms", (ms) => table.scheduled(row, ms));
  whenKnown("sent_ms", (ms) => table.sent(row, ms));
  whenKnown("accepted_ms", (ms) => table.accepted(row, ms));
  whenKnown("rejected_ms", (ms) =>
    table.rejected(row, ms, { code: int("rejection_code"), message: String(at("rejection_message")) }),
  );
  whenKnown("first_ms", (ms) =>
    table.included(row, {
      blockNumber: int("block_number"),
      success: at("status") === "committed",
      firstMs: ms,
      quorumMs: at("quorum_ms") as number | null,
      allMs: at("all_ms") as number | null,
    }),
  );
}
