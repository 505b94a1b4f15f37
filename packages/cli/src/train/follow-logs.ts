import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { Millis } from "@sheaf/base";
import { type AgentPlace, agentFiles } from "./agents.ts";
import type { LogLine } from "./record/agent-log.ts";

const EVERY_MS: Millis = 25;
const MOST_BYTES = 1 << 20;

/** Hears what agents record while they run, some hundredths of a second later. */
export interface LogFollower {
  onLine(listener: (agent: AgentPlace, line: LogLine) => void): void;
  close(): void;
}

/** Follows the event logs of all agents, from their beginning. */
export function followLogs(agents: readonly AgentPlace[]): LogFollower {
  const listeners = new Set<(agent: AgentPlace, line: LogLine) => void>();
  const tails = agents.map((agent) => ({ agent, offset: 0, rest: "" }));

  function poll(): void {
    for (const tail of tails) {
      const text = readFrom(agentFiles.events(tail.agent.dir), tail.offset);
      if (text === undefined) continue;
      tail.offset += text.length;
      const lines = (tail.rest + text.toString("latin1")).split("\n");
      tail.rest = lines.pop() ?? "";
      for (const line of lines) {
        if (line === "") continue;
        for (const listener of listeners) listener(tail.agent, JSON.parse(line) as LogLine);
      }
    }
  }

  const timer = setInterval(poll, EVERY_MS);
  return {
    onLine: (listener) => void listeners.add(listener),
    close: () => clearInterval(timer),
  };
}

/** What was appended since `offset`; `undefined` when nothing was, or the file is not there yet. */
function readFrom(file: string, offset: number): Buffer | undefined {
  let handle: number | undefined;
  try {
    handle = openSync(file, "r");
    const length = Math.min(MOST_BYTES, fstatSync(handle).size - offset);
    if (length <= 0) return undefined;
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(handle, bytes, 0, length, offset));
  } catch {
    return undefined;
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}
