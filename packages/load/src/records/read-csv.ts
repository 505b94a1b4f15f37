import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { CodedError, errorCode, errorMessage, invalidInput, utf8 } from "@sheaf/base";
import { keccak256 } from "@sheaf/protocol";
import { CsvError, type Info, parse } from "csv-parse";
import { type ColumnNames, type ColumnPositions, findColumns } from "./reading-columns.ts";
import { createReadingsBuilder, type Readings } from "./readings.ts";
import { parseTimestamp } from "./timestamp.ts";

const maxRowBytes = 1024 * 1024;
const onlyKind = "reading";

interface CsvRow {
  readonly info: Info;
  readonly record: readonly string[];
}

/**
 * The first `limit` rows of a CSV file (comma, semicolon or tab, told by its header) as readings.
 * The file is read as a stream: what follows those rows is not looked at.
 *
 * @throws CodedError `INVALID_INPUT` at the file, or at `file:line` when a row does not fit.
 */
export async function readReadings(file: string, limit: number, names: ColumnNames = {}): Promise<Readings> {
  const builder = createReadingsBuilder();
  let columns: ColumnPositions | undefined;
  try {
    const delimiter = await findDelimiter(file);
    for await (const { info, record } of rows(file, delimiter)) {
      if (columns === undefined) {
        columns = findColumns(file, record, names);
        continue;
      }
      addRow(builder, columns, `${file}:${info.lines}`, record);
      if (builder.length === limit) break;
    }
  } catch (error) {
    throw toInputError(file, error);
  }
  if (builder.length === 0)
    throw invalidInput(file, "it has no rows", "Give a CSV file with a header and rows.");
  return builder.build();
}

/** The separator that the first line has most of. */
async function findDelimiter(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(64 * 1024), 0, 64 * 1024, 0);
    const start = buffer.subarray(0, bytesRead);
    if (start.includes(0)) throw invalidInput(file, "it is not a text file", "Give a CSV file in UTF-8.");
    const header = start.toString("utf8").split(/\r?\n/, 1)[0] ?? "";
    const count = (delimiter: string): number => header.split(delimiter).length;
    return [",", ";", "\t"].reduce((best, next) => (count(next) > count(best) ? next : best));
  } finally {
    await handle.close();
  }
}

async function* rows(file: string, delimiter: string): AsyncGenerator<CsvRow> {
  const source = createReadStream(file);
  const parser = parse({
    delimiter,
    bom: true,
    info: true,
    trim: true,
    skip_empty_lines: true,
    max_record_size: maxRowBytes,
  });
  source.on("error", (error) => parser.destroy(error));
  source.pipe(parser);
  try {
    for await (const row of parser) yield row as CsvRow;
  } finally {
    source.destroy();
  }
}

function addRow(
  builder: ReturnType<typeof createReadingsBuilder>,
  columns: ColumnPositions,
  at: string,
  record: readonly string[],
): void {
  const device = record[columns.device] ?? "";
  if (device === "") throw invalidInput(at, "the device is empty", "Mend or remove the row.");
  const time = record[columns.timestamp] ?? "";
  const timestampMs = parseTimestamp(time);
  if (timestampMs === undefined) {
    throw invalidInput(
      at,
      `"${time}" is not a time`,
      "Write times as 2024-01-31T12:00:00Z or as seconds or milliseconds since 1970.",
    );
  }
  const kind = columns.kind === undefined ? onlyKind : (record[columns.kind] ?? "");
  const value = columns.value === undefined ? otherCells(record, columns) : (record[columns.value] ?? "");
  builder.add(device, kind, timestampMs, keccak256(utf8(value)));
}

function otherCells(record: readonly string[], { device, kind, timestamp }: ColumnPositions): string {
  return record.filter((_, at) => at !== device && at !== kind && at !== timestamp).join(",");
}

function toInputError(file: string, error: unknown): unknown {
  if (error instanceof CodedError) return error;
  if (error instanceof CsvError) {
    const line = typeof error["lines"] === "number" ? `${file}:${error["lines"]}` : file;
    return invalidInput(line, error.message, "Mend the row: quotes closed, as many cells as the header.");
  }
  const code = errorCode(error);
  if (code === "ENOENT") return invalidInput(file, "there is no such file");
  if (code === "EISDIR") return invalidInput(file, "it is a folder", "Give a CSV file.");
  if (code === "EACCES") return invalidInput(file, "it cannot be read", "Check its permissions.");
  return invalidInput(file, errorMessage(error));
}
