import { invalidInput } from "@sheaf/base";
import { z } from "zod";

/** A cell as a reader of CSV or Parquet hands it over; `null` is missing. */
export type Cell = number | string | boolean | null;

export interface Column {
  readonly name: string;
  readonly values: readonly Cell[];
}

/** Columns of equal length. Messages count rows of data from 1, without the header. */
export interface Table {
  readonly columns: readonly Column[];
}

const scaled = { name: z.string(), shift: z.number(), scale: z.number().positive() };

export const tableEncodingSchema = z.strictObject({
  label: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("classes"), name: z.string(), classes: z.array(z.string()).min(2) }),
    z.strictObject({ kind: z.literal("number"), ...scaled }),
  ]),
  features: z
    .array(
      z.discriminatedUnion("kind", [
        z.strictObject({ kind: z.literal("number"), ...scaled }),
        z.strictObject({ kind: z.literal("category"), name: z.string(), values: z.array(z.string()).min(2) }),
      ]),
    )
    .min(1),
});

/**
 * How the columns of one study become numbers: fitted once, then used by every owner, so that a feature means
 * the same everywhere. A number is encoded as `(value - shift) / scale`, a category as one feature a value.
 */
export type TableEncoding = Readonly<z.infer<typeof tableEncodingSchema>>;
export type FeatureEncoding = TableEncoding["features"][number];

/** The column `name`; `INVALID_INPUT` when there is none. */
export function requireColumn(table: Table, name: string): Column {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (column !== undefined) return column;
  const names = table.columns.map((candidate) => candidate.name).join(", ");
  throw invalidInput(`column "${name}"`, "is not in the table", `its columns are: ${names}`);
}

/** The number of rows; `INVALID_INPUT` for an empty table, a name used twice or columns of unequal length. */
export function checkTable(table: Table): number {
  const first = table.columns[0];
  if (first === undefined || first.values.length === 0) throw invalidInput("table", "has no rows");
  const names = new Set<string>();
  for (const { name, values } of table.columns) {
    if (names.has(name)) throw invalidInput(`column "${name}"`, "is there twice", "rename one of the two");
    names.add(name);
    if (values.length !== first.values.length) {
      throw invalidInput(
        `column "${name}"`,
        `has ${values.length} rows, column "${first.name}" has ${first.values.length}`,
      );
    }
  }
  return first.values.length;
}

/** `INVALID_INPUT` that names the column and the row; `row` counts from 0 here and from 1 in the message. */
export function badCell(column: Column, row: number, problem: string, advice: string): Error {
  return invalidInput(`column "${column.name}", row ${row + 1}`, problem, advice);
}

/** The cell as a finite number (`true` is 1), else `INVALID_INPUT`. */
export function numberAt(column: Column, row: number): number {
  const value = presentAt(column, row);
  const number = typeof value === "boolean" ? Number(value) : value;
  if (typeof number === "number" && Number.isFinite(number)) return number;
  throw badCell(
    column,
    row,
    `"${value}" is not a finite number`,
    "correct the cell, remove the row, or exclude the column",
  );
}

/** The cell as the name of a category or class, else `INVALID_INPUT`. */
export function nameAt(column: Column, row: number): string {
  return String(presentAt(column, row));
}

function presentAt(column: Column, row: number): Exclude<Cell, null> {
  const value = column.values[row];
  if (value !== null && value !== undefined && value !== "" && !Number.isNaN(value)) return value;
  throw badCell(column, row, "the value is missing", "fill it in, remove the row, or exclude the column");
}
