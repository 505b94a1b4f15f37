import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import type { Writable } from "node:stream";
import { type Clock, CodedError, type Millis, sleep, withDeadline } from "@sheaf/base";
import type { NodeReady } from "@sheaf/protocol";
import { abortedError, type LauncherErrorDetail } from "../errors.ts";
import { identifyProcess, type ProcessIdentity } from "../process-identity.ts";
import { layout } from "./layout.ts";
import { lastProblem, readLogTail } from "./log-tail.ts";
import type { PreparedValidator } from "./prepare-chain.ts";

/** How a validator process ended. */
export interface ValidatorExit {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One started validator process. */
export interface ValidatorProcess {
  readonly validator: PreparedValidator;
  readonly identity: ProcessIdentity;
  /** Resolves when the process ends. */
  readonly exited: Promise<ValidatorExit>;
  /** Resolves when it listens. Raises `VALIDATOR_FAILED` when it ends before, `DEADLINE`, `ABORTED`. */
  listening(limitMs: Millis, signal?: AbortSignal): Promise<void>;
  /** Lets the validator go: it outlives this process from now on. */
  detach(): Promise<void>;
}

export interface SpawnOptions {
  /** The validator program, started as `node <program> <config.json>`. */
  readonly program: string;
  readonly clock: Clock;
}

const READY_POLL_MS = 20;
/** Whatever a validator reads on its standard input tells it to stay when that closes. */
const STAY = "stay\n";

/**
 * Starts a validator in a process group of its own, so that an interrupt from the terminal reaches
 * only the program that started it. This process holds the other end of its standard input, and the
 * validator ends when that closes, unless it was told before to stay (`detach`). Its log goes to a file and its identity is on disk before this
 * returns: whatever happens, it can be found and ended. Raises `VALIDATOR_FAILED`.
 */
export function spawnValidator(validator: PreparedValidator, options: SpawnOptions): ValidatorProcess {
  const stdoutFile = layout.stdout(validator.dir);
  const stdout = openSync(stdoutFile, "w");
  const log = openSync(layout.log(validator.dir), "a");
  const { NODE_OPTIONS: _options, ...environment } = process.env;
  const child = spawn(process.execPath, [options.program, layout.config(validator.dir)], {
    detached: true,
    stdio: ["pipe", stdout, log],
    env: { ...environment, NODE_ENV: "production" },
  });
  closeSync(stdout);
  closeSync(log);
  const exited = new Promise<ValidatorExit>((resolve) => {
    child.once("exit", (exitCode, signal) => resolve({ exitCode, signal }));
    child.once("error", () => resolve({ exitCode: null, signal: null }));
  });
  const stdin = child.stdin as Writable;
  stdin.on("error", () => {});
  const identity = child.pid === undefined ? undefined : identifyProcess(child.pid);
  if (identity === undefined) throw validatorFailed(validator, { exitCode: null, signal: null });
  writeFileSync(layout.process(validator.dir), `${JSON.stringify(identity)}\n`);

  async function awaitReadyLine(signal: AbortSignal | undefined): Promise<void> {
    let exit: ValidatorExit | undefined;
    void exited.then((outcome) => {
      exit = outcome;
    });
    while (!hasReadyLine(stdoutFile)) {
      if (exit !== undefined) throw validatorFailed(validator, exit);
      if (signal?.aborted === true) throw abortedError();
      await sleep(READY_POLL_MS, options.clock);
    }
  }

  return {
    validator,
    identity,
    exited,
    listening: (limitMs, signal) =>
      withDeadline(
        `start of validator ${validator.index} of ${validator.chain}`,
        limitMs,
        awaitReadyLine(signal),
        options.clock,
      ),
    async detach() {
      await new Promise<void>((resolve) => stdin.end(STAY, resolve));
      child.unref();
    },
  };
}

/** The error for a validator that ended though it should run. */
export function validatorFailed(
  { chain, index, dir }: PreparedValidator,
  { exitCode, signal }: ValidatorExit,
): CodedError<LauncherErrorDetail> {
  const logTail = readLogTail(layout.log(dir));
  const how = signal === null ? `exit code ${exitCode ?? "unknown"}` : signal;
  return new CodedError(
    `validator ${index} of ${chain} ended (${how}): ${lastProblem(logTail) ?? "no error in its log"}`,
    { code: "VALIDATOR_FAILED", chain, index, exitCode, signal, logTail },
    { advice: `read its log, ${layout.log(dir)}` },
  );
}

function hasReadyLine(file: string): boolean {
  const [line, rest] = readFileSync(file, "utf8").split("\n", 2);
  if (line === undefined || rest === undefined) return false;
  try {
    return (JSON.parse(line) as Partial<NodeReady>).event === "ready";
  } catch {
    return false;
  }
}
