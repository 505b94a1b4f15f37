import type { ArmRecord } from "./arm-record.ts";
import { type Threshold, thresholds } from "./commit-times.ts";
import { commitColumn } from "./latency.ts";
import { type LogicalTransactions, statusCode } from "./logical-transactions.ts";
import { type Interval, meanInterval } from "./statistics.ts";
import { inWindow, type SteadyWindow } from "./steady-window.ts";
import { outcome, type TransactionTable } from "./transaction-table.ts";

/** [THROUGHPUT.3] A window is cut into so many batches for the interval of its mean. */
export const batchCount = 10;

/** Valid committed transactions a second in the steady window. */
export interface Throughput extends Readonly<Record<Threshold, number>> {
  /** By chain, physical transactions, at the threshold "all". */
  readonly perChain: readonly number[];
  /** The same rate in each of `batchCount` equal parts of the window. */
  readonly batches: readonly number[];
  /** 95 % interval of the mean over batches: variation within this run, not between runs. */
  readonly interval: Interval | null;
}

/**
 * [THROUGHPUT.1] Valid committed logical transactions in the steady window / its length, at each
 * threshold. [THROUGHPUT.2] Failed, rejected and lost ones are in none of the figures.
 */
export function throughput(
  table: TransactionTable,
  transactions: LogicalTransactions,
  window: SteadyWindow,
  arm: ArmRecord,
): Throughput {
  const rates = Object.fromEntries(
    thresholds.map((threshold) => [threshold, count(transactions, threshold, window) / window.seconds]),
  ) as Record<Threshold, number>;
  const batches = batchRates(transactions, window);
  return {
    ...rates,
    perChain: chainRates(table, window, arm.chains),
    batches,
    interval: window.basis === "steady" ? meanInterval(batches) : null,
  };
}

function count(transactions: LogicalTransactions, threshold: Threshold, window: SteadyWindow): number {
  const commits = commitColumn(transactions, threshold);
  let inside = 0;
  for (let row = 0; row < transactions.count; row++) {
    if (transactions.status[row] === statusCode.committed && inWindow(window, commits[row] as number))
      inside++;
  }
  return inside;
}

function batchRates(transactions: LogicalTransactions, window: SteadyWindow): readonly number[] {
  const counts = new Array<number>(batchCount).fill(0);
  const length = (window.endMs - window.startMs) / batchCount;
  for (let row = 0; row < transactions.count; row++) {
    const commit = transactions.allMs[row] as number;
    if (transactions.status[row] !== statusCode.committed || !inWindow(window, commit)) continue;
    const batch = Math.min(batchCount - 1, Math.max(0, Math.ceil((commit - window.startMs) / length) - 1));
    counts[batch] = (counts[batch] as number) + 1;
  }
  return counts.map((batch) => (batch * 1000) / length);
}

function chainRates(
  { columns, length }: TransactionTable,
  window: SteadyWindow,
  chains: number,
): readonly number[] {
  const counts = new Array<number>(chains).fill(0);
  for (let row = 0; row < length; row++) {
    if (columns.outcome[row] !== outcome.committed || !inWindow(window, columns.allMs[row] as number))
      continue;
    const chain = columns.chain[row] as number;
    counts[chain] = (counts[chain] ?? 0) + 1;
  }
  return counts.map((inside) => inside / window.seconds);
}
