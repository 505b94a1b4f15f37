import { CodedError, errorCode, errorMessage } from "@sheaf/base";
import { readAgentConfig } from "./agent-config.ts";
import { createLog, type Log } from "./log.ts";
import type { RunningAgent } from "./start-agent.ts";

// The process of one agent: `node agent-main.js CONFIG.json` (`agentConfigSchema`). Standard output has two lines: one when
// the agent follows chain and bus, `{"event":"ready","role","address"}`, and the last, `{"event":"ended"}` or
// `{"event":"failed","code","message"}`. The log goes to standard error, one JSON object a line.

/** 0: ended on request, 1: failed, 2: wrong configuration or files. */
const EXIT = { ended: 0, failed: 1, input: 2 } as const;
/** Errors that the configuration, or the files it names, must be mended for. */
const INPUT: ReadonlySet<string | undefined> = new Set(["INVALID_INPUT", "BROKER_REFUSED", "STATE_CORRUPT"]);
/** An agent that has not stopped by then is ended all the same. */
const STOP_WITHIN_MS = 8_000;

let log: Log = createLog("info");
let agent: RunningAgent | undefined;
let ending = false;

/** Writes the last line and ends the process when it has been read, or cannot be. */
function end(code: number, line: object): void {
  const exit = (): void => process.exit(code);
  process.stdout.write(`${JSON.stringify(line)}\n`, exit);
  setTimeout(exit, 500);
}

function fail(error: unknown): void {
  if (ending) return;
  ending = true;
  const code = errorCode(error) ?? "DEFECT";
  const message = errorMessage(error);
  const advice = error instanceof CodedError ? error.advice : undefined;
  const stack = error instanceof CodedError || !(error instanceof Error) ? undefined : error.stack;
  log("fatal", message, { code, advice, stack });
  end(INPUT.has(code) ? EXIT.input : EXIT.failed, { event: "failed", code, message });
}

function stop(reason: string): void {
  if (ending) return;
  ending = true;
  log("info", "stopping", { reason });
  const ended = (): void => end(EXIT.ended, { event: "ended" });
  setTimeout(ended, STOP_WITHIN_MS).unref();
  Promise.resolve(agent?.stop()).then(ended, ended);
}

/** Ends when the process at the other end of standard input does. */
function watchParent(): void {
  for (const event of ["end", "close", "error"] as const)
    process.stdin.on(event, () => stop("parent has gone"));
  process.stdin.resume();
}

async function main(): Promise<void> {
  const [file, ...rest] = process.argv.slice(2);
  if (file === undefined || rest.length > 0)
    throw new CodedError("usage: agent-main.js CONFIG.json", { code: "INVALID_INPUT", at: "arguments" });
  const config = readAgentConfig(file);
  log = createLog(config.logLevel);
  if (config.exitWithParent) watchParent();
  // Only now: what trains models takes its time to load.
  const { startAgent } = await import("./start-agent.ts");
  const started = await startAgent(config, { log, onFatal: fail });
  agent = started;
  if (ending) return void started.stop();
  const { role, address } = started;
  log("info", "ready", { role, address, name: config.name });
  process.stdout.write(`${JSON.stringify({ event: "ready", role, address })}\n`);
}

process.on("SIGTERM", () => stop("SIGTERM"));
process.on("SIGINT", () => stop("SIGINT"));
process.on("uncaughtException", fail);
process.on("unhandledRejection", fail);
process.stdout.on("error", () => {});
main().catch(fail);
