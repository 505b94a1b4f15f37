import type { Millis } from "@sheaf/base";
import { rankValue } from "./statistics.ts";
import type { TransactionTable } from "./transaction-table.ts";
import { outcome } from "./transaction-table.ts";

/** An arm over time, in buckets of `bucketMs`; bucket i covers [startMs + i bucketMs, + bucketMs). */
export interface ArmSeries {
  readonly startMs: Millis;
  readonly bucketMs: Millis;
  readonly buckets: number;
  /** Committed a second at the threshold "all", by chain. */
  readonly committedPerSecond: readonly Float64Array[];
  /** Sent a second, all chains. */
  readonly sentPerSecond: Float64Array;
  /** Sent and not yet settled at the end of the bucket, all chains. */
  readonly inFlight: Float64Array;
  /** Latency from scheduled to all, of the commits in the bucket; `NaN` in an empty one. */
  readonly latencyP50Ms: Float64Array;
  readonly latencyP99Ms: Float64Array;
}

/** Physical transactions over time, to be drawn. At most `maxBuckets` buckets of at least one second. */
export function armSeries(table: TransactionTable, chains: number, maxBuckets = 600): ArmSeries {
  const { columns } = table;
  const startMs = Math.min(0, Math.floor(least(columns.sentMs) / 1000) * 1000);
  const end = Math.max(most(columns.sentMs), most(columns.allMs), most(columns.quorumMs));
  const span = Math.max(1, end - startMs);
  const bucketMs = Math.max(1, Math.ceil(span / maxBuckets / 1000)) * 1000;
  const buckets = Math.floor(span / bucketMs) + 1;
  const at = (ms: number): number => Math.floor((ms - startMs) / bucketMs);
  const perSecond = 1000 / bucketMs;

  const committedPerSecond = Array.from({ length: chains }, () => new Float64Array(buckets));
  const sentPerSecond = new Float64Array(buckets);
  const change = new Float64Array(buckets);
  const latencies = Array.from({ length: buckets }, () => [] as number[]);
  for (let row = 0; row < table.length; row++) {
    const sent = columns.sentMs[row] as number;
    if (Number.isNaN(sent)) continue;
    add(sentPerSecond, at(sent), perSecond);
    add(change, at(sent), 1);
    const settled = settledMs(table, row);
    if (!Number.isNaN(settled)) add(change, at(settled), -1);
    const all = columns.allMs[row] as number;
    if (columns.outcome[row] !== outcome.committed || Number.isNaN(all)) continue;
    const chain = committedPerSecond[columns.chain[row] as number];
    if (chain !== undefined) add(chain, at(all), perSecond);
    latencies[at(all)]?.push(all - (columns.scheduledMs[row] as number));
  }
  return {
    startMs,
    bucketMs,
    buckets,
    committedPerSecond,
    sentPerSecond,
    inFlight: change.map(running()),
    ...quantiles(latencies),
  };
}

/** When a row left the network: the strongest commit seen, or its rejection; `NaN` while it is out. */
function settledMs({ columns }: TransactionTable, row: number): number {
  for (const column of [columns.allMs, columns.quorumMs, columns.firstMs, columns.rejectedMs]) {
    const ms = column[row] as number;
    if (!Number.isNaN(ms)) return ms;
  }
  return Number.NaN;
}

function quantiles(latencies: readonly number[][]): Pick<ArmSeries, "latencyP50Ms" | "latencyP99Ms"> {
  const sorted = latencies.map((bucket) => Float64Array.from(bucket).sort());
  return {
    latencyP50Ms: Float64Array.from(sorted, (bucket) => rankValue(bucket, 50)),
    latencyP99Ms: Float64Array.from(sorted, (bucket) => rankValue(bucket, 99)),
  };
}

function running(): (step: number) => number {
  let total = 0;
  return (step) => {
    total += step;
    return total;
  };
}

function add(column: Float64Array, index: number, amount: number): void {
  column[index] = (column[index] ?? 0) + amount;
}

function least(column: Float64Array): number {
  let result = 0;
  for (const value of column) if (value < result) result = value;
  return result;
}

function most(column: Float64Array): number {
  let result = 0;
  for (const value of column) if (value > result) result = value;
  return result;
}
