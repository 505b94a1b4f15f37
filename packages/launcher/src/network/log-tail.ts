import { closeSync, fstatSync, openSync, readSync } from "node:fs";

const TAIL_BYTES = 16 * 1024;
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

/** What the log says went wrong: its last line of level error or above, else a line of an uncaught exception, else the last line. */
export function lastProblem(tail: readonly string[]): string {
  const parsed = tail.map(parseLine);
  const logged = parsed.findLast((line) => line !== undefined && line.level >= ERROR_LEVEL);
  if (logged !== undefined) return logged.text;
  const thrown = tail.findLast((line) => /^(\w*Error|\w+ \[\w+\]): /.test(line));
  return thrown ?? parsed.at(-1)?.text ?? tail.at(-1) ?? "its log is empty";
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
