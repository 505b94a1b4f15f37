import type { Bottleneck } from "./bottleneck.ts";
import type { Threshold } from "./commit-times.ts";
import type { Comparison } from "./comparison.ts";
import type { LatencyStatistic } from "./percentiles.ts";
import type { runSchemaName } from "./run-record.ts";
import type { Interval } from "./statistics.ts";
import type { SteadyWindow } from "./steady-window.ts";

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
  /** [LOST.3] Sent and not settled when the arm was interrupted; 0 for an arm that was not. */
  readonly inFlight: number;
  readonly unsent: number;
  /** [LATENCY.2] Committed on all validators that were up, before one that was down had shown the block. */
  readonly committedWhileDown: number;
  /** [WINDOW.4] `whole-run`: too short for a steady window, so ramp and drain are in the figures. */
  readonly basis: SteadyWindow["basis"];
  /** Length of the window [WINDOW.1]. */
  readonly windowSeconds: number;
  /** Valid committed transactions a second in the steady window, seen on all validators. */
  readonly tps: number;
  readonly latencyMs: Readonly<Record<Threshold, LatencySummary>>;
  readonly bottleneck: Bottleneck;
  /** `null` where a bound is not known. */
  readonly efficiency: {
    /** [EFFICIENCY.1] throughput x validators x recovery time / cores. */
    readonly signatureShare: number | null;
    readonly signatureBoundTps: number | null;
    /** [EFFICIENCY.2] */
    readonly protocolBoundTps: number | null;
  };
  /** MB of 10^6 bytes; `null` when not sampled. */
  readonly peakRssMb: { readonly driver: number | null; readonly validatorMax: number | null };
}

/** A candidate against the baseline; the rules are [COMPARE.1] to [COMPARE.8]. */
export interface ComparisonSummary {
  readonly baseline: string;
  readonly candidate: string;
  /** T(candidate) / T(baseline). */
  readonly speedup: number;
  /** 95 % interval of the speed-up; `null` when there is none. */
  readonly interval: Interval | null;
  /** Mean latency of the candidate / of the baseline: below 1 is better. */
  readonly latencyRatio: number | null;
  /** `null` unless both arms were repeated. */
  readonly latencyInterval: Interval | null;
  /** False where the throughput intervals overlap, or are missing. */
  readonly ranked: boolean;
  /** `within-run`: one repetition each, so the interval does not cover the variation between runs. */
  readonly intervalsFrom: Comparison["intervalsFrom"];
  readonly basis: Comparison["basis"];
  /** True when both arms carried their open load: the speed-up says nothing of capacity. */
  readonly carriedLoad: boolean;
}

/** What `--json` prints. `comparison` is `null` unless the run has a baseline and a candidate. */
export interface RunSummary {
  readonly schema: typeof runSchemaName;
  readonly runId: string;
  readonly dir: string;
  readonly valid: boolean;
  readonly problems: readonly string[];
  /** What a reader should know although the figures stand, one line each. */
  readonly warnings: readonly string[];
  readonly arms: readonly ArmSummary[];
  /** The first of `comparisons`: the headline. */
  readonly comparison: ComparisonSummary | null;
  /** [COMPARE.8] One for each candidate, in the order of the record. */
  readonly comparisons: readonly ComparisonSummary[];
}
