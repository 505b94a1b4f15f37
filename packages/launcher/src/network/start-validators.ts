import { type Clock, CodedError, type Millis } from "@sheaf/base";
import { NODE_EXIT } from "@sheaf/protocol";
import { abortedError, type LauncherErrorDetail } from "../errors.ts";
import { createSupervisor, type Supervisor } from "../process/supervisor.ts";
import { type PlacedValidator, writeNodeConfigs } from "./node-configs.ts";
import type { PreparedChain, PreparedValidator } from "./prepare-chain.ts";
import { awaitReadiness } from "./readiness.ts";
import { spawnValidator, validatorFailed } from "./validator-process.ts";

/** How far the start of a network is: files made, processes listening, validators connected. */
export interface StartProgress {
  readonly phase: "prepare" | "start" | "connect";
  readonly done: number;
  readonly total: number;
}

export interface StartOptions {
  /** Path of the validator program, started as `node <program> <config.json>`. */
  readonly program: string;
  /** Whether the chains are new, not continued. */
  readonly fresh: boolean;
  /** Most time for the processes to start, and again for the validators to connect. */
  readonly limitMs: Millis;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: (progress: StartProgress) => void;
}

export interface StartedValidators {
  readonly supervisor: Supervisor<PreparedValidator>;
  /** All validators, also those that are down from the start. */
  readonly validators: readonly PlacedValidator[];
}

/** Ports are chosen before they are used: another program may take one in between. */
const PORT_ATTEMPTS = 3;
/** How long a validator may take to end on request. */
export const GRACE_MS = 10_000;

/**
 * Starts the validators of all chains and waits until the network is ready; on failure none is left.
 * Raises `VALIDATOR_FAILED`, `NETWORK_NOT_READY`, `DEADLINE`, `ABORTED`, `INVALID_INPUT`.
 */
export async function startValidators(
  chains: readonly PreparedChain[],
  options: StartOptions,
): Promise<StartedValidators> {
  for (let attempt = 1; ; attempt++) {
    const supervisor = createSupervisor<PreparedValidator>({
      keyOf: ({ chain, index }) => `${chain}/${index}`,
      spawn: (validator) => spawnValidator(validator, options.program, options.clock),
      failed: validatorFailed,
      clock: options.clock,
    });
    try {
      const validators = await writeNodeConfigs(chains);
      await startOnce(chains, validators, supervisor, options);
      return { supervisor, validators };
    } catch (error) {
      await supervisor.endAll(GRACE_MS);
      if (attempt === PORT_ATTEMPTS || !isPortTaken(error)) throw error;
    }
  }
}

async function startOnce(
  chains: readonly PreparedChain[],
  validators: readonly PlacedValidator[],
  supervisor: Supervisor<PreparedValidator>,
  { fresh, limitMs, clock, signal, onProgress }: StartOptions,
): Promise<void> {
  const down = new Set(chains.flatMap(({ plan }) => plan.down.map((index) => `${plan.name}/${index}`)));
  const started = validators.filter(({ chain, index }) => !down.has(`${chain}/${index}`));
  const total = started.length;
  let failure: CodedError | undefined;
  const ignore = supervisor.onFailed((error) => {
    failure ??= error;
  });
  onProgress({ phase: "start", done: 0, total });
  await supervisor.startAll(started, limitMs, (done) => onProgress({ phase: "start", done, total }), signal);
  let connected = -1;
  await awaitReadiness(started, {
    fresh,
    limitMs,
    clock,
    onConnected(done) {
      if (done !== connected) onProgress({ phase: "connect", done, total });
      connected = done;
    },
    check() {
      if (failure !== undefined) throw failure;
      if (signal?.aborted === true) throw abortedError();
    },
  });
  ignore();
}

/** Whether a validator refused its configuration because of a port, which was free when it was chosen. */
function isPortTaken(error: unknown): boolean {
  if (!(error instanceof CodedError) || error.code !== "VALIDATOR_FAILED") return false;
  const { exitCode, logTail } = error.detail as Extract<LauncherErrorDetail, { code: "VALIDATOR_FAILED" }>;
  return exitCode === NODE_EXIT.input && logTail.some((line) => /\b(rpc|p2p)\.port\b/.test(line));
}
