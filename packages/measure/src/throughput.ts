import { type Threshold, thresholds } from "./commit-times.ts";
import { commitColumn } from "./latency.ts";
import { type LogicalTransactions, statusCode } from "./logical-transactions.ts";
import { type Interval, meanInterval } from "./statistics.ts";
import type { ChainWindow, SteadyWindow } from "./steady-window.ts";

/** Valid committed transactions a second in the steady window. */
export interface Throughput extends Readonly<Record<Threshold, number>> {
  /** By loaded chain, at the threshold "all". */
  readonly perChain: readonly { readonly chain: number; readonly tps: number }[];
  /** The rate in each batch of the window, all chains together. */
  readonly batches: readonly number[];
  /** 95 % interval of the mean over batches: variation within this run, not between runs. */
  readonly interval: Interval | null;
}

/**
 * [THROUGHPUT.1] Valid committed logical transactions in the steady window / its length, at each
 * threshold: for each loaded chain over its whole block periods, then summed. [THROUGHPUT.2] Failed,
 * rejected and lost ones are in none of the figures.
 */
export function throughput(transactions: LogicalTransactions, window: SteadyWindow): Throughput {
  const rateOf = (threshold: Threshold): number =>
    sum(window.chains.map((chain) => chainRate(chainCommits(transactions, threshold, chain.chain), chain)));
  const commits = window.chains.map(({ chain }) => chainCommits(transactions, "all", chain));
  const batches = batchRates(commits, window);
  return {
    ...(Object.fromEntries(thresholds.map((name) => [name, rateOf(name)])) as Record<Threshold, number>),
    perChain: window.chains.map((chain, i) => ({
      chain: chain.chain,
      tps: chainRate(commits[i] as Float64Array, chain),
    })),
    batches,
    interval: meanInterval(batches),
  };
}

/** When the valid transactions whose last commit was on `chain` reached the threshold, ascending. */
function chainCommits(transactions: LogicalTransactions, threshold: Threshold, chain: number): Float64Array {
  const column = commitColumn(transactions, threshold);
  const commits = new Float64Array(transactions.count);
  let known = 0;
  for (let row = 0; row < transactions.count; row++) {
    const valid = transactions.status[row] === statusCode.committed && transactions.chain[row] === chain;
    if (valid && !Number.isNaN(column[row])) commits[known++] = column[row] as number;
  }
  return commits.slice(0, known).sort();
}

function chainRate(commits: Float64Array, { startMs, endMs }: Omit<ChainWindow, "edgesMs">): number {
  return (1000 * (countUpTo(commits, endMs) - countUpTo(commits, startMs))) / (endMs - startMs);
}

/** [THROUGHPUT.3] Each batch holds whole block periods of each chain, so blocks themselves are no variation. */
function batchRates(commits: readonly Float64Array[], { chains }: SteadyWindow): readonly number[] {
  const batches = Math.max(0, (chains[0]?.edgesMs.length ?? 0) - 1);
  return Array.from({ length: batches }, (_, batch) =>
    sum(
      chains.map(({ chain, edgesMs }, i) => {
        const [startMs, endMs] = [edgesMs[batch] as number, edgesMs[batch + 1] as number];
        return chainRate(commits[i] as Float64Array, { chain, startMs, endMs });
      }),
    ),
  );
}

/** How many of the ascending `times` are not after `ms`. */
function countUpTo(times: Float64Array, ms: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] as number) <= ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
