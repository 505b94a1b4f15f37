import { readFile } from "node:fs/promises";
import { errorMessage, invalidInput } from "@sheaf/base";
import {
  type Dataset,
  decodeDataset,
  type EncodingOptions,
  encodeTable,
  isEncodedDataset,
  type TableEncoding,
  tableEncodingSchema,
  tableToDataset,
} from "@sheaf/federated";
import { inFile } from "./in-file.ts";
import { DATA_LIMITS, type DataLimits, inspectFile } from "./limits.ts";
import { readTable } from "./read-table.ts";

/** A data file, and how a table in it becomes samples. */
export type DataSource = { readonly [Name in keyof EncodingOptions]?: EncodingOptions[Name] | undefined } & {
  readonly file: string;
  /** JSON of the encoding that another file of the study was given: takes the place of the other options. */
  readonly encodingFile?: string | undefined;
};

/** The samples of a file; `encoding` says how a table was encoded. */
export interface LoadedDataset {
  readonly dataset: Dataset;
  readonly encoding: TableEncoding | undefined;
}

/** Loads CSV, Parquet or an encoded dataset. Raises `INVALID_INPUT` that names the file, and line and column where it can. */
export async function loadDataset(
  source: DataSource,
  limits: DataLimits = DATA_LIMITS,
): Promise<LoadedDataset> {
  const start = await inspectFile(source.file, limits);
  if (isEncodedDataset(start)) {
    return { dataset: decodeDataset(await readFile(source.file), source.file), encoding: undefined };
  }
  const read = await readTable(source.file, limits);
  const encoding = source.encodingFile === undefined ? undefined : await readEncoding(source.encodingFile);
  return inFile(source.file, read, (table) =>
    encoding === undefined
      ? tableToDataset(table, optionsOf(source))
      : { dataset: encodeTable(table, encoding), encoding },
  );
}

function optionsOf({ file, encodingFile: _, label, ...options }: DataSource): EncodingOptions {
  if (label === undefined)
    throw invalidInput(file, "needs the name of the column to learn", "set data.label");
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(given), label };
}

async function readEncoding(path: string): Promise<TableEncoding> {
  try {
    return tableEncodingSchema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    throw invalidInput(path, `is no encoding of a table: ${errorMessage(error).slice(0, 200)}`);
  }
}
