import {
  BLOB,
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBType,
  type DuckDBValue,
  INTEGER,
  LIST,
  VARCHAR,
} from "@duckdb/node-api";
import { CodedError, errorMessage } from "@sheaf/base";
import { type ReportErrorDetail, writeAtomically } from "./write-file.ts";

/** The column types in use, by the name that a table's description gives. */
const columnTypes = {
  int: INTEGER,
  double: DOUBLE,
  text: VARCHAR,
  blob: BLOB,
  doubles: LIST(DOUBLE),
} satisfies Record<string, DuckDBType>;

/** One column: its name, its type, and the value of a row. */
export interface ParquetColumn<Row> {
  readonly name: string;
  readonly type: keyof typeof columnTypes;
  readonly value: (row: Row) => DuckDBValue;
}

/** Rows that one chunk holds: DuckDB's vector size. */
const chunkRows = 2048;

/**
 * Writes `rows` into a Parquet file (Zstandard), 2,048 at a time.
 *
 * @throws CodedError `REPORT_WRITE_FAILED`
 */
export function writeParquet<Row>(
  file: string,
  columns: readonly ParquetColumn<Row>[],
  rows: Iterable<Row>,
): Promise<void> {
  return writeAtomically(file, (temporary) =>
    withDuckDb(async (connection) => {
      const fields = columns.map(({ name, type }) => `"${name}" ${columnTypes[type].toString()}`);
      await connection.run(`CREATE TABLE data (${fields.join(", ")})`);
      const appender = await connection.createAppender("data");
      const types = columns.map(({ type }) => columnTypes[type]);
      for (const batch of batches(rows)) {
        const chunk = DuckDBDataChunk.create(types, batch.length);
        for (const [index, column] of columns.entries())
          chunk.setColumnValues(index, batch.map(column.value));
        appender.appendDataChunk(chunk);
      }
      appender.closeSync();
      await connection.run(`COPY data TO ${quoted(temporary)} (FORMAT parquet, COMPRESSION zstd)`);
    }),
  );
}

/**
 * Reads a Parquet file chunk by chunk: `visit` gets each chunk's columns in the order of `names`.
 *
 * @throws CodedError `RUN_UNREADABLE`
 */
export async function readParquet(
  file: string,
  names: readonly string[],
  visit: (columns: readonly DuckDBValue[][], rows: number) => void,
): Promise<void> {
  try {
    await withDuckDb(async (connection) => {
      const fields = names.map((name) => `"${name}"`).join(", ");
      const result = await connection.stream(`SELECT ${fields} FROM read_parquet(${quoted(file)})`);
      for (;;) {
        const chunk = await result.fetchChunk();
        if (chunk === null || chunk.rowCount === 0) return;
        visit(chunk.getColumns(), chunk.rowCount);
      }
    });
  } catch (error) {
    if (error instanceof CodedError) throw error;
    const detail: ReportErrorDetail = { code: "RUN_UNREADABLE", file };
    throw new CodedError(`${file}: ${errorMessage(error).split("\n")[0]}`, detail, {
      advice: "The folder is not a complete run: make the run again.",
      cause: error,
    });
  }
}

/** Runs a query over a Parquet file and writes its rows as CSV with a header. */
export function copyParquetToCsv(source: string, target: string, select: string): Promise<void> {
  return writeAtomically(target, (temporary) =>
    withDuckDb(async (connection) => {
      await connection.run(
        `COPY (SELECT ${select} FROM read_parquet(${quoted(source)})) TO ${quoted(temporary)} (FORMAT csv, HEADER)`,
      );
    }),
  );
}

/** An in-memory database with a bounded share of memory, closed afterwards. */
async function withDuckDb<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const instance = await DuckDBInstance.create(":memory:", { memory_limit: "256MB", threads: "1" });
  const connection = await instance.connect();
  try {
    return await work(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", "''")}'`;
}

function* batches<Row>(rows: Iterable<Row>): Generator<Row[]> {
  let batch: Row[] = [];
  for (const row of rows) {
    batch.push(row);
    if (batch.length < chunkRows) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
