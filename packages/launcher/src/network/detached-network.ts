import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, errorCode, invalidInput, type Millis, systemClock } from "@sheaf/base";
import { createRpcClient, genesisSchema, type SheafStatus } from "@sheaf/protocol";
import { abortedError, folderError } from "../errors.ts";
import { lastProblem, readLogTail } from "../process/log-tail.ts";
import { endProcesses, isProcessAlive, type ProcessIdentity } from "../process/process-identity.ts";
import { type LocalChainPlan, planChains } from "../topology/chain-plan.ts";
import { checkMemory } from "../topology/check-memory.ts";
import type { Topology } from "../topology/schema.ts";
import { type NetworkOptions, openFolder, prepareNetwork } from "./create-network.ts";
import { withLock } from "./folder-lock.ts";
import { layout, type NetworkManifest, readManifest, readProcess } from "./layout.ts";
import { type NetworkChain, toNetworkChain } from "./network-chain.ts";
import { readPorts } from "./node-configs.ts";
import { loadChain, type PreparedChain } from "./prepare-chain.ts";
import { rpcUrl } from "./readiness.ts";
import { GRACE_MS, startValidators } from "./start-validators.ts";

/** Which detached network: its folder is `root`/`name`. */
export interface NetworkPlace {
  /** Folder of all detached networks, such as `.sheaf/networks`. */
  readonly root: string;
  /** Lower-case letters, digits and hyphens, as the name of a chain. */
  readonly name: string;
}

export interface NetworkUpOptions extends Omit<NetworkOptions, "dir">, NetworkPlace {
  /** Deletes the chains of an earlier start instead of continuing them. */
  readonly fresh?: boolean;
}

/** A network that was left running. */
export interface DetachedNetwork {
  readonly dir: string;
  readonly chains: readonly NetworkChain[];
  /** Whether the chains of an earlier start were continued. */
  readonly continued: boolean;
  readonly startMs: Millis;
}

const START_LIMIT_MS = 120_000;

/**
 * Starts the topology's chains and leaves them running when this process ends. Until they are ready
 * they die with it, however it ends. Chains of an earlier start go on with the same keys and data.
 * Raises `INVALID_INPUT` when the name is none, the network is up already, was made with other limits,
 * or has nothing to start; and what `createNetwork` raises. A new network that is given up
 * (`ABORTED`) leaves no files.
 */
export async function networkUp(topology: Topology, options: NetworkUpOptions): Promise<DetachedNetwork> {
  const { root, name, signal, clock = systemClock } = options;
  const dir = folderOf(options);
  const startedAt = clock.now();
  const plans = planChains(topology).filter((plan) => plan.kind === "local");
  if (plans.length === 0) {
    throw invalidInput(name, "has no chain to start", "its endpoints run already; use them directly");
  }
  checkMemory(topology);
  await mkdir(root, { recursive: true }).catch((error: unknown) => {
    throw folderError(root, error);
  });
  return withLock(join(root, `${name}.lock`), async () => {
    const manifest = await readManifest(dir);
    if (manifest !== undefined) await refuseRunning(dir, name, manifest);
    if (options.fresh === true && manifest !== undefined) await rm(dir, { recursive: true });
    const continued = options.fresh !== true && manifest !== undefined;
    const load = continued
      ? () => loadNetwork(dir, manifest, plans)
      : () => makeNetwork(topology, dir, options);
    const chains = await startAndLetGo(load, !continued, options).catch(async (error: unknown) => {
      if (signal?.aborted === true) await forgetStart(dir, continued ? manifest : undefined);
      throw error;
    });
    return { dir, chains, continued, startMs: clock.now() - startedAt };
  });
}

async function makeNetwork(
  topology: Topology,
  dir: string,
  { clock = systemClock, onProgress = () => {}, ...options }: NetworkUpOptions,
): Promise<readonly PreparedChain[]> {
  await openFolder(dir);
  return prepareNetwork(topology, { ...options, dir }, clock, onProgress);
}

async function startAndLetGo(
  load: () => Promise<readonly PreparedChain[]>,
  fresh: boolean,
  options: NetworkUpOptions,
): Promise<readonly NetworkChain[]> {
  const { program, signal, clock = systemClock, limitMs = START_LIMIT_MS, onProgress = () => {} } = options;
  const chains = await load();
  const started = await startValidators(chains, { program, fresh, limitMs, clock, signal, onProgress });
  if (signal?.aborted === true) {
    await started.supervisor.endAll(GRACE_MS);
    throw abortedError();
  }
  await started.supervisor.detach();
  return chains.map((chain) => toNetworkChain(chain, started.validators));
}

/** As before the start that was given up: a new network is gone, and one of before is down. */
async function forgetStart(dir: string, before: NetworkManifest | undefined): Promise<void> {
  if (before === undefined) await rm(dir, { recursive: true, force: true });
  else await forgetProcesses(dir, before);
}

/** One validator of a detached network as it is now. */
export interface ValidatorState {
  readonly chain: string;
  readonly index: number;
  readonly rpcUrl: string | undefined;
  readonly logFile: string;
  /** `up`: its process runs; `ended`: it was started and is gone; `down`: it is not meant to run, or nobody started it. */
  readonly process: "up" | "ended" | "down";
  readonly pid: number | undefined;
  /** What it answers; undefined when it does not. */
  readonly status: SheafStatus | undefined;
  /** For one that ended: the last problem in its log. */
  readonly problem: string | undefined;
}

export interface NetworkState extends NetworkPlace {
  readonly description: string;
  readonly createdAtMs: number;
  readonly validators: readonly ValidatorState[];
}

