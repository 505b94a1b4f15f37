import type { Millis } from "@sheaf/base";
import type { ArmRecord } from "./arm-record.ts";
import type { TransactionColumns } from "./transaction-columns.ts";
import type { TransactionTable } from "./transaction-table.ts";

/** [WINDOW.3] Shares of the common load that are cut off, and the most they may take. */
export const windowTrim = {
  warmUp: 0.1,
  warmUpMaxMs: 30_000,
  coolDown: 0.05,
  coolDownMaxMs: 10_000,
} as const;
/** [WINDOW.4] A steady window spans at least so many block commits of the chain it is aligned to. */
export const minWindowBlocks = 5;

/** The interval (startMs, endMs] over which throughput is counted. */
export interface SteadyWindow {
  readonly startMs: Millis;
  readonly endMs: Millis;
  readonly seconds: number;
  /** `whole-run`: the run was too short for a steady window; the figures include ramp and drain. */
  readonly basis: "steady" | "whole-run";
}

interface ChainLoad {
  readonly firstSent: number;
  readonly lastSent: number;
  /** Moments at which blocks with our transactions were committed, ascending. */
  readonly commits: readonly number[];
}

/**
 * [WINDOW.1] The common steady window of an arm: from when every loaded chain had committed under
 * load, to when the first chain's load ended; [WINDOW.3] trimmed, and aligned to block commits of
 * the chain that was last to begin.
 */
export function steadyWindow(table: TransactionTable, arm: ArmRecord): SteadyWindow {
  const loads = arm.loadedChains.map((chain) => chainLoad(table.columns, chain));
  const whole = wholeRun(table.columns, arm);
  if (loads.some((load) => load.commits.length === 0)) return whole;

  const reference = loads.reduce((a, b) => ((b.commits[0] as number) > (a.commits[0] as number) ? b : a));
  const from = reference.commits[0] as number;
  const to = Math.min(...loads.map((load) => load.lastSent));
  const start = from + Math.min(windowTrim.warmUp * (to - from), windowTrim.warmUpMaxMs);
  const end = to - Math.min(windowTrim.coolDown * (to - from), windowTrim.coolDownMaxMs);

  const inside = reference.commits.filter((time) => time >= start && time <= end);
  if (inside.length <= minWindowBlocks) return whole;
  return windowOf(inside[0] as number, inside[inside.length - 1] as number, "steady");
}

/** Whether `ms` lies in the window: its start is excluded, its end included. `NaN` does not. */
export function inWindow(window: SteadyWindow, ms: Millis): boolean {
  return ms > window.startMs && ms <= window.endMs;
}

/** [WINDOW.2] The moment that counts as a row's commit when chains are aligned: the strongest seen. */
function commitMoment(columns: TransactionColumns, row: number): number {
  const all = columns.allMs[row] as number;
  if (!Number.isNaN(all)) return all;
  const quorum = columns.quorumMs[row] as number;
  return Number.isNaN(quorum) ? (columns.firstMs[row] as number) : quorum;
}

function chainLoad(columns: TransactionColumns, chain: number): ChainLoad {
  let firstSent = Number.POSITIVE_INFINITY;
  let lastSent = Number.NEGATIVE_INFINITY;
  const byBlock = new Map<number, number>();
  for (let row = 0; row < columns.chain.length; row++) {
    if (columns.chain[row] !== chain) continue;
    const sent = columns.sentMs[row] as number;
    if (sent < firstSent) firstSent = sent;
    if (sent > lastSent) lastSent = sent;
    const commit = commitMoment(columns, row);
    if (columns.outcome[row] === 0 || Number.isNaN(commit)) continue;
    const block = columns.blockNumber[row] as number;
    const known = byBlock.get(block);
    if (known === undefined || commit > known) byBlock.set(block, commit);
  }
  return { firstSent, lastSent, commits: [...byBlock.values()].sort((a, b) => a - b) };
}

/** [WINDOW.4] From the first time a transaction was scheduled to the last commit (or the end of the drain). */
function wholeRun(columns: TransactionColumns, arm: ArmRecord): SteadyWindow {
  let start = Number.POSITIVE_INFINITY;
  let end = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < columns.chain.length; row++) {
    const scheduled = columns.scheduledMs[row] as number;
    if (scheduled < start) start = scheduled;
    const commit = commitMoment(columns, row);
    if (commit > end) end = commit;
  }
  if (!Number.isFinite(start)) start = 0;
  if (end <= start) end = Math.max(start, arm.drainEndMs);
  // The start of a window is excluded: what was scheduled at the very beginning belongs to this one.
  return windowOf(start - 0.001, end, "whole-run");
}

function windowOf(startMs: number, endMs: number, basis: SteadyWindow["basis"]): SteadyWindow {
  return { startMs, endMs, seconds: (endMs - startMs) / 1000, basis };
}
