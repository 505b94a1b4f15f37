import { open } from "node:fs/promises";
import { errorCode, errorMessage, invalidInput } from "@sheaf/base";

/** Bounds of a data file: what is larger does not fit the memory of an agent. */
export interface DataLimits {
  readonly fileBytes: number;
  readonly columns: number;
  /** Rows times columns. */
  readonly cells: number;
}

export const DATA_LIMITS: DataLimits = {
  fileBytes: 1024 ** 3,
  columns: 20_000,
  cells: 50_000_000,
};

const START_BYTES = 4096;

/** The first bytes of a file. `INVALID_INPUT` when it cannot be read, is empty or too large. */
export async function inspectFile(path: string, limits: DataLimits): Promise<Buffer> {
  const file = await open(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw invalidInput(path, "is not a file", "name a CSV or Parquet file");
    if (stat.size === 0) throw invalidInput(path, "is empty", "name a file with a header and rows");
    if (stat.size > limits.fileBytes) {
      throw invalidInput(path, `has ${stat.size} bytes, above the limit of ${limits.fileBytes}`, "split it");
    }
    const start = Buffer.alloc(Math.min(START_BYTES, stat.size));
    await file.read(start, 0, start.length, 0);
    return start;
  } finally {
    await file.close();
  }
}

function unreadable(path: string, error: unknown): Error {
  switch (errorCode(error)) {
    case "ENOENT":
      return invalidInput(path, "there is no such file", "check the path");
    case "EACCES":
      return invalidInput(path, "may not be read", "give yourself the right to, or name another file");
    default:
      return invalidInput(path, `cannot be read (${errorMessage(error)})`, "check the path");
  }
}

/** Checks the names of the columns. `INVALID_INPUT` for none, an unnamed one, one that is there twice, or too many. */
export function checkNames(at: string, names: readonly string[], limits: DataLimits): void {
  if (names.length > limits.columns)
    throw invalidInput(at, `has ${names.length} columns, above the limit of ${limits.columns}`);
  const seen = new Set<string>();
  names.forEach((name, index) => {
    if (name === "") throw invalidInput(at, `column ${index + 1} has no name`);
    if (seen.has(name)) throw invalidInput(at, `column "${name}" is there twice`, "rename one of the two");
    seen.add(name);
  });
}

/** `INVALID_INPUT` when the table is larger than the limit. */
export function checkCells(at: string, rows: number, columns: number, limits: DataLimits): void {
  if (rows * columns <= limits.cells) return;
  throw invalidInput(at, `has more than ${limits.cells} cells`, "split the file, or leave columns out");
}
