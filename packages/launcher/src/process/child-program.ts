import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import type { Writable } from "node:stream";
import { type Clock, type CodedError, type Millis, sleep, withDeadline } from "@sheaf/base";
import { abortedError } from "../errors.ts";
import { identifyProcess, type ProcessIdentity } from "./process-identity.ts";

/** How a process ended. */
export interface ProgramExit {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The files of one process. */
export interface ProgramFiles {
  /** Its configuration, the one word on its command line. */
  readonly config: string;
  /** Its standard output: the first line is JSON with `"event":"ready"` once it does its work. */
  readonly stdout: string;
  /** Its standard error, appended. */
  readonly log: string;
  /** Its identity, so that it can be found and ended whatever happens. */
  readonly process: string;
}

export interface ProgramOptions {
  /** What the process is, for messages: "validator 2 of chain". */
  readonly title: string;
  /** Path of the program, started as `node <program> <config>`. */
  readonly program: string;
  readonly files: ProgramFiles;
  readonly clock: Clock;
  /** The error for a process that ended though it should run. */
  readonly failed: (exit: ProgramExit) => CodedError;
}

/** One started process. */
export interface ChildProgram {
  readonly identity: ProcessIdentity;
  /** Resolves when the process ends. */
  readonly exited: Promise<ProgramExit>;
  /** Resolves when it is ready. Raises what `failed` gives when it ends before, `DEADLINE`, `ABORTED`. */
  ready(limitMs: Millis, signal?: AbortSignal): Promise<void>;
  /** Lets it go: it outlives this process from now on. */
  detach(): Promise<void>;
}

const READY_POLL_MS = 20;
/** Whatever a process reads on its standard input tells it to stay when that closes. */
const STAY = "stay\n";

/**
 * Starts a program in a process group of its own, so that an interrupt from the terminal reaches only
 * this process. This process holds the other end of its standard input, and the program ends when that
 * closes, unless it was told before to stay (`detach`). Its log goes to a file and its identity is on
 * disk before this returns: whatever happens, it can be found and ended.
 */
export function spawnProgram({ title, program, files, clock, failed }: ProgramOptions): ChildProgram {
  const stdout = openSync(files.stdout, "w");
  const log = openSync(files.log, "a");
  const { NODE_OPTIONS: _options, ...environment } = process.env;
  const child = spawn(process.execPath, [program, files.config], {
    detached: true,
    stdio: ["pipe", stdout, log],
    env: { ...environment, NODE_ENV: "production" },
  });
  closeSync(stdout);
  closeSync(log);
  const exited = new Promise<ProgramExit>((resolve) => {
    child.once("exit", (exitCode, signal) => resolve({ exitCode, signal }));
    child.once("error", () => resolve({ exitCode: null, signal: null }));
  });
  const stdin = child.stdin as Writable;
  stdin.on("error", () => {});
  const identity = child.pid === undefined ? undefined : identifyProcess(child.pid);
  if (identity === undefined) throw failed({ exitCode: null, signal: null });
  writeFileSync(files.process, `${JSON.stringify(identity)}\n`);

  async function awaitReadyLine(signal: AbortSignal | undefined): Promise<void> {
    let exit: ProgramExit | undefined;
    void exited.then((outcome) => {
      exit = outcome;
    });
    while (!hasReadyLine(files.stdout)) {
      if (exit !== undefined) throw failed(exit);
      if (signal?.aborted === true) throw abortedError();
      await sleep(READY_POLL_MS, clock);
    }
  }

  return {
    identity,
    exited,
    ready: (limitMs, signal) => withDeadline(`start of ${title}`, limitMs, awaitReadyLine(signal), clock),
    async detach() {
      await new Promise<void>((resolve) => stdin.end(STAY, resolve));
      child.unref();
    },
  };
}

function hasReadyLine(file: string): boolean {
  const [line, rest] = readFileSync(file, "utf8").split("\n", 2);
  if (line === undefined || rest === undefined) return false;
  try {
    return (JSON.parse(line) as { readonly event?: unknown }).event === "ready";
  } catch {
    return false;
  }
}
