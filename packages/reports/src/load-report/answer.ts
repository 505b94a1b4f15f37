import type { ArmRecord, Bottleneck, Comparison } from "@sheaf/measure";
import {
  capitalize,
  formatInterval,
  formatLatency,
  formatMs,
  formatRate,
  formatRatio,
  formatShare,
  numberWord,
  plural,
} from "../page/format.ts";
import type { ArmView, RunView } from "./run-view.ts";

/** What bound an arm, so that it can follow "bound by". */
export const boundBy: Readonly<Record<Bottleneck, string>> = {
  protocol: "its block limits",
  cpu: "the CPU",
  generator: "the load generator",
  memory: "memory",
  load: "the load it was offered",
  unknown: "something that was not observed",
};

/** The run's answer in one sentence. */
export function answerOf({ analysis, arms }: RunView): string {
  const { comparison } = analysis;
  if (comparison !== null) return comparisonAnswer(comparison, arms);
  const [arm] = arms;
  if (arm === undefined) return "Nothing was run.";
  const { throughput, latencyMs, counts } = arm.analysis;
  if (counts.committed === 0) return `${capitalize(chainsOf(arm.record))} committed nothing.`;
  return `${capitalize(chainsOf(arm.record))} of ${numberWord(arm.record.validatorsPerChain)} validators ${
    arm.record.chains === 1 ? "commits" : "commit"
  } ${formatRate(throughput.all)} transactions a second, seen on all validators after ${formatLatency(
    latencyMs.all,
    "mean",
  )} on average.`;
}

/** Why: what bound each arm, and how much the comparison can be trusted. */
export function explanationOf({ analysis, arms }: RunView): string {
  const sentences = arms.map(({ record, analysis: arm }) => {
    const { verdict, reason } = arm.bottleneck;
    return `${capitalize(record.name)} was bound by ${boundBy[verdict]} (${reason}).`;
  });
  const { comparison, problems } = analysis;
  if (problems.length > 0)
    sentences.unshift(`${capitalize(plural(problems.length, "problem"))}, listed below.`);
  if (comparison?.intervalsFrom === "within-run") {
    sentences.push("With one repetition each, intervals show the variation within the run only.");
  }
  return sentences.join(" ");
}

/** "one chain", "three parallel chains". */
export function chainsOf(arm: Pick<ArmRecord, "chains">): string {
  return arm.chains === 1 ? "one chain" : `${numberWord(arm.chains)} parallel chains`;
}

function comparisonAnswer(comparison: Comparison, arms: readonly ArmView[]): string {
  const [candidate, baseline] = namesOf(comparison, arms);
  const { ranking, tps, speedup, latencyRatio } = comparison;
  if (ranking === "unranked" && tps.baseline !== null && tps.candidate !== null) {
    const intervals = [tps.candidate, tps.baseline].map((interval) => formatInterval(interval, formatRate));
    return `${capitalize(candidate)} and ${baseline} cannot be ranked: their throughput intervals overlap (${intervals.join(" and ")} a second).`;
  }
  const latency = latencyRatio === null ? "" : `, at ${formatRatio(latencyRatio)}× its mean latency`;
  const short = ranking === "unranked" ? ", in a run too short to rank them" : "";
  return `${capitalize(candidate)} reached ${formatRatio(speedup)}× the throughput of ${baseline}${latency}${short}.`;
}

/** The two contenders in words: by their chains where these differ, else by their names. */
function namesOf(
  comparison: Comparison,
  arms: readonly ArmView[],
): readonly [candidate: string, baseline: string] {
  const find = (name: string): ArmRecord | undefined =>
    arms.find(({ record }) => record.name === name)?.record;
  const [candidate, baseline] = [find(comparison.candidate), find(comparison.baseline)];
  if (candidate === undefined || baseline === undefined || candidate.chains === baseline.chains) {
    return [comparison.candidate, comparison.baseline];
  }
  return [chainsOf(candidate), chainsOf(baseline)];
}

/** Facts of an arm, each a label and a value, for its card and for the text summary. */
export function armFacts({
  record,
  analysis,
}: ArmView): readonly (readonly [label: string, value: string])[] {
  const { latencyMs, bottleneck, efficiency, counts, window } = analysis;
  const mode =
    record.mode.kind === "windowed"
      ? `at most ${formatRate(record.mode.window)} in flight`
      : `${formatRate(record.mode.ratePerSecond)} a second, ${record.mode.arrivals} arrivals`;
  return [
    ["Bound by", `${boundBy[bottleneck.verdict]} (${bottleneck.reason})`],
    ["Latency p50, p99", `${formatLatency(latencyMs.all, "p50")}, ${formatLatency(latencyMs.all, "p99")}`],
    ["Network", `${record.chains} × ${record.validatorsPerChain} validators, ${limitsOf(record)}`],
    ["Load", `${formatRate(counts.offered)} ${record.workload.name} transactions, ${mode}`],
    [
      "Measured over",
      window.basis === "steady"
        ? `${window.seconds.toFixed(1)} s, steady`
        : `${window.seconds.toFixed(1)} s, whole run`,
    ],
    ["Signature bound", `${formatShare(efficiency.signatureShare)} of all cores`],
  ];
}

/** The protocol limits of an arm in words. */
export function limitsOf({ limits }: Pick<ArmRecord, "limits">): string {
  const parts = [
    limits.maxTransactionsPerBlock === null
      ? null
      : `${formatRate(limits.maxTransactionsPerBlock)} transactions`,
    limits.blockGasLimit === null ? null : `${formatRate(limits.blockGasLimit / 1e6)}\u00a0M gas`,
  ].filter((part) => part !== null);
  const period = limits.blockPeriodMs === null ? "" : ` every ${formatMs(limits.blockPeriodMs)}`;
  return parts.length === 0 ? `no limit known${period}` : `blocks of at most ${parts.join(" and ")}${period}`;
}
