import { availableParallelism } from "node:os";
import type { Clock, CodedError, Millis } from "@sheaf/base";
import { abortedError } from "../errors.ts";
import type { ChildProgram, ProgramExit } from "./child-program.ts";
import { endProcesses, type ProcessIdentity, signalProcess } from "./process-identity.ts";

/** How the members of a group of processes are told apart, started, and what their failure is. */
export interface SupervisorOptions<T> {
  readonly keyOf: (member: T) => string;
  readonly spawn: (member: T) => ChildProgram;
  /** The error for a member that ended though it should run. */
  readonly failed: (member: T, exit: ProgramExit) => CodedError;
  readonly clock: Clock;
}

/** Keeps a group of processes: a network's validators, or a market's agents. */
export interface Supervisor<T> {
  /** Starts a member and waits until it is ready. Raises what `failed` gives, `DEADLINE`, `ABORTED`. */
  start(member: T, limitMs: Millis, signal?: AbortSignal): Promise<void>;
  /** Starts all, as many at a time as there are cores. */
  startAll(
    members: readonly T[],
    limitMs: Millis,
    onStarted: (count: number) => void,
    signal?: AbortSignal,
  ): Promise<void>;
  /** The running process of a member. */
  process(member: T): ProcessIdentity | undefined;
  /** Ends one member and returns when it is gone. `SIGTERM` turns into `SIGKILL` after `graceMs`. */
  end(member: T, signal: "SIGKILL" | "SIGTERM", graceMs: Millis): Promise<void>;
  /** Ends all. */
  endAll(graceMs: Millis): Promise<void>;
  /** Called when a member ends that nobody asked to end. */
  onFailed(listener: (error: CodedError, member: T) => void): () => void;
  /** Lets the members go: they outlive this process from now on. */
  detach(): Promise<void>;
}

export function createSupervisor<T>({ keyOf, spawn, failed, clock }: SupervisorOptions<T>): Supervisor<T> {
  const running = new Map<string, ChildProgram>();
  const listeners = new Set<(error: CodedError, member: T) => void>();
  /** Those that are starting (the failure is the caller's) or that were asked to end. */
  const excused = new Set<ChildProgram>();

  async function start(member: T, limitMs: Millis, signal?: AbortSignal): Promise<void> {
    const child = spawn(member);
    running.set(keyOf(member), child);
    excused.add(child);
    void child.exited.then((exit) => {
      if (running.get(keyOf(member)) === child) running.delete(keyOf(member));
      if (excused.delete(child)) return;
      const error = failed(member, exit);
      for (const listener of listeners) listener(error, member);
    });
    await child.ready(limitMs, signal);
    excused.delete(child);
  }

  async function startAll(
    members: readonly T[],
    limitMs: Millis,
    onStarted: (count: number) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    const waiting = [...members];
    let isOver = false;
    let started = 0;
    const worker = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined && !isOver; next = waiting.shift()) {
        if (signal?.aborted === true) throw abortedError();
        await start(next, limitMs, signal).catch((error: unknown) => {
          isOver = true;
          throw error;
        });
        onStarted(++started);
      }
    };
    const outcomes = await Promise.allSettled(Array.from({ length: availableParallelism() }, worker));
    const failure = outcomes.find((outcome) => outcome.status === "rejected");
    if (failure !== undefined) throw failure.reason;
  }

  return {
    start,
    startAll,
    process: (member) => running.get(keyOf(member))?.identity,
    async end(member, signal, graceMs) {
      const child = running.get(keyOf(member));
      if (child === undefined) return;
      excused.add(child);
      if (signal === "SIGKILL") signalProcess(child.identity, signal);
      else await endProcesses([child.identity], graceMs, clock);
      await child.exited;
    },
    async endAll(graceMs) {
      const children = [...running.values()];
      for (const child of children) excused.add(child);
      await endProcesses(
        children.map(({ identity }) => identity),
        graceMs,
        clock,
      );
      await Promise.all(children.map(({ exited }) => exited));
    },
    onFailed(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async detach() {
      await Promise.all([...running.values()].map((child) => child.detach()));
    },
  };
}
