import { writeSync } from "node:fs";
import { errorCode, errorMessage } from "@sheaf/base";
import { NODE_EXIT, type NodeReady } from "@sheaf/protocol";
import { destination, type Logger, pino } from "pino";
import { type NodeFiles, readNodeFiles } from "./node-files.ts";
import { startValidator, type Validator } from "./validator.ts";

// The process of one validator: `node main.js CONFIG.json`. Standard output has one line, `NodeReady`;
// the log goes to standard error, one JSON object a line. Exit codes: `NODE_EXIT`.

/** A validator that has not stopped by then is ended all the same. */
const STOP_WITHIN_MS = 5_000;

let log: Logger = openLog("info");
let validator: Validator | undefined;
let ending = false;

/** Written at once, so that the last line of a process is not lost; a reader that has gone does not end it. */
function openLog(level: string): Logger {
  const stream = destination({ fd: 2, sync: true });
  stream.on("error", () => {});
  return pino({ level, base: null }, stream);
}

/** What an error of a validator means for whoever started the process. */
function exitCodeOf(error: unknown): number {
  switch (errorCode(error)) {
    case "INVALID_INPUT":
    case "WRONG_CHAIN":
    case "STORE_SCHEMA":
    case "STORE_CORRUPT":
      return NODE_EXIT.input;
    case "DIVERGED":
      return NODE_EXIT.diverged;
    case "STORAGE_FAILED":
      return NODE_EXIT.storage;
    default:
      return NODE_EXIT.defect;
  }
}

function endLine(): void {
  try {
    writeSync(2, "\n");
  } catch {
    // nobody reads it
  }
}

function fail(error: unknown): void {
  const code = exitCodeOf(error);
  const advice = error instanceof Error && "advice" in error ? error.advice : undefined;
  const stack = code === NODE_EXIT.defect && error instanceof Error ? error.stack : undefined;
  // LMDB writes of a full disk to standard error by itself, and does not end the line.
  if (code === NODE_EXIT.storage) endLine();
  log.fatal({ code: errorCode(error), advice, stack }, errorMessage(error));
  process.exit(code);
}

function stop(reason: string): void {
  if (ending) return;
  ending = true;
  log.info({ reason }, "stopping");
  setTimeout(() => process.exit(NODE_EXIT.ok), STOP_WITHIN_MS).unref();
  Promise.resolve(validator?.stop()).then(() => process.exit(NODE_EXIT.ok), fail);
}

/** Ends when the process at the other end of standard input does, unless that has written anything before: "stay". */
function watchParent(): void {
  const { stdin } = process;
  for (const event of ["end", "close", "error"] as const) stdin.on(event, () => stop("parent has gone"));
  stdin.once("data", () => {
    for (const event of ["end", "close"] as const) stdin.removeAllListeners(event);
    stdin.removeAllListeners("error").on("error", () => {});
    stdin.destroy();
  });
}

function readFiles(): NodeFiles {
  const [configFile] = process.argv.slice(2);
  if (configFile !== undefined) return readNodeFiles(configFile);
  log.fatal("usage: main.js CONFIG.json");
  process.exit(NODE_EXIT.input);
}

async function main(): Promise<void> {
  const files = readFiles();
  const { config } = files;
  log = openLog(config.logLevel);
  if (config.exitWithParent) watchParent();
  const started = await startValidator(files, { log, onFatal: fail });
  validator = started;
  const { rpcPort, p2pPort } = started;
  const ready: NodeReady = { event: "ready", rpcPort, p2pPort, pid: process.pid };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
}

process.on("SIGTERM", () => stop("SIGTERM"));
process.on("SIGINT", () => stop("SIGINT"));
process.on("uncaughtException", fail);
process.on("unhandledRejection", fail);
process.stdout.on("error", () => {});
main().catch(fail);
