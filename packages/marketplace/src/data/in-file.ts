import { CodedError, invalidInput } from "@sheaf/base";
import type { Table } from "@sheaf/federated";
import type { FileTable } from "./read-table.ts";

/**
 * What `work` makes of a file's table. What it raises for a cell or a column names the file, and where the cell is in
 * it: `column "x", row 5` of the table is, say, line 6 of a CSV file.
 */
export function inFile<Result>(file: string, read: FileTable, work: (table: Table) => Result): Result {
  try {
    return work(read.table);
  } catch (error) {
    throw locate(error, file, read);
  }
}

function locate(error: unknown, file: string, { placeOf }: FileTable): unknown {
  if (!(error instanceof CodedError) || typeof error.detail.at !== "string") return error;
  const { at } = error.detail;
  const problem = error.message.slice(at.length + 2);
  if (at === "table") return invalidInput(file, problem, error.advice);
  const [, column, row] = /^(column ".*?")(?:, row (\d+))?$/s.exec(at) ?? [];
  if (column === undefined) return error;
  const place = row === undefined ? `${file}, ${column}` : `${file}, ${placeOf(Number(row) - 1)}, ${column}`;
  return invalidInput(place, problem, error.advice);
}
