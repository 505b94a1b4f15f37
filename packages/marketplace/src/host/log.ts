import { writeSync } from "node:fs";

export type LogLevel = "debug" | "info" | "warn" | "error" | "fatal";

/** The log of a process: one JSON object a line on standard error. */
export type Log = (level: LogLevel, msg: string, fields?: Readonly<Record<string, unknown>>) => void;

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error", "fatal"];

/** Written at once, so that the last line of a process is not lost; a reader that has gone does not end it. */
export function createLog(least: LogLevel): Log {
  return (level, msg, fields = {}) => {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(least)) return;
    try {
      writeSync(2, `${JSON.stringify({ level, time: Date.now(), msg, ...fields })}\n`);
    } catch {
      // nobody reads it
    }
  };
}
