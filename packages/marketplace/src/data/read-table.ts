import type { Table } from "@sheaf/federated";
import { readCsv } from "./csv.ts";
import { DATA_LIMITS, type DataLimits, inspectFile } from "./limits.ts";
import { readParquet } from "./parquet.ts";

/** A table and where its rows are in the file. */
export interface FileTable {
  readonly table: Table;
  /** `line 7` or `row 6`, for a row counted from 0. */
  placeOf(row: number): string;
}

/** Reads a Parquet file (known by its first bytes) or else a CSV file. Raises `INVALID_INPUT`. */
export async function readTable(path: string, limits: DataLimits = DATA_LIMITS): Promise<FileTable> {
  const start = await inspectFile(path, limits);
  return start.subarray(0, 4).toString("latin1") === "PAR1"
    ? readParquet(path, limits)
    : readCsv(path, limits);
}
