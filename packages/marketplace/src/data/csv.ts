import { createReadStream } from "node:fs";
import { pipeline, Readable } from "node:stream";
import { errorMessage, invalidInput } from "@sheaf/base";
import { CsvError, parse } from "csv-parse";
import { type CsvColumn, createCsvColumn } from "./csv-column.ts";
import { checkCells, checkNames, DATA_LIMITS, type DataLimits, inspectFile } from "./limits.ts";
import type { FileTable } from "./read-table.ts";

const DELIMITERS = [",", ";", "\t", "|"];
const MAX_LINE_BYTES = 4 * 1024 * 1024;

interface CsvRecord {
  readonly record: string[];
  readonly info: { readonly lines: number };
}

/**
 * Reads a CSV file with a header line, in UTF-8, separated by commas, semicolons, tabs or bars. Every line must have as many
 * cells as the header. Raises `INVALID_INPUT` that names the file, the line and where it can the column.
 */
export async function readCsv(path: string, limits: DataLimits = DATA_LIMITS): Promise<FileTable> {
  const delimiter = delimiterOf((await inspectFile(path, limits)).toString("utf8"));
  let columns: readonly CsvColumn[] = [];
  const lines: number[] = [];
  let begun = false;
  for await (const { record, info } of recordsOf(path, delimiter)) {
    if (!begun) {
      columns = columnsOf(path, record, limits);
      begun = true;
      continue;
    }
    lines.push(info.lines);
    checkCells(path, lines.length, columns.length, limits);
    columns.forEach((column, index) => {
      column.add(record[index] ?? "", info.lines);
    });
  }
  if (lines.length === 0)
    throw invalidInput(path, "has a header at most, and no rows", "add a row for each sample");
  return {
    table: { columns: columns.map((column) => column.finish()) },
    placeOf: (row) => `line ${lines[row]}`,
  };
}

function columnsOf(path: string, header: readonly string[], limits: DataLimits): CsvColumn[] {
  const names = header.map((name) => name.trim());
  if (names.every((name) => name !== "" && Number.isFinite(Number(name)))) {
    throw invalidInput(
      `${path}, line 1`,
      "is no header: all its cells are numbers",
      "put the names of the columns first",
    );
  }
  checkNames(`${path}, line 1`, names, limits);
  return names.map((name) => createCsvColumn(path, name));
}

/** The records with the line that each ends on. */
async function* recordsOf(path: string, delimiter: string): AsyncGenerator<CsvRecord> {
  const parser = parse({
    bom: true,
    info: true,
    delimiter,
    skip_empty_lines: true,
    max_record_size: MAX_LINE_BYTES,
  });
  const texts = Readable.from(textOf(path));
  // What fails in either ends both, and comes out of the loop below.
  pipeline(texts, parser, () => {});
  try {
    for await (const each of parser) yield each as CsvRecord;
  } catch (error) {
    throw error instanceof CsvError ? csvFault(path, error) : error;
  }
}

/** The text of a file in pieces. `INVALID_INPUT` for bytes that are no UTF-8 text. */
async function* textOf(path: string): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let line = 1;
  const checked = (decode: () => string): string => {
    try {
      const text = decode();
      if (!text.includes("\0")) return text;
    } catch {
      // reported below
    }
    throw invalidInput(
      `${path}, after line ${line}`,
      "is no text in UTF-8",
      "is it another kind of file, or damaged?",
    );
  };
  for await (const bytes of createReadStream(path, { highWaterMark: 64 * 1024 })) {
    const text = checked(() => decoder.decode(bytes as Uint8Array, { stream: true }));
    yield text;
    line += text.split("\n").length - 1;
  }
  checked(() => decoder.decode());
}

/** The separator that occurs most in the header, outside of quotes. */
function delimiterOf(start: string): string {
  const header = (start.split(/\r?\n/, 1)[0] ?? "").replace(/"[^"]*"/g, "");
  const counts = DELIMITERS.map((delimiter) => header.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ",";
}

function csvFault(path: string, error: CsvError): Error {
  const line = typeof error["lines"] === "number" ? error["lines"] : undefined;
  const at = line === undefined ? path : `${path}, line ${line}`;
  switch (error.code) {
    case "CSV_RECORD_INCONSISTENT_FIELDS_LENGTH":
      return invalidInput(
        at,
        "has another number of cells than the header",
        "is the file cut off or a cell unquoted?",
      );
    case "CSV_QUOTE_NOT_CLOSED":
      return invalidInput(at, "a quoted cell does not end", "is the file cut off?");
    case "CSV_MAX_RECORD_SIZE":
      return invalidInput(at, `a line is longer than ${MAX_LINE_BYTES} bytes`);
    default:
      return invalidInput(at, errorMessage(error));
  }
}
