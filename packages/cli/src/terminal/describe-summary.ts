import type {
  ArmSummary,
  CoalitionSummary,
  ComparisonSummary,
  PaymentSummary,
  QualitySummary,
  RunSummary,
  TrainingSummary,
} from "@sheaf/measure";
import { plural } from "@sheaf/reports";
import { formatCount } from "./progress.ts";

/** The answer for a terminal: each arm, each comparison, and whatever a reader must know with them. */
export function describeSummary(summary: RunSummary | TrainingSummary | CoalitionSummary): readonly string[] {
  if (summary.schema === "sheaf.train/1") return describeTraining(summary);
  if (summary.schema === "sheaf.coalition/1") return describeCoalition(summary);
  return [
    ...summary.arms.flatMap(describeArm),
    ...summary.comparisons.map(describeComparison),
    ...summary.problems.map((problem) => `invalid: ${problem}`),
    ...summary.warnings.map((warning) => `remark: ${warning}`),
    `report: ${summary.dir}/report.html`,
  ];
}

/** Larger partitions are in the report. */
const SHOWN_COALITIONS = 24;

function describeCoalition(summary: CoalitionSummary): readonly string[] {
  const { miners, coalitions, best, iterations, stability, meanGain, chain, dir } = summary;
  const list = coalitions.slice(0, SHOWN_COALITIONS).map((members) => `{${members.join(", ")}}`);
  const more = coalitions.length > list.length ? ` and ${coalitions.length - list.length} more` : "";
  const fit =
    chain === null
      ? []
      : [
          `chain: ${formatCount(chain.blocks)} blocks, ${
            chain.chiSquareP === null
              ? "too few for a test against the predicted shares"
              : `p ${chain.chiSquareP.toFixed(3)} that chance alone strays as far from the predicted shares`
          }`,
        ];
  return [
    `coalitions: ${coalitions.length} of ${plural(miners, "miner")} after ${plural(iterations, "step")}: ${list.join(" ")}${more}`,
    `stability: ${stability.statement}`,
    `gain: ${Number(meanGain.toPrecision(4))} a miner on average; best coalition {${best.join(", ")}}`,
    ...fit,
    `report: ${dir}/report.html`,
  ];
}

function describeTraining(summary: TrainingSummary): readonly string[] {
  const { accuracy, rmse, rounds, privacy, aggregationErrorMax, payments, trades, jobs } = summary;
  const epsilon = privacy.epsilonMax === null ? "" : `, epsilon at most ${privacy.epsilonMax.toFixed(3)}`;
  const error = aggregationErrorMax === null ? "not known" : aggregationErrorMax.toExponential(2);
  return [
    accuracy !== null
      ? `accuracy: ${describeQuality(accuracy, (share) => `${(100 * share).toFixed(1)} %`)}`
      : `error (RMSE): ${describeQuality(rmse, (value) => String(Number(value.toPrecision(3))))}`,
    `${plural(rounds, "round")}, privacy: ${privacy.mode}${epsilon}; aggregation error at most: ${error}`,
    describePayments(payments),
    `${plural(trades, "trade")} on chain; value ${summary.conserved ? "is conserved" : "is NOT known to be conserved"}`,
    ...(jobs === undefined
      ? []
      : [
          `${jobs.count} jobs, ${jobs.settled} settled, ${jobs.refunded} refunded: ${plural(jobs.rounds, "round")}, ${plural(jobs.trades, "trade")}, ${describePayments(jobs.payments)}`,
        ]),
    `report: ${summary.dir}/report.html`,
  ];
}

function describeQuality(quality: QualitySummary | undefined, format: (value: number) => string): string {
  const figure = (value: number | null | undefined): string =>
    value === null || value === undefined ? "unknown" : format(value);
  return `${figure(quality?.final)}; all data in one place ${figure(quality?.central)}, each owner alone ${figure(quality?.localMean)} on average`;
}

function describePayments({ price, toOwners, toAnalyst, refund }: PaymentSummary): string {
  const locked = BigInt(price) - BigInt(toOwners) - BigInt(toAnalyst) - BigInt(refund);
  const rest = locked === 0n ? "" : `, ${locked} still locked in the market`;
  return `price ${price}: ${toOwners} to owners, ${toAnalyst} to the analyst, ${refund} back to the consumer${rest}`;
}

function describeArm(arm: ArmSummary): readonly string[] {
  const { all } = arm.latencyMs;
  const figure = (name: "mean" | "p99"): string =>
    `${name} ${all.atLeast?.includes(name) ? "at least " : ""}${seconds(all[name])}`;
  const network = `${arm.chains} x ${arm.validatorsPerChain} validators`;
  const window = arm.basis === "steady" ? "" : " over the whole run";
  const missing = [
    [arm.lost, "lost"],
    [arm.failed, "failed"],
    [arm.rejected, "rejected"],
    [arm.inFlight, "in flight when interrupted"],
  ]
    .filter(([count]) => count !== 0)
    .map(([count, what]) => `, ${formatCount(count as number)} ${what}`);
  return [
    `${arm.name} (${network}): ${formatCount(arm.tps)} TPS${window}, latency ${figure("mean")}, ${figure("p99")}; ` +
      `${formatCount(arm.committed)} of ${formatCount(arm.offered)} committed${missing.join("")}`,
    `  bound by: ${arm.bottleneck}${describeBounds(arm)}`,
  ];
}

/** Throughput x validators x recovery time / cores, and the distance to the two hard bounds. */
function describeBounds({ efficiency }: ArmSummary): string {
  const { signatureShare, signatureBoundTps, protocolBoundTps } = efficiency;
  const protocol = protocolBoundTps === null ? "" : `; protocol limits ${formatCount(protocolBoundTps)} TPS`;
  if (signatureShare === null || signatureBoundTps === null) return protocol;
  const share = `${(100 * signatureShare).toFixed(1)} %`;
  return `${protocol}; signatures took ${share} of all cores, their bound is ${formatCount(signatureBoundTps)} TPS`;
}

function describeComparison(comparison: ComparisonSummary): string {
  const { baseline, candidate, speedup, interval, latencyRatio, carriedLoad } = comparison;
  const ratio = latencyRatio === null ? "" : `, mean latency x ${latencyRatio.toFixed(2)}`;
  if (carriedLoad) return `${candidate} against ${baseline}: both carried the load${ratio}`;
  const range =
    interval === null
      ? ""
      : ` (95 % interval ${interval.low.toFixed(2)} to ${interval.high.toFixed(2)}${
          comparison.intervalsFrom === "within-run" ? ", within this one run" : ""
        })`;
  const rank = comparison.ranked ? "" : "; the intervals do not rank them";
  return `${candidate} against ${baseline}: speed-up ${speedup.toFixed(2)}${range}${ratio}${rank}`;
}

function seconds(ms: number | null): string {
  return ms === null ? "unknown" : `${(ms / 1000).toFixed(2)} s`;
}
