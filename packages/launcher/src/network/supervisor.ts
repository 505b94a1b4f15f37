import { availableParallelism } from "node:os";
import type { CodedError, Millis } from "@sheaf/base";
import { abortedError, type LauncherErrorDetail } from "../errors.ts";
import { endProcesses, type ProcessIdentity, signalProcess } from "../process-identity.ts";
import type { PreparedValidator } from "./prepare-chain.ts";
import {
  type SpawnOptions,
  spawnValidator,
  type ValidatorProcess,
  validatorFailed,
} from "./validator-process.ts";

/** Keeps the processes of a network's validators. */
export interface Supervisor {
  /** Starts the validator and waits until it listens. Raises `VALIDATOR_FAILED`, `DEADLINE`, `ABORTED`. */
  start(validator: PreparedValidator, limitMs: Millis, signal?: AbortSignal): Promise<void>;
  /** Starts all, as many at a time as there are cores. */
  startAll(
    validators: readonly PreparedValidator[],
    limitMs: Millis,
    onStarted: (count: number) => void,
    signal?: AbortSignal,
  ): Promise<void>;
  /** The running process of a validator. */
  process(validator: PreparedValidator): ProcessIdentity | undefined;
  /** Ends one validator and returns when it is gone. `SIGTERM` turns into `SIGKILL` after `graceMs`. */
  end(validator: PreparedValidator, signal: "SIGKILL" | "SIGTERM", graceMs: Millis): Promise<void>;
  /** Ends all. */
  endAll(graceMs: Millis): Promise<void>;
  /** Called when a validator ends that nobody asked to end. */
  onFailed(listener: (error: CodedError<LauncherErrorDetail>) => void): () => void;
  /** Lets the validators go: they outlive this process from now on. */
  detach(): Promise<void>;
}

export function createSupervisor(options: SpawnOptions): Supervisor {
  const running = new Map<string, ValidatorProcess>();
  const listeners = new Set<(error: CodedError<LauncherErrorDetail>) => void>();
  /** Those that are starting (the failure is the caller's) or that were asked to end. */
  const excused = new Set<ValidatorProcess>();
  const keyOf = ({ chain, index }: PreparedValidator): string => `${chain}/${index}`;

  async function start(validator: PreparedValidator, limitMs: Millis, signal?: AbortSignal): Promise<void> {
    const child = spawnValidator(validator, options);
    running.set(keyOf(validator), child);
    excused.add(child);
    void child.exited.then((exit) => {
      if (running.get(keyOf(validator)) === child) running.delete(keyOf(validator));
      if (excused.delete(child)) return;
      const error = validatorFailed(validator, exit);
      for (const listener of listeners) listener(error);
    });
    await child.listening(limitMs, signal);
    excused.delete(child);
  }

  async function startAll(
    validators: readonly PreparedValidator[],
    limitMs: Millis,
    onStarted: (count: number) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    const waiting = [...validators];
    let failed = false;
    let started = 0;
    const worker = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined && !failed; next = waiting.shift()) {
        if (signal?.aborted === true) throw abortedError();
        await start(next, limitMs, signal).catch((error: unknown) => {
          failed = true;
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
    process: (validator) => running.get(keyOf(validator))?.identity,
    async end(validator, signal, graceMs) {
      const child = running.get(keyOf(validator));
      if (child === undefined) return;
      excused.add(child);
      if (signal === "SIGKILL") signalProcess(child.identity, signal);
      else await endProcesses([child.identity], graceMs, options.clock);
      await child.exited;
    },
    async endAll(graceMs) {
      const children = [...running.values()];
      for (const child of children) excused.add(child);
      await endProcesses(
        children.map(({ identity }) => identity),
        graceMs,
        options.clock,
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
