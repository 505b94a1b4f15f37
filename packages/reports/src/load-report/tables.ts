import { type Interval, type LatencyStatistic, type Threshold, thresholds } from "@sheaf/measure";
import {
  capitalize,
  formatCores,
  formatCount,
  formatInterval,
  formatLatency,
  formatMb,
  formatMs,
  formatRate,
  formatRatio,
  formatShare,
  noValue,
} from "../page/format.ts";
import { numeric, type TextTable } from "../page/text-table.ts";
import { boundBy } from "./answer.ts";
import { everyObserver, hasFaults, isForeign } from "./observers.ts";
import type { ArmView, RunView } from "./run-view.ts";

/** Every outcome, by arm: nothing is hidden in a rate. */
export function outcomeTable({ arms }: RunView): TextTable {
  const interrupted = arms.some(({ record }) => record.interrupted);
  const faulty = arms.some(hasFaults);
  return {
    caption: "What became of the transactions",
    columns: [
      { title: "Arm" },
      ...numeric("Offered", "Committed", "Failed", "Rejected", "Lost", "Never sent"),
      ...numeric(...(interrupted ? ["In flight when interrupted"] : [])),
      ...numeric(...(faulty ? ["Committed while a validator was down"] : [])),
    ],
    rows: arms.map(({ record, analysis: { counts, audit } }) => [
      record.name,
      ...[
        counts.offered,
        counts.committed,
        counts.failed,
        counts.rejected,
        counts.lost,
        counts.unsent,
        ...(interrupted ? [counts.inFlight] : []),
        ...(faulty ? [audit.committedWhileDown] : []),
      ].map(formatCount),
    ]),
  };
}

/** Every candidate against the baseline; empty without a comparison. */
export function comparisonTable({ analysis }: RunView): TextTable {
  const interval = (value: Interval | null): string => formatInterval(value, formatRatio);
  return {
    caption: "Each candidate against the baseline",
    columns: [
      { title: "Candidate" },
      { title: "Baseline" },
      ...numeric("Throughput", "95 % interval", "Mean latency", "95 % interval", "Scaling efficiency"),
      { title: "Order" },
      { title: "Intervals" },
    ],
    rows: analysis.comparisons.map((own) => [
      own.candidate,
      own.baseline,
      `${formatRatio(own.speedup)}×`,
      interval(own.speedupInterval),
      own.latencyRatio === null
        ? noValue
        : `${own.latencyRatioExact ? "" : "about\u00a0"}${formatRatio(own.latencyRatio)}×`,
      interval(own.latencyRatioInterval),
      own.carriedLoad ? noValue : formatShare(own.scalingEfficiency),
      own.carriedLoad ? "both carried their load" : own.ranking,
      `${own.intervalsFrom === "repetitions" ? "over repetitions" : "within one run"}${own.basis === "steady" ? "" : ", whole runs"}`,
    ]),
  };
}

/** Throughput at the three thresholds, with the interval within the run. */
export function throughputTable({ arms }: RunView): TextTable {
  return {
    caption: "Throughput in the steady window, transactions a second",
    columns: [
      { title: "Arm" },
      ...numeric(capitalize(everyObserver(arms)), "95 % interval", "Quorum", "First", "Window"),
    ],
    rows: arms.map(({ record, analysis: { throughput, window } }) => [
      record.name,
      formatRate(throughput.all),
      formatInterval(throughput.interval, formatRate),
      formatRate(throughput.quorum),
      formatRate(throughput.first),
      `${window.seconds.toFixed(1)}\u00a0s`,
    ]),
  };
}

const figures: readonly LatencyStatistic[] = ["mean", "p50", "p90", "p95", "p99", "max"];

/** Latency from the scheduled time at each threshold; and from the actual send at the headline. */
export function latencyTable({ arms }: RunView): TextTable {
  const rows = arms.flatMap((arm) => [
    ...[...thresholds]
      .reverse()
      .map((threshold) => [
        arm.record.name,
        thresholdName(arm, threshold),
        ...figures.map((figure) => formatLatency(arm.analysis.latencyMs[threshold], figure)),
      ]),
    [
      arm.record.name,
      "all, from the actual send",
      ...figures.map((figure) => formatLatency(arm.analysis.latencyFromSendMs.all, figure)),
    ],
  ]);
  return {
    caption: "Latency from the scheduled time",
    columns: [
      { title: "Arm" },
      { title: "Committed on" },
      ...numeric("Mean", "p50", "p90", "p95", "p99", "Max"),
    ],
    rows,
  };
}

function thresholdName(arm: ArmView, threshold: Threshold): string {
  if (threshold === "all") return everyObserver([arm]);
  return threshold === "quorum" ? "quorum" : `first ${isForeign(arm) ? "endpoint" : "validator"}`;
}

