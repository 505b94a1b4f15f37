import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { type Clock, CodedError, errorCode, type Millis, sleep } from "@sheaf/base";
import type { LauncherErrorDetail } from "../errors.ts";

/** A process, told from any other that may get the same id later. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in the system's own notation, with the boot it belongs to where known. */
  readonly startedAt: string;
}

/** The identity of a running process; `undefined` when there is none of that id (or only its zombie). */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  const startedAt = process.platform === "linux" ? linuxStart(pid) : psStart(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

/** Whether this very process still runs. */
export function isProcessAlive(identity: ProcessIdentity): boolean {
  return identifyProcess(identity.pid)?.startedAt === identity.startedAt;
}

/** Sends a signal to this very process; `false` when it is gone. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isProcessAlive(identity)) return false;
  try {
    return process.kill(identity.pid, signal);
  } catch (error) {
    if (errorCode(error) === "ESRCH") return false;
    throw error;
  }
}

const POLL_MS = 25;
const KILL_LIMIT_MS = 5_000;

/**
 * Ends the processes and returns when they are gone: SIGTERM (a paused process is continued first),
 * and SIGKILL for those that are still there after `graceMs`. Raises `PROCESS_SURVIVED`.
 */
export async function endProcesses(
  processes: readonly ProcessIdentity[],
  graceMs: Millis,
  clock: Clock,
): Promise<void> {
  for (const each of processes) {
    signalProcess(each, "SIGTERM");
    signalProcess(each, "SIGCONT");
  }
  const stubborn = await waitUntilGone(processes, graceMs, clock);
  for (const each of stubborn) signalProcess(each, "SIGKILL");
  const survivors = await waitUntilGone(stubborn, KILL_LIMIT_MS, clock);
  if (survivors.length === 0) return;
  const pids = survivors.map(({ pid }) => pid);
  const detail: LauncherErrorDetail = { code: "PROCESS_SURVIVED", pids };
  throw new CodedError(`processes ${pids.join(", ")} do not end`, detail, { advice: "end them by hand" });
}

/** Those that still run after `limitMs`. */
async function waitUntilGone(
  processes: readonly ProcessIdentity[],
  limitMs: Millis,
  clock: Clock,
): Promise<readonly ProcessIdentity[]> {
  const until = clock.now() + limitMs;
  let left = processes.filter(isProcessAlive);
  while (left.length > 0 && clock.now() < until) {
    await sleep(POLL_MS, clock);
    left = left.filter(isProcessAlive);
  }
  return left;
}

let bootId: string | undefined;

function linuxStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // Fields after the command, which stands in brackets and may hold anything; field 3 is the state.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return undefined;
    bootId ??= readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
    return `${bootId}/${fields[19]}`;
  } catch {
    return undefined;
  }
}

function psStart(pid: number): string | undefined {
  const { stdout } = spawnSync("ps", ["-o", "stat=,lstart=", "-p", String(pid)], { encoding: "utf8" });
  const line = (stdout ?? "").trim();
  return line === "" || line.startsWith("Z") ? undefined : line.replace(/^\S+\s+/, "");
}
