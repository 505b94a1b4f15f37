import { mkdir, rm } from "node:fs/promises";
import { type Clock, type CodedError, invalidInput, type Millis, systemClock } from "@sheaf/base";
import { abortedError, folderError } from "../errors.ts";
import { createKeySource } from "../identity/key-source.ts";
import { identifyProcess, signalProcess } from "../process/process-identity.ts";
import type { SampledProcess } from "../process/process-sampler.ts";
import { type LocalChainPlan, planChains } from "../topology/chain-plan.ts";
import { checkMemory } from "../topology/check-memory.ts";
import type { Topology } from "../topology/schema.ts";
import { connectExternal } from "./external-chain.ts";
import { layout, type NetworkManifest, readManifest, writeJson, writeManifest } from "./layout.ts";
import { type NetworkChain, toNetworkChain } from "./network-chain.ts";
import type { PlacedValidator } from "./node-configs.ts";
import { type PreparedChain, prepareChain } from "./prepare-chain.ts";
import { awaitReadiness } from "./readiness.ts";
import { GRACE_MS, type StartedValidators, type StartProgress, startValidators } from "./start-validators.ts";

export interface NetworkOptions {
  /** Path of the validator program, started as `node <program> <config.json>`. */
  readonly program: string;
  /** Folder for the network's keys, genesis, data and logs; made when it is not there. */
  readonly dir: string;
  /** Derives every private key, for runs with equal addresses; random keys when left out. */
  readonly seed?: string;
  /** Most time for each phase of the start. */
  readonly limitMs?: Millis;
  readonly clock?: Clock;
  /** Gives up the start; what was started is ended. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: StartProgress) => void;
}

/** A running network. Its validators end when `stop` is called or this process ends, however it ends. */
export interface Network {
  readonly dir: string;
  readonly chains: readonly NetworkChain[];
  /** Time from the call to readiness. */
  readonly startMs: Millis;
  /** Ends a validator and returns when it is gone; `SIGKILL` unless told otherwise. */
  kill(chain: string, index: number, signal?: "SIGKILL" | "SIGTERM"): Promise<void>;
  /** Starts a validator again, ended first when it runs, and returns when it listens; it then catches up. */
  restart(chain: string, index: number): Promise<void>;
  /** Stops a validator's process where it is (SIGSTOP): it stays connected and silent. */
  pause(chain: string, index: number): void;
  /** Continues a paused validator. */
  resume(chain: string, index: number): void;
  /** Returns when all validators that run are connected and stand at one new block. Raises `NETWORK_NOT_READY`. */
  ready(limitMs?: Millis): Promise<void>;
  /** Called when a validator ends that nobody asked to end: `VALIDATOR_FAILED` with the end of its log. */
  onFailed(listener: (error: CodedError) => void): () => void;
  /** The validators that run now, as `chain/validator-0`, for `sampleProcesses`. */
  processes(): readonly SampledProcess[];
  /** Ends all validators and returns when they are gone. Raises `PROCESS_SURVIVED`. */
  stop(): Promise<void>;
}

const START_LIMIT_MS = 120_000;

/**
 * Starts the network that the topology describes and returns when it is ready. Raises `INVALID_INPUT`
 * (folder, port, endpoint, key, too many validators for the memory), `VALIDATOR_FAILED`,
 * `NETWORK_NOT_READY`, `DEADLINE`, `ABORTED`; nothing is left running then.
 */
export async function createNetwork(topology: Topology, options: NetworkOptions): Promise<Network> {
  const { dir, signal, clock = systemClock, limitMs = START_LIMIT_MS, onProgress = () => {} } = options;
  const startedAt = clock.now();
  const plans = planChains(topology);
  checkMemory(topology);
  const external = await Promise.all(plans.filter((plan) => plan.kind === "external").map(connectExternal));
  const disown = await ownFolder(dir);
  try {
    const { program } = options;
    const prepared = await prepareNetwork(topology, options, clock, onProgress);
    const start = { program, fresh: true, limitMs, clock, signal, onProgress };
    const started = await startValidators(prepared, start);
    const local = prepared.map((chain) => toNetworkChain(chain, started.validators));
    const byName = new Map([...external, ...local].map((chain) => [chain.name, chain]));
    return {
      dir,
      chains: plans.map(({ name }) => byName.get(name) as NetworkChain),
      startMs: clock.now() - startedAt,
      ...networkControls(started, limitMs, clock, disown),
    };
  } catch (error) {
    await disown();
    throw error;
  }
}

/** Opens the folder and marks it as in use by this process, until the function returned is called. */
async function ownFolder(dir: string): Promise<() => Promise<void>> {
  await openFolder(dir);
  const file = layout.owner(dir);
  try {
    await writeJson(file, identifyProcess(process.pid));
  } catch (error) {
    throw folderError(dir, error);
  }
  return () => rm(file, { force: true });
}

/** Makes the folder of a new network. Raises `INVALID_INPUT` when it cannot be made or holds a network. */
export async function openFolder(dir: string): Promise<void> {
  try {
    await mkdir(dir, { recursive: true });
  } catch (error) {
    throw folderError(dir, error);
  }
  if ((await readManifest(dir)) === undefined) return;
  throw invalidInput(dir, "holds a network already", "choose another folder");
}

/** Makes the files of every chain that is to be started. */
export async function prepareNetwork(
  topology: Topology,
  { dir, seed, signal }: Pick<NetworkOptions, "dir" | "seed" | "signal">,
  clock: Clock,
  onProgress: (progress: StartProgress) => void,
): Promise<readonly PreparedChain[]> {
  const plans = planChains(topology).filter((plan) => plan.kind === "local");
  const keys = createKeySource(seed);
  const prepared: PreparedChain[] = [];
  try {
    for (const plan of plans) {
      if (signal?.aborted === true) throw abortedError();
      prepared.push(await prepareChain(plan, dir, keys, clock.wallMs()));
      onProgress({ phase: "prepare", done: prepared.length, total: plans.length });
    }
    await writeManifest(dir, toManifest(topology, plans, clock));
  } catch (error) {
    throw folderError(dir, error);
  }
  return prepared;
}

function toManifest(topology: Topology, plans: readonly LocalChainPlan[], clock: Clock): NetworkManifest {
  return {
    schema: "sheaf.network-state/1",
    description: topology.description,
    createdAtMs: clock.wallMs(),
    chains: plans.map(({ name, chainId, validators }) => ({ name, chainId, validators })),
  };
}

function networkControls(
  { supervisor, validators }: StartedValidators,
  limitMs: Millis,
  clock: Clock,
  onStopped: () => Promise<void>,
): Omit<Network, "dir" | "chains" | "startMs"> {
  function find(chain: string, index: number): PlacedValidator {
    const found = validators.find((each) => each.chain === chain && each.index === index);
    if (found !== undefined) return found;
    throw invalidInput(
      `validator ${index} of ${chain}`,
      "is not one of this network's",
      "name a chain that was started",
    );
  }
  function send(chain: string, index: number, signal: NodeJS.Signals): void {
    const identity = supervisor.process(find(chain, index));
    if (identity === undefined || !signalProcess(identity, signal)) {
      throw invalidInput(`validator ${index} of ${chain}`, "does not run", "restart it first");
    }
  }
  let stopping: Promise<void> | undefined;
  return {
    kill: (chain, index, signal = "SIGKILL") => supervisor.end(find(chain, index), signal, GRACE_MS),
    async restart(chain, index) {
      const validator = find(chain, index);
      await supervisor.end(validator, "SIGTERM", GRACE_MS);
      await supervisor.start(validator, limitMs);
    },
    pause: (chain, index) => send(chain, index, "SIGSTOP"),
    resume: (chain, index) => send(chain, index, "SIGCONT"),
    ready: (within = limitMs) =>
      awaitReadiness(
        validators.filter((each) => supervisor.process(each) !== undefined),
        { fresh: false, limitMs: within, clock, onConnected: () => {}, check: () => {} },
      ),
    onFailed: (listener) => supervisor.onFailed((error) => listener(error)),
    processes: () =>
      validators.flatMap((each) => {
        const identity = supervisor.process(each);
        return identity === undefined
          ? []
          : [{ label: `${each.chain}/validator-${each.index}`, pid: identity.pid }];
      }),
    stop: () => (stopping ??= supervisor.endAll(GRACE_MS).then(onStopped)),
  };
}
