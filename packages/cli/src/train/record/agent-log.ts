import { readFile } from "node:fs/promises";
import type { Millis } from "@sheaf/base";
import type { AgentEvent } from "@sheaf/marketplace";

/** An event as it stands in a log: amounts and job numbers are decimal strings. */
type Logged<T> = T extends bigint ? string : T extends object ? { readonly [K in keyof T]: Logged<T[K]> } : T;

/** What the agent's host adds of its own. */
type HostEvent =
  | {
      readonly kind: "sent" | "received";
      readonly job: string;
      readonly message: string;
      readonly round?: number;
      readonly attempt?: number;
      readonly bytes: number;
    }
  | { readonly kind: "compute"; readonly work: string; readonly ms: Millis }
  | { readonly kind: "host-end"; readonly busBytes: { readonly sent: number; readonly received: number } };

/** One line of an agent's `events.jsonl`; `at` is wall-clock milliseconds. */
export type LogLine = { readonly at: Millis } & (Logged<AgentEvent> | HostEvent);

/** Lines of one kind. */
export type LineOf<K extends LogLine["kind"]> = Extract<LogLine, { readonly kind: K }>;

/** An agent's log; a last line that a kill cut short is left out, a missing file is empty. */
export async function readAgentLog(file: string): Promise<readonly LogLine[]> {
  const text = await readFile(file, "utf8").catch(() => "");
  return text.split("\n").flatMap((line) => {
    try {
      return line === "" ? [] : [JSON.parse(line) as LogLine];
    } catch {
      return [];
    }
  });
}

/** The lines of `kind`, in order. */
export function linesOf<K extends LogLine["kind"]>(lines: readonly LogLine[], kind: K): readonly LineOf<K>[] {
  return lines.filter((line): line is LineOf<K> => line.kind === kind);
}
