import { CodedError, errorMessage, invalidInput } from "@sheaf/base";
import type { Column } from "@sheaf/federated";
import {
  asyncBufferFromFile,
  type ColumnData,
  parquetMetadataAsync,
  parquetRead,
  parquetSchema,
} from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { checkCells, checkNames, DATA_LIMITS, type DataLimits, inspectFile } from "./limits.ts";
import type { FileTable } from "./read-table.ts";

type Cell = Column["values"][number];

/**
 * Reads a Parquet file of flat columns. Dates become milliseconds since 1970. Raises `INVALID_INPUT` that names the file, and
 * column and row where it can.
 */
export async function readParquet(path: string, limits: DataLimits = DATA_LIMITS): Promise<FileTable> {
  await inspectFile(path, limits);
  try {
    return await readChecked(path, limits);
  } catch (error) {
    if (error instanceof CodedError) throw error;
    throw invalidInput(
      path,
      `is no sound Parquet file: ${error instanceof TypeError ? "parts of it are missing" : errorMessage(error)}`,
      "is it damaged or cut off?",
    );
  }
}

async function readChecked(path: string, limits: DataLimits): Promise<FileTable> {
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file);
  const rows = Number(metadata.num_rows);
  const { children } = parquetSchema(metadata);
  const names = children.map(({ element }) => element.name);
  checkNames(path, names, limits);
  for (const child of children) {
    if (child.children.length > 0 || child.element.repetition_type === "REPEATED")
      throw invalidInput(`${path}, column "${child.element.name}"`, "is nested", "flatten it");
  }
  if (rows === 0 || names.length === 0) throw invalidInput(path, "has no rows");
  checkCells(path, rows, names.length, limits);
  const chunks: ColumnData[] = [];
  await parquetRead({ file, metadata, compressors, onChunk: (chunk) => void chunks.push(chunk) });
  const columns = new Map(names.map((name) => [name, new Array<Cell>(rows)]));
  let filled = 0;
  for (const { columnName, columnData, rowStart } of chunks) {
    const values = columns.get(columnName) ?? [];
    for (let index = 0; index < columnData.length; index++)
      values[rowStart + index] = cellOf(columnData[index], path, columnName, rowStart + index);
    filled += columnData.length;
  }
  if (filled !== rows * names.length)
    throw invalidInput(path, "has fewer values than its footer tells", "is it damaged?");
  return {
    table: { columns: [...columns].map(([name, values]) => ({ name, values })) },
    placeOf: (row) => `row ${row + 1}`,
  };
}

function cellOf(value: unknown, path: string, column: string, row: number): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === "number" || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Date) return value.getTime();
  throw invalidInput(
    `${path}, row ${row + 1}, column "${column}"`,
    "is neither number, text, boolean nor date",
  );
}
