import { withDeadline } from "@sheaf/base";
import { quorumOf } from "@sheaf/measure";
import type { RpcClient } from "@sheaf/protocol";
import type { LoadOptions, LoadPorts, LoadProgress, LoadResult } from "../load-options.ts";
import { createLaneProgress } from "../sending/lane-progress.ts";
import { type ChainWatcher, type ChainWatcherEvents, watchChain } from "../watching/chain-watcher.ts";
import { auditClock } from "./clock-audit.ts";
import { type Drive, driveLoad } from "./drive-load.ts";
import { checkFinalState } from "./final-state.ts";
import { addCounts, describeLoad, nothingMeasured, warnOfSending } from "./load-result.ts";
import { type PreparedLoad, prepareLoad } from "./prepare-load.ts";
import { openRun, type RunContext } from "./run-context.ts";

/**
 * Prepares the workload on every loaded chain, signs, waits for all chains at a common barrier, offers
 * the load, watches every validator, drains, and checks the final state.
 *
 * When `signal` aborts, what has been measured is returned, with `interrupted` set. Raises what stands
 * in the way of a measurement: `INVALID_INPUT`, `SET_UP_FAILED`, `SIGNING_FAILED`, `DEADLINE`, and the
 * codes of `RpcClient`. What goes wrong once the load has begun is in the result instead.
 */
export async function runLoad(
  options: LoadOptions,
  ports: LoadPorts = {},
  onProgress: (progress: LoadProgress) => void = () => {},
  signal: AbortSignal = new AbortController().signal,
): Promise<LoadResult> {
  const run = openRun(options, ports, onProgress, signal);
  try {
    const prepared = await unlessAborted(signal, prepareLoad(options, run));
    const watching = prepared && (await unlessAborted(signal, connect(options, run)));
    if (prepared === undefined || watching === undefined) return nothingMeasured(options, run, prepared);
    return await measure(options, ports, run, prepared, watching, signal);
  } finally {
    run.close();
  }
}

interface Watching {
  readonly watchers: readonly ChainWatcher[];
  /** Where the watchers' blocks go, once the load has begun. */
  drive: Pick<Drive, "chains"> | undefined;
}

/** Watches every validator of every chain. */
async function connect({ chains }: LoadOptions, run: RunContext): Promise<Watching> {
  const eventsOf = (chain: number): ChainWatcherEvents => ({
    read: (block) => watching.drive?.chains[chain]?.read(block),
    reached: (block, threshold) => watching.drive?.chains[chain]?.reached(block, threshold),
    warn: run.warn,
  });
  let connected = 0;
  const watching: Watching = {
    watchers: chains.map((chain, i) => {
      const quorum = chain.quorum ?? quorumOf(chain.validators.length);
      const clients = run.readClients[i] as readonly RpcClient[];
      return watchChain(chain, clients, quorum, run.clock, eventsOf(i));
    }),
    drive: undefined,
  };
  run.onClose(() => {
    for (const watcher of watching.watchers) watcher.close();
  });
  const all = Promise.all(
    watching.watchers.map(async ({ ready }) => {
      await ready;
      run.onProgress({ phase: "connect", done: ++connected, total: chains.length });
    }),
  );
  await withDeadline("watching every validator", run.deadlines.readyMs, all, run.clock);
  return watching;
}

/** From the barrier to the end of the check. */
async function measure(
  options: LoadOptions,
  ports: LoadPorts,
  run: RunContext,
  prepared: PreparedLoad,
  watching: Watching,
  signal: AbortSignal,
): Promise<LoadResult> {
  const endAudit = auditClock(run.clock);
  const startedAt = new Date(run.clock.wallMs()).toISOString();
  const originMs = run.clock.now();
  run.originMs = originMs;
  const progress = createLaneProgress(prepared.plan);
  ports.onBarrier?.(originMs);
  const drive = driveLoad(options, {
    ...run,
    warn: run.warn,
    originMs,
    prepared,
    progress,
    watchers: watching.watchers,
    onRepair: (repair) => run.nonceRepairs.push(repair),
    attach: (started) => {
      watching.drive = started;
    },
  });
  const { drainEndMs, interrupted } = await drive.ended;
  const clockAudit = endAudit();
  watching.drive = undefined;
  const sending = addCounts(drive.chains.map(({ sender }) => sender.counts));
  warnOfSending(run, sending);
  const stateCheck = interrupted
    ? null
    : await unlessAborted(signal, checkFinalState(options, run, prepared, progress, drive.chains));
  return {
    ...describeLoad(options, run, prepared, drive.chains),
    startedAt,
    drainEndMs,
    interrupted: interrupted || signal.aborted,
    stateCheck: stateCheck ?? null,
    clockAudit,
    sending,
  };
}

/** What `work` gives, or `undefined` once `signal` has aborted. */
async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T | undefined> {
  let stop = (): void => {};
  const aborted = new Promise<undefined>((resolve) => {
    stop = () => resolve(undefined);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([aborted, work]);
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
