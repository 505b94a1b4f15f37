import type { ArmRecord } from "./arm-record.ts";
import { type BlockStatistics, blockStatistics } from "./block-statistics.ts";
import { type BottleneckVerdict, findBottleneck } from "./bottleneck.ts";
import { type Threshold, thresholds } from "./commit-times.ts";
import { type Efficiency, efficiency } from "./efficiency.ts";
import type { ArmData } from "./events.ts";
import { latencySample } from "./latency.ts";
import { encodeHistogram } from "./latency-histogram.ts";
import { type LogicalTransactions, logicalTransactions, statusCode } from "./logical-transactions.ts";
import { type OfferedLoad, offeredLoad } from "./offered-load.ts";
import { describeLatency, type LatencyStatistics } from "./percentiles.ts";
import { type ResourceUse, resourceUse } from "./resources.ts";
import { auditRows, type RowAudit } from "./row-audit.ts";
import type { RunRecord } from "./run-record.ts";
import { type SteadyWindow, steadyWindow, wholeRunWindow } from "./steady-window.ts";
import { type Throughput, throughput } from "./throughput.ts";
import { armProblems, armWarnings } from "./validity.ts";

/** Logical transactions of an arm by outcome [LOGICAL.1]; `offered` are those that were scheduled. */
export interface OutcomeCounts {
  readonly offered: number;
  readonly committed: number;
  readonly failed: number;
  readonly rejected: number;
  readonly lost: number;
  /** [LOST.3] Sent and not settled when the arm was interrupted. */
  readonly inFlight: number;
  readonly unsent: number;
  readonly physicalPerLogical: number;
}

/** [COMPARE.6] The headline figures over the whole run, for a comparison with an arm that has no steady window. */
export interface WholeRunFigures {
  readonly tps: number;
  readonly meanLatencyMs: number | null;
  /** Transactions without a commit in that mean. */
  readonly censored: number;
}

/** Everything that is derived from one arm. */
export interface ArmAnalysis {
  readonly name: string;
  readonly repetition: number;
  readonly role: ArmRecord["role"];
  readonly counts: OutcomeCounts;
  readonly window: SteadyWindow;
  readonly throughput: Throughput;
  readonly load: OfferedLoad;
  readonly latencyMs: Readonly<Record<Threshold, LatencyStatistics>>;
  /** From the actual send: shows what the sender itself added. */
  readonly latencyFromSendMs: Readonly<Record<Threshold, LatencyStatistics>>;
  /** HDR histograms of `latencyMs`, see `encodeHistogram`. */
  readonly histograms: Readonly<Record<Threshold, string>>;
  readonly blocks: BlockStatistics;
  readonly resources: ResourceUse;
  readonly bottleneck: BottleneckVerdict;
  readonly efficiency: Efficiency;
  readonly wholeRun: WholeRunFigures;
  readonly audit: RowAudit;
  /** Make the run invalid [VALID.1]. */
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/** Derives all figures of one arm from its rows, blocks and samples. Pure: the same input, the same figures. */
export function analyseArm(
  arm: ArmRecord,
  data: ArmData,
  environment: RunRecord["environment"],
): ArmAnalysis {
  const transactions = logicalTransactions(data.transactions);
  const window = steadyWindow(data.transactions, arm);
  const rate = throughput(transactions, window);
  const load = offeredLoad(data.transactions, arm);
  const latency = describeThresholds(transactions, window, arm);
  const counts = outcomeCounts(transactions, arm.interrupted);
  const blocks = blockStatistics(data.blocks, window, arm);
  const resources = resourceUse(data.samples, window);
  const distance = efficiency(rate.all, arm, environment, resources.ownValidators);
  const bottleneck = findBottleneck(arm, environment, {
    blocks,
    protocolShare: distance.protocolShare,
    resources,
    load,
    meanLatencyMs: latency.latencyMs.all.mean,
    committed: counts.committed,
  });
  const partial = {
    name: arm.name,
    repetition: arm.repetition,
    role: arm.role,
    counts,
    window,
    throughput: rate,
    load,
    ...latency,
    blocks,
    resources,
    bottleneck,
    efficiency: distance,
    wholeRun: wholeRunFigures(transactions, wholeRunWindow(data.transactions, arm), arm),
    audit: auditRows(data.transactions, data.blocks),
  };
  return {
    ...partial,
    problems: armProblems(arm, partial),
    warnings: armWarnings(arm, partial, environment.hardware.cores),
  };
}

function describeThresholds(
  transactions: LogicalTransactions,
  window: SteadyWindow,
  arm: ArmRecord,
): Pick<ArmAnalysis, "latencyMs" | "latencyFromSendMs" | "histograms"> {
  const latencyMs: Partial<Record<Threshold, LatencyStatistics>> = {};
  const latencyFromSendMs: Partial<Record<Threshold, LatencyStatistics>> = {};
  const histograms: Partial<Record<Threshold, string>> = {};
  for (const threshold of thresholds) {
    const options = { threshold, window, drainEndMs: arm.drainEndMs };
    const sample = latencySample(transactions, { ...options, origin: "scheduled" });
    latencyMs[threshold] = describeLatency(sample);
    histograms[threshold] = encodeHistogram(sample);
    latencyFromSendMs[threshold] = describeLatency(
      latencySample(transactions, { ...options, origin: "sent" }),
    );
  }
  return {
    latencyMs: latencyMs as ArmAnalysis["latencyMs"],
    latencyFromSendMs: latencyFromSendMs as ArmAnalysis["latencyFromSendMs"],
    histograms: histograms as ArmAnalysis["histograms"],
  };
}

function wholeRunFigures(
  transactions: LogicalTransactions,
  window: SteadyWindow,
  { drainEndMs }: ArmRecord,
): WholeRunFigures {
  const options = { threshold: "all", origin: "scheduled", window, drainEndMs } as const;
  const { mean, censored } = describeLatency(latencySample(transactions, options));
  return { tps: throughput(transactions, window).all, meanLatencyMs: mean, censored };
}

function outcomeCounts(transactions: LogicalTransactions, interrupted: boolean): OutcomeCounts {
  const byCode = [0, 0, 0, 0, 0];
  let offered = 0;
  for (let row = 0; row < transactions.count; row++) {
    const code = transactions.status[row] as number;
    byCode[code] = (byCode[code] ?? 0) + 1;
    if (!Number.isNaN(transactions.scheduledMs[row])) offered++;
  }
  const of = (code: number): number => byCode[code] ?? 0;
  return {
    offered,
    committed: of(statusCode.committed),
    failed: of(statusCode.failed),
    rejected: of(statusCode.rejected),
    lost: interrupted ? 0 : of(statusCode.lost),
    inFlight: interrupted ? of(statusCode.lost) : 0,
    unsent: of(statusCode.unsent),
    physicalPerLogical: transactions.physicalPerLogical,
  };
}
