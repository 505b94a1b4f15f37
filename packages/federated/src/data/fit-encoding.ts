import { invalidInput } from "@sheaf/base";
import {
  type Column,
  checkTable,
  type FeatureEncoding,
  nameAt,
  numberAt,
  requireColumn,
  type Table,
  type TableEncoding,
} from "./table.ts";

export interface EncodingOptions {
  /** The column to learn. */
  readonly label: string;
  /** Without it: text, booleans and up to 20 different whole numbers are classes, other numbers a target. */
  readonly task?: "classification" | "regression";
  /** Columns that are not features: identifiers, the column that tells the owner. */
  readonly exclude?: readonly string[];
  /** Of numbers: to mean 0 and deviation 1 (the default), to 0..1, or as they are. */
  readonly scale?: "standard" | "minmax" | "none";
  /** Names of all classes, or their number when labels are 0 to `classes - 1`. Without it: those in the table. */
  readonly classes?: number | readonly string[];
}

/** More different whole numbers than this are a target, not classes. */
const MAX_GUESSED_CLASSES = 20;
/** More different texts than this in one column are names or notes, not categories. */
const MAX_CATEGORIES = 100;

/** Learns from `table` how its columns become numbers. `INVALID_INPUT` names the column, and the row if any. */
export function fitEncoding(table: Table, options: EncodingOptions): TableEncoding {
  checkTable(table);
  const scale = options.scale ?? "standard";
  const excluded = new Set(options.exclude);
  for (const name of excluded) requireColumn(table, name);
  const label = fitLabel(requireColumn(table, options.label), options, scale);
  const features = table.columns
    .filter(({ name }) => name !== options.label && !excluded.has(name))
    .map((column) => fitFeature(column, scale));
  if (features.length === 0)
    throw invalidInput("table", "no column is left as a feature", "keep one beside the label");
  return { label, features };
}

type Scale = NonNullable<EncodingOptions["scale"]>;

function fitLabel(column: Column, options: EncodingOptions, scale: Scale): TableEncoding["label"] {
  if ((options.task ?? guessTask(column, options)) === "regression") return fitNumber(column, scale);
  const classes = classNames(column, options.classes);
  if (classes.length >= 2) return { kind: "classes", name: column.name, classes };
  throw invalidInput(
    `column "${column.name}"`,
    `has one class only ("${classes[0]}")`,
    "add rows of another class, or learn another column",
  );
}

function guessTask(column: Column, options: EncodingOptions): "classification" | "regression" {
  if (options.classes !== undefined) return "classification";
  const values = new Set(column.values);
  const whole = [...values].every((value) => typeof value !== "number" || Number.isInteger(value));
  const text = [...values].some((value) => typeof value === "string" || typeof value === "boolean");
  return text || (whole && values.size <= MAX_GUESSED_CLASSES) ? "classification" : "regression";
}

function classNames(column: Column, classes: EncodingOptions["classes"]): string[] {
  if (typeof classes === "number") return Array.from({ length: classes }, (_, index) => String(index));
  return classes === undefined ? distinct(column) : [...classes];
}

function fitFeature(column: Column, scale: Scale): FeatureEncoding {
  if (!column.values.every((value) => typeof value === "string")) return fitNumber(column, scale);
  const values = distinct(column);
  if (values.length > MAX_CATEGORIES) {
    throw invalidInput(
      `column "${column.name}"`,
      `has ${values.length} different texts, at most ${MAX_CATEGORIES} are categories`,
      "exclude the column",
    );
  }
  if (values.length < 2) throw constant(column);
  return { kind: "category", name: column.name, values };
}

function fitNumber(column: Column, scale: Scale): FeatureEncoding & { kind: "number" } {
  const values = column.values.map((_, row) => numberAt(column, row));
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  const spread = high - low;
  if (spread === 0) throw constant(column);
  if (spread === Infinity)
    throw invalidInput(`column "${column.name}"`, "its range is beyond a 64-bit float");
  const fitted = { kind: "number", name: column.name } as const;
  if (scale === "none") return { ...fitted, shift: 0, scale: 1 };
  if (scale === "minmax") return { ...fitted, shift: low, scale: spread };
  // Within 0..1 first: squares of very large or very small numbers are beyond a float.
  const within = values.map((value) => (value - low) / spread);
  const mean = within.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = within.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const deviation = Math.max(spread * Math.sqrt(variance), Number.MIN_VALUE);
  return { ...fitted, shift: low + spread * mean, scale: deviation };
}

function constant(column: Column): Error {
  const problem = `is ${JSON.stringify(column.values[0])} in every row, so nothing can be learnt from it`;
  return invalidInput(`column "${column.name}"`, problem, "exclude the column");
}

/** The different names of a column: numbers by size, texts by code point. */
function distinct(column: Column): string[] {
  const names = [...new Set(column.values.map((_, row) => nameAt(column, row)))];
  const numeric = column.values.every((value) => typeof value === "number");
  return numeric ? names.sort((a, b) => Number(a) - Number(b)) : names.sort();
}