const ANSWER_LIMIT_MS = 3_000;

/** The state of every validator. Raises `INVALID_INPUT` when there is no such network. */
export async function networkStatus({ root, name }: NetworkPlace): Promise<NetworkState> {
  const { dir, manifest } = await requireNetwork({ root, name });
  const { description, createdAtMs } = manifest;
  const validators = await Promise.all(validatorsOf(dir, manifest).map(readState));
  return { root, name, description, createdAtMs, validators };
}

/**
 * Ends the validators of a detached network, those processes only that are truly its own, and
 * returns how many ran. The chains stay on disk unless `remove`. Raises `INVALID_INPUT` when there is
 * no such network, `PROCESS_SURVIVED`.
 */
export async function networkDown(
  place: NetworkPlace,
  options: { readonly remove?: boolean; readonly clock?: Clock } = {},
): Promise<number> {
  const { dir, manifest } = await requireNetwork(place);
  return withLock(join(place.root, `${place.name}.lock`), async () => {
    const running = await runningProcesses(dir, manifest);
    await endProcesses(running, GRACE_MS, options.clock ?? systemClock);
    await forgetProcesses(dir, manifest);
    if (options.remove === true) await rm(dir, { recursive: true });
    return running.length;
  });
}

/** Names of the networks below `root`, up or not. */
export async function listNetworks(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { withFileTypes: true }).catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return [];
    throw folderError(root, error);
  });
  const names: string[] = [];
  for (const entry of entries) {
    if (
      entry.isDirectory() &&
      isName(entry.name) &&
      (await readManifest(join(root, entry.name))) !== undefined
    )
      names.push(entry.name);
  }
  return names.sort();
}

function isName(name: string): boolean {
  return genesisSchema.shape.name.safeParse(name).success;
}

/** The network's folder. Raises `INVALID_INPUT` for a name that could lead out of `root`. */
function folderOf({ root, name }: NetworkPlace): string {
  if (isName(name)) return join(root, name);
  const advice = "use at most 63 lower-case letters, digits and hyphens, the first not a hyphen";
  throw invalidInput(`"${name}"`, "is not a name for a network", advice);
}

async function requireNetwork(place: NetworkPlace): Promise<{ dir: string; manifest: NetworkManifest }> {
  const { root, name } = place;
  const dir = folderOf(place);
  const manifest = await readManifest(dir);
  if (manifest !== undefined) return { dir, manifest };
  const known = await listNetworks(root);
  const advice = known.length === 0 ? "start one first" : `use one of: ${known.join(", ")}`;
  throw invalidInput(name, `there is no network of this name in ${root}`, advice);
}

async function refuseRunning(dir: string, name: string, manifest: NetworkManifest): Promise<void> {
  const running = await runningProcesses(dir, manifest);
  if (running.length === 0) return;
  const problem = `is up already (${running.length} of ${validatorsOf(dir, manifest).length} validators run)`;
  throw invalidInput(name, problem, `end it first: bench network down ${name}`);
}

async function loadNetwork(
  dir: string,
  manifest: NetworkManifest,
  plans: readonly LocalChainPlan[],
): Promise<readonly PreparedChain[]> {
  const stored = manifest.chains.map((chain) => chain.name).join(", ");
  const wanted = plans.map((plan) => plan.name).join(", ");
  if (stored !== wanted) {
    const problem = `holds the chains ${stored}, and the file now describes ${wanted}`;
    throw invalidInput(dir, problem, "start it fresh, which deletes the chains, or restore the file");
  }
  return Promise.all(plans.map((plan) => loadChain(plan, dir)));
}

interface ValidatorPlace {
  readonly chain: string;
  readonly index: number;
  readonly dir: string;
}

function validatorsOf(dir: string, manifest: NetworkManifest): readonly ValidatorPlace[] {
  return manifest.chains.flatMap(({ name, validators }) =>
    Array.from({ length: validators }, (_, index) => ({
      chain: name,
      index,
      dir: layout.validator(layout.chain(dir, name), index),
    })),
  );
}

async function forgetProcesses(dir: string, manifest: NetworkManifest): Promise<void> {
  for (const each of validatorsOf(dir, manifest)) await rm(layout.process(each.dir), { force: true });
}

async function runningProcesses(dir: string, manifest: NetworkManifest): Promise<readonly ProcessIdentity[]> {
  const processes = await Promise.all(validatorsOf(dir, manifest).map((each) => readProcess(each.dir)));
  return processes.filter((each) => each !== undefined).filter(isProcessAlive);
}

async function readState({ chain, index, dir }: ValidatorPlace): Promise<ValidatorState> {
  const [identity, ports] = await Promise.all([readProcess(dir), readPorts(dir)]);
  const logFile = layout.log(dir);
  const url = ports === undefined ? undefined : rpcUrl(ports);
  const alive = identity !== undefined && isProcessAlive(identity);
  const ended = identity !== undefined && !alive;
  return {
    chain,
    index,
    rpcUrl: url,
    logFile,
    process: alive ? "up" : ended ? "ended" : "down",
    pid: alive ? identity.pid : undefined,
    status: alive && url !== undefined ? await readStatus(url) : undefined,
    problem: ended ? (lastProblem(readLogTail(logFile)) ?? "ended without an error in its log") : undefined,
  };
}

async function readStatus(url: string): Promise<SheafStatus | undefined> {
  const client = createRpcClient(url, { connections: 1, timeoutMs: ANSWER_LIMIT_MS });
  try {
    return await client.call("sheaf_status", []);
  } catch {
    return undefined;
  } finally {
    client.close();
  }
}
