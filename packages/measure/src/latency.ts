import type { Millis } from "@sheaf/base";
import type { Threshold } from "./commit-times.ts";
import { type LogicalTransactions, statusCode } from "./logical-transactions.ts";
import { type CensoredSample, createCensoredSample } from "./percentiles.ts";
import { inWindow, type SteadyWindow } from "./steady-window.ts";

/** [LATENCY.1] Latency counts from the scheduled time; from the actual send as a second figure. */
export type LatencyOrigin = "scheduled" | "sent";

/** The column of a threshold. */
export function commitColumn(transactions: LogicalTransactions, threshold: Threshold): Float64Array {
  if (threshold === "first") return transactions.firstMs;
  return threshold === "quorum" ? transactions.quorumMs : transactions.allMs;
}

/**
 * [LATENCY.4] The latencies of the transactions that were scheduled in the window and either
 * committed or lost (or, from the scheduled time, never even sent). [LOST.2] Those without a commit
 * at this threshold are censored at `drainEndMs`. A negative latency stays negative [CLOCK.1].
 */
export function latencySample(
  transactions: LogicalTransactions,
  options: {
    readonly threshold: Threshold;
    readonly origin: LatencyOrigin;
    readonly window: SteadyWindow;
    readonly drainEndMs: Millis;
  },
): CensoredSample {
  const from = options.origin === "scheduled" ? transactions.scheduledMs : transactions.sentMs;
  const to = commitColumn(transactions, options.threshold);
  const observed = new Float64Array(transactions.count);
  const censored = new Float64Array(transactions.count);
  let known = 0;
  let waiting = 0;
  for (let row = 0; row < transactions.count; row++) {
    if (!inWindow(options.window, transactions.scheduledMs[row] as number)) continue;
    const status = transactions.status[row];
    if (status === statusCode.failed || status === statusCode.rejected) continue;
    const start = from[row] as number;
    if (Number.isNaN(start)) continue;
    const end = to[row] as number;
    if (status === statusCode.committed && !Number.isNaN(end)) observed[known++] = end - start;
    else censored[waiting++] = Math.max(0, options.drainEndMs - start);
  }
  return createCensoredSample(observed.slice(0, known), censored.slice(0, waiting));
}