/** The verdict on each arm and the figures it rests on. */
export function bottleneckTable({ arms }: RunView): TextTable {
  return {
    caption: "Evidence",
    columns: [
      { title: "Arm" },
      { title: "Bound by" },
      ...numeric(
        "Blocks full",
        "CPUs busy",
        "Driver cores",
        "Block interval / period",
        "Sent in time",
        "Sender lag, mean",
      ),
    ],
    rows: arms.map(({ record, analysis: { bottleneck, load } }) => [
      record.name,
      boundBy[bottleneck.verdict],
      formatShare(bottleneck.evidence.fullShare),
      formatShare(bottleneck.evidence.cpuShare),
      formatCores(bottleneck.evidence.driverCores),
      formatShare(bottleneck.evidence.intervalRatio),
      formatShare(bottleneck.evidence.achievedShare),
      formatMs(load.lagMs?.mean ?? null),
    ]),
  };
}

/** The distance to the bounds that are known beforehand. */
export function boundsTable({ arms }: RunView): TextTable {
  const rate = (value: number | null): string => (value === null ? noValue : formatRate(value));
  return {
    caption: "Distance to the bounds, transactions a second",
    columns: [
      { title: "Arm" },
      ...numeric("Measured", "Protocol bound", "Share of it", "Signature bound", "Share of it"),
    ],
    rows: arms.map(({ record, analysis: { throughput, efficiency } }) => [
      record.name,
      formatRate(throughput.all),
      rate(efficiency.protocolBoundTps),
      formatShare(efficiency.protocolShare),
      rate(efficiency.signatureBoundTps),
      formatShare(efficiency.signatureShare),
    ]),
  };
}

/** The blocks of the steady window. */
export function blocksTable({ arms }: RunView): TextTable {
  return {
    caption: "Blocks in the steady window",
    columns: [
      { title: "Arm" },
      ...numeric(
        "Blocks",
        "Empty",
        "Full",
        "Transactions, mean",
        "Interval, mean",
        "First to last validator",
        "Later rounds",
      ),
    ],
    rows: arms.map(({ record, analysis: { blocks } }) => [
      record.name,
      formatCount(blocks.blocks),
      formatCount(blocks.empty),
      formatShare(blocks.fullShare),
      blocks.meanTransactions === null ? noValue : formatRate(blocks.meanTransactions),
      formatMs(blocks.meanIntervalMs),
      formatMs(blocks.meanSpreadMs),
      formatCount(blocks.laterRounds),
    ]),
  };
}

/** CPU and memory by kind of process. */
export function resourceTable({ arms }: RunView): TextTable {
  return {
    caption: "Cores in the steady window, and peak memory over the arm",
    columns: [
      { title: "Arm" },
      ...numeric(
        "Machine",
        "Driver",
        "All validators",
        "Other processes",
        "Driver memory",
        "Largest validator",
        "Machine memory",
      ),
    ],
    rows: arms.map(({ record, analysis: { resources } }) => {
      const validators = resources.processes.filter(({ role }) => role === "validator");
      const cores = validators.reduce((sum, { meanCores }) => sum + (meanCores ?? 0), 0);
      return [
        record.name,
        formatCores(resources.machineCores),
        formatCores(resources.driverCores),
        validators.length === 0 ? noValue : formatCores(cores),
        formatCores(resources.foreignCores),
        formatMb(resources.peakRssMb.driver),
        formatMb(resources.peakRssMb.validatorMax),
        formatMb(resources.peakRssMb.machine),
      ];
    }),
  };
}

/** CPU and memory of every process. */
export function processTable({ arms }: RunView): TextTable {
  return {
    caption: "Processes: cores in the steady window, peak memory over the arm",
    columns: [{ title: "Process" }, { title: "Arm" }, ...numeric("Cores, mean", "Cores, p95", "Peak memory")],
    rows: arms.flatMap(({ record, analysis: { resources } }) =>
      resources.processes.map((process) => [
        process.label,
        record.name,
        formatCores(process.meanCores),
        formatCores(process.p95Cores),
        formatMb(process.peakRssMb),
      ]),
    ),
  };
}

/** Every repetition of every arm; empty when nothing was repeated. */
export function repetitionTable({ analysis, arms }: RunView): TextTable {
  const repeated = analysis.arms.length > arms.length;
  return {
    caption: "Repetitions",
    columns: [{ title: "Arm" }, ...numeric("Repetition", "Transactions a second", "Mean latency", "Lost")],
    rows: (repeated ? analysis.arms : []).map((arm) => [
      arm.name,
      String(arm.repetition + 1),
      formatRate(arm.throughput.all),
      formatLatency(arm.latencyMs.all, "mean"),
      formatCount(arm.counts.lost),
    ]),
  };
}
