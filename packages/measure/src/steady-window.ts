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

/** [THROUGHPUT.3] A window is cut into so many batches, or fewer when it has fewer blocks. */
export const mostBatches = 10;

/** The steady window of one chain: whole block periods, cut into batches at block commits. */
export interface ChainWindow {
  readonly chain: number;
  readonly startMs: Millis;
  readonly endMs: Millis;
  /** The ends of the batches, first and last being the window's own; empty where none can be cut. */
  readonly edgesMs: readonly Millis[];
}

/** The interval (startMs, endMs] in which all loaded chains were under steady load. */
export interface SteadyWindow {
  readonly startMs: Millis;
  readonly endMs: Millis;
  readonly seconds: number;
  /** `whole-run`: the run was too short for a steady window; the figures include ramp and drain. */
  readonly basis: "steady" | "whole-run";
  /** One for each loaded chain: the whole block periods that lie in the common window. */
  readonly chains: readonly ChainWindow[];
}

interface ChainLoad {
  readonly chain: number;
  readonly lastSent: number;
  /** The distinct moments at which blocks with our transactions were committed, ascending. */
  readonly commits: readonly number[];
}

/**
 * [WINDOW.1] The common steady window of an arm: from when every loaded chain had committed under
 * load, to when the first chain's load ended; [WINDOW.3] trimmed, and for each chain aligned to its
 * own block commits.
 */
export function steadyWindow(table: TransactionTable, arm: ArmRecord): SteadyWindow {
  const loads = arm.loadedChains.map((chain) => chainLoad(table.columns, chain));
  const from = Math.max(...loads.map((load) => load.commits[0] ?? Number.POSITIVE_INFINITY));
  const to = Math.min(...loads.map((load) => load.lastSent));
  const start = from + Math.min(windowTrim.warmUp * (to - from), windowTrim.warmUpMaxMs);
  const end = to - Math.min(windowTrim.coolDown * (to - from), windowTrim.coolDownMaxMs);

  const inside = loads.map(({ commits }) => commits.filter((time) => time >= start && time <= end));
  const periods = Math.min(...inside.map((commits) => commits.length - 1));
  if (!(periods >= minWindowBlocks)) return wholeRunWindow(table, arm);
  const edges = batchEdges(inside, Math.min(mostBatches, periods));
  const chains = loads.map(({ chain }, i) => {
    const commits = inside[i] as readonly number[];
    return { chain, startMs: commits[0] as number, endMs: commits.at(-1) as number, edgesMs: edges[i] ?? [] };
  });
  return windowOf(start, end, "steady", chains);
}

/**
 * [THROUGHPUT.3] Cuts each chain's commits into the same number of batches of about equal time, at
 * commits: `batches`, or the next smaller number for which no batch of any chain is empty.
 */
function batchEdges(
  commits: readonly (readonly number[])[],
  batches: number,
): readonly (readonly number[])[] {
  for (let count = batches; count >= 2; count--) {
    const edges = commits.map((times) => nearestToEqualParts(times, count));
    if (edges.every((own) => own.every((time, i) => i === 0 || time > (own[i - 1] as number)))) return edges;
  }
  return [];
}

function nearestToEqualParts(times: readonly number[], parts: number): readonly number[] {
  const [start, end] = [times[0] as number, times.at(-1) as number];
  return Array.from({ length: parts + 1 }, (_, part) => {
    const ideal = start + ((end - start) * part) / parts;
    return times.reduce((best, time) => (Math.abs(time - ideal) < Math.abs(best - ideal) ? time : best));
  });
}

/** Whether `ms` lies in the window: its start is excluded, its end included. `NaN` does not. */
export function inWindow(window: Pick<SteadyWindow, "startMs" | "endMs">, ms: Millis): boolean {
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
  let lastSent = Number.NEGATIVE_INFINITY;
  const byBlock = new Map<number, number>();
  for (let row = 0; row < columns.chain.length; row++) {
    if (columns.chain[row] !== chain) continue;
    const sent = columns.sentMs[row] as number;
    if (sent > lastSent) lastSent = sent;
    const commit = commitMoment(columns, row);
    if (columns.outcome[row] === 0 || Number.isNaN(commit)) continue;
    const block = columns.blockNumber[row] as number;
    const known = byBlock.get(block);
    if (known === undefined || commit > known) byBlock.set(block, commit);
  }
  return { chain, lastSent, commits: [...new Set(byBlock.values())].sort((a, b) => a - b) };
}

/** [WINDOW.4] From the first time a transaction was scheduled to the last commit (or the end of the drain). */
export function wholeRunWindow({ columns }: TransactionTable, arm: ArmRecord): SteadyWindow {
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
  const startMs = start - 0.001;
  const chains = arm.loadedChains.map((chain) => ({ chain, startMs, endMs: end, edgesMs: [] }));
  return windowOf(startMs, end, "whole-run", chains);
}

function windowOf(
  startMs: number,
  endMs: number,
  basis: SteadyWindow["basis"],
  chains: readonly ChainWindow[],
): SteadyWindow {
  return { startMs, endMs, seconds: (endMs - startMs) / 1000, basis, chains };
}
