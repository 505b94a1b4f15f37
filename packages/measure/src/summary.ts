import type { Bottleneck } from "./bottleneck.ts";
import type { Threshold } from "./commit-times.ts";
import type { LatencyStatistic } from "./percentiles.ts";
import type { runSchemaName } from "./run-record.ts";

/**
 * Latency from the scheduled time, milliseconds. `null` when nothing was observed. Where transactions
 * were lost, `atLeast` names the figures that are lower bounds only [LOST.2]; it is absent otherwise.
 */
export interface LatencySummary {
  readonly mean: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
  readonly atLeast?: readonly LatencyStatistic[];
}

/** One arm: the figures of its median repetition, by throughput at the threshold "all". */
export interface ArmSummary {
  readonly name: string;
  readonly chains: number;
  readonly validatorsPerChain: number;
  /** Logical transactions scheduled. */
  readonly offered: number;
  readonly committed: number;
  /** Reverted on chain. */
  readonly failed: number;
  /** Refused by the entry validator. */
  readonly rejected: number;
  readonly lost: number;
  /** Length of the steady window [WINDOW.1]. */
  readonly windowSeconds: number;
  /** Valid committed transactions a second in the steady window, seen on all validators. */
  readonly tps: number;
  readonly latencyMs: Readonly<Record<Threshold, LatencySummary>>;
  readonly bottleneck: Bottleneck;
  /** MB of 10^6 bytes; `null` when not sampled. */
  readonly peakRssMb: { readonly driver: number | null; readonly validatorMax: number | null };
}

/** What `--json` prints. `comparison` is `null` unless the run has a baseline and a candidate. */
export interface RunSummary {
  readonly schema: typeof runSchemaName;
  readonly runId: string;
  readonly dir: string;
  readonly valid: boolean;
  readonly problems: readonly string[];
  readonly arms: readonly ArmSummary[];
  readonly comparison: {
    /** T(candidate) / T(baseline). */
    readonly speedup: number;
    /** Mean latency of the candidate / of the baseline: below 1 is better. */
    readonly latencyRatio: number | null;
  } | null;
}
