import { closeSync, fstatSync, openSync, readSync } from "node:fs";

const TAIL_BYTES = 16 * 1024;
const WARN_LEVEL = 40;
const ERROR_LEVEL = 50;

/** The last lines of a log, as they stand there; none when the log cannot be read. */
export function readLogTail(file: string, lines = 20): readonly string[] {
  let handle: number | undefined;
  try {
    handle = openSync(file, "r");
    const { size } = fstatSync(handle);
    const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
    readSync(handle, tail, 0, tail.length, size - tail.length);
    return tail
      .toString("utf8")
      .split("\n")
      .filter((line) => line.trim() !== "")
      .slice(-lines);
  } catch {
    return [];
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

/**
 * What the log says went wrong: its last line of level error or above, else a line of an uncaught
 * exception, else its last warning, else the last line that is none of the log's own; `undefined`
 * when all is ordinary.
 */
export function lastProblem(tail: readonly string[]): string | undefined {
  const parsed = tail.map(parseLine);
  const last = (least: number): string | undefined =>
    parsed.findLast((line) => line !== undefined && line.level >= least)?.text;
  const thrown = tail.findLast((line) => /^(FATAL ERROR|\w*Error|\w+ \[\w+\]): /.test(line));
  const foreign = tail.findLast((_, at) => parsed[at] === undefined);
  return last(ERROR_LEVEL) ?? thrown ?? last(WARN_LEVEL) ?? foreign;
}

interface LogLine {
  readonly level: number;
  readonly text: string;
}

function parseLine(line: string): LogLine | undefined {
  try {
    const { level, msg, err } = JSON.parse(line) as {
      level?: unknown;
      msg?: unknown;
      err?: { message?: unknown };
    };
    if (typeof level !== "number") return undefined;
    const parts = [msg, err?.message].filter((part) => typeof part === "string" && part !== "");
    return { level, text: [...new Set(parts)].join(": ") };
  } catch {
    return undefined;
  }
}
