import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const MAIN = join(import.meta.dirname, "../../../dist/host/agent-main.js");

/** An agent's process, as a launcher sees it. */
export interface AgentProcess {
  readonly child: ChildProcess;
  /** Lines of standard output, parsed. */
  readonly lines: Record<string, unknown>[];
  readonly errors: () => string;
  /** Settles with the first line. */
  readonly ready: Promise<Record<string, unknown>>;
  /** Settles with the exit code. */
  readonly ended: Promise<number | null>;
}

export function runAgent(configFile: string): AgentProcess {
  const child = spawn(process.execPath, [MAIN, configFile], { stdio: ["pipe", "pipe", "pipe"] });
  const lines: Record<string, unknown>[] = [];
  let output = "";
  let errors = "";
  const ended = once(child, "close").then(([code]) => code as number | null);
  const ready = new Promise<Record<string, unknown>>((resolve, reject) => {
    child.stdout.on("data", (bytes: Buffer) => {
      output += bytes.toString();
      for (let end = output.indexOf("\n"); end !== -1; end = output.indexOf("\n")) {
        const line = JSON.parse(output.slice(0, end)) as Record<string, unknown>;
        output = output.slice(end + 1);
        lines.push(line);
        resolve(line);
      }
    });
    void ended.then((code) => reject(new TypeError(`ended with ${code} before it was ready: ${errors}`)));
  });
  ready.catch(() => {});
  child.stderr.on("data", (bytes: Buffer) => {
    errors += bytes.toString();
  });
  return { child, lines, errors: () => errors, ready, ended };
}

/** The events that an agent left. */
export function eventsOf(stateDir: string): Record<string, unknown>[] {
  const text = readFileSync(join(stateDir, "events.jsonl"), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
