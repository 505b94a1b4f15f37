import { type Clock, type Hex, invalidInput, type Millis, systemClock } from "@sheaf/base";
import type { NonceRepair, Warning } from "@sheaf/measure";
import { createRpcClient, type RpcClient } from "@sheaf/protocol";
import { checkLoad } from "../check-load.ts";
import type {
  LoadDeadlines,
  LoadOptions,
  LoadPorts,
  LoadProgress,
  RepairOptions,
  SendOptions,
} from "../load-options.ts";

const defaultSend: SendOptions = { maxBatch: 100, flushMs: 20, connections: 8, timeoutMs: 10_000 };
const defaultRepair: RepairOptions = { stallMs: 5_000, stallBlocks: 3 };
const readTimeoutMs: Millis = 15_000;
/** The slowest network that is waited for without being told to, in transactions a second. */
const leastRate = 20;

/** What the phases of a run share: its options complete, its clients, and what they report. */
export interface RunContext {
  /** Loaded chains. */
  readonly active: readonly number[];
  /** By chain, one a validator: for transactions alone, so that nothing else waits behind them. */
  readonly sendClients: readonly (readonly RpcClient[])[];
  /** By chain, one a validator: for everything else. */
  readonly readClients: readonly (readonly RpcClient[])[];
  readonly deadlines: LoadDeadlines;
  readonly send: SendOptions;
  readonly repair: RepairOptions;
  readonly clock: Clock;
  /** Aborts when the caller's signal does, and when the run is over. */
  readonly signal: AbortSignal;
  readonly isDown: (chain: number, validator: number) => boolean;
  readonly onProgress: (progress: LoadProgress) => void;
  /** The clock's time of the start barrier, once there is one. */
  originMs: Millis | undefined;
  readonly warnings: Warning[];
  readonly nonceRepairs: NonceRepair[];
  warn(code: string, message: string): void;
  /** `action` is done when the run is over. */
  onClose(action: () => void): void;
  close(): void;
}

/** Opens a run. Raises `INVALID_INPUT` when its options make no sense. */
export function openRun(
  options: LoadOptions,
  ports: LoadPorts,
  onProgress: (progress: LoadProgress) => void,
  signal: AbortSignal,
): RunContext {
  checkOptions(options);
  const clock = ports.clock ?? systemClock;
  const over = new AbortController();
  const send = { ...defaultSend, ...options.send };
  const clientsOf = (connections: number, timeoutMs: Millis): readonly (readonly RpcClient[])[] =>
    options.chains.map((chain) =>
      chain.validators.map(({ rpcUrl }) => createRpcClient(rpcUrl, { connections, timeoutMs })),
    );
  const sendClients = clientsOf(send.connections, send.timeoutMs);
  const readClients = clientsOf(4, readTimeoutMs);
  const warnings = [...options.workload.warnings];
  const context: RunContext = {
    active: options.activeChains ?? options.chains.map((_, chain) => chain),
    sendClients,
    readClients,
    deadlines: completeDeadlines(options),
    send,
    repair: { ...defaultRepair, ...options.repair },
    clock,
    signal: AbortSignal.any([signal, over.signal]),
    isDown: ports.isDown ?? (() => false),
    onProgress,
    originMs: undefined,
    warnings,
    nonceRepairs: [],
    warn(code, message) {
      const timeMs = context.originMs === undefined ? null : clock.now() - context.originMs;
      warnings.push({ code, message, timeMs });
    },
    onClose: (action) => over.signal.addEventListener("abort", action),
    close() {
      over.abort();
      for (const client of [...sendClients, ...readClients].flat()) client.close();
    },
  };
  return context;
}

function completeDeadlines({ deadlines, workload, mode }: LoadOptions): LoadDeadlines {
  const rate = mode.kind === "open-loop" ? Math.min(leastRate, mode.ratePerSecond) : leastRate;
  const loadMs = 120_000 + (workload.count * 1_000) / rate;
  return { setUpMs: 120_000, readyMs: 60_000, loadMs, drainMs: 60_000, checkMs: 120_000, ...deadlines };
}

function checkOptions({ chains, activeChains, ...load }: LoadOptions): void {
  if (chains.length === 0 || chains.some((chain) => chain.validators.length === 0)) {
    throw invalidInput("chains", "a chain without validators cannot be loaded");
  }
  for (const { name, fundedKey } of chains) {
    if (!isKey(fundedKey)) {
      throw invalidInput(`${name}: the funded key`, "a private key is 0x and 64 hex digits");
    }
  }
  const active = activeChains?.map((chain) => chains[chain]) ?? chains;
  const loaded = active.filter((chain) => chain !== undefined);
  if (loaded.length === 0 || loaded.length < active.length) {
    throw invalidInput("activeChains", "names no chain, or one that is not there");
  }
  checkLoad({ ...load, chains: loaded });
}

function isKey(key: Hex): boolean {
  return /^0x[0-9a-fA-F]{64}$/.test(key);
}
