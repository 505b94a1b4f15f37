import type { ArmRecord, Bottleneck, Comparison, Fault } from "@sheaf/measure";
import {
  capitalize,
  formatCount,
  formatInterval,
  formatLatency,
  formatMs,
  formatRate,
  formatRatio,
  formatShare,
  noValue,
  numberWord,
  plural,
} from "../page/format.ts";
import { everyObserver, isForeign, networkOf } from "./observers.ts";
import type { ArmView, RunView } from "./run-view.ts";

/** What bound an arm, so that it can follow "bound by". */
export const boundBy: Readonly<Record<Bottleneck, string>> = {
  protocol: "its block limits",
  cpu: "the CPU",
  consensus: "late consensus",
  generator: "the load generator",
  memory: "memory",
  load: "the load it was offered",
  unknown: "something that was not observed",
};

/** The run's answer in one sentence. */
export function answerOf({ analysis, arms }: RunView): string {
  const [comparison] = analysis.comparisons;
  if (comparison !== undefined) return comparisonAnswer(comparison, arms);
  const [arm] = arms;
  return arm === undefined ? "Nothing was run." : armAnswer(arm);
}

/** Why: what bound each arm, what was done to it, and how much the comparison can be trusted. */
export function explanationOf({ analysis, arms }: RunView): string {
  const { comparisons, problems } = analysis;
  return [
    ...(problems.length > 0 ? [`${capitalize(plural(problems.length, "problem"))}, listed below.`] : []),
    ...arms.map(({ record, analysis: { bottleneck } }) => {
      return `${capitalize(record.name)} was bound by ${boundBy[bottleneck.verdict]} (${bottleneck.reason}).`;
    }),
    ...arms.flatMap(faultSentences),
    ...comparisons.slice(0, 1).flatMap(trustSentences),
  ].join(" ");
}

/** "one chain", "three parallel chains". */
export function chainsOf(arm: Pick<ArmRecord, "chains">): string {
  return arm.chains === 1 ? "one chain" : `${numberWord(arm.chains)} parallel chains`;
}

function armAnswer(arm: ArmView): string {
  const { throughput, latencyMs, counts, bottleneck } = arm.analysis;
  const { chains, mode, validatorsPerChain } = arm.record;
  if (counts.committed === 0) return `${capitalize(chainsOf(arm.record))} committed nothing.`;
  const verb = chains === 1 ? "commits" : "commit";
  const latency = formatLatency(latencyMs.all, "mean");
  const seen = isForeign(arm) && validatorsPerChain === 1 ? "shown there" : `seen on ${everyObserver([arm])}`;
  if (mode.kind === "open-loop" && bottleneck.verdict === "load") {
    return `At ${formatRate(mode.ratePerSecond)} transactions a second, ${networkOf(arm)} ${verb} each in ${latency} on average, ${seen}.`;
  }
  return `${capitalize(networkOf(arm))} ${verb} ${formatRate(throughput.all)} transactions a second, ${seen} after ${latency} on average.`;
}

function comparisonAnswer(comparison: Comparison, arms: readonly ArmView[]): string {
  const [candidate, baseline] = namesOf(comparison, arms);
  const { ranking, tps, speedup, latencyRatio } = comparison;
  const once = comparison.intervalsFrom === "within-run" ? ", in one repetition each" : "";
  if (comparison.carriedLoad) {
    const mean = (name: string): string => {
      const own = arms.find(({ record }) => record.name === name);
      return own === undefined ? noValue : formatLatency(own.analysis.latencyMs.all, "mean");
    };
    return `${capitalize(candidate)} committed in ${mean(comparison.candidate)} on average, ${baseline} in ${mean(comparison.baseline)}: both carried the load they were offered.`;
  }
  if (ranking === "unranked" && tps.baseline !== null && tps.candidate !== null) {
    const intervals = [tps.candidate, tps.baseline].map((interval) => formatInterval(interval, formatRate));
    return `${capitalize(candidate)} and ${baseline} cannot be ranked: their throughput intervals overlap (${intervals.join(" and ")} a second).`;
  }
  const latency = latencyRatio === null ? "" : `, at ${formatRatio(latencyRatio)}× its mean latency`;
  const caveat = ranking === "unranked" ? ", in a run too short to rank them" : once;
  return `${capitalize(candidate)} reached ${formatRatio(speedup)}× the throughput of ${baseline}${latency}${caveat}.`;
}

/** How much a comparison can be trusted [COMPARE.5] [COMPARE.6] [COMPARE.7]. */
function trustSentences(comparison: Comparison): readonly string[] {
  const { basis, intervalsFrom, ranking, carriedLoad } = comparison;
  return [
    ...(basis === "whole-run"
      ? ["The comparison is over whole runs, ramp and drain included, because an arm has no steady window."]
      : []),
    ...(carriedLoad
      ? ["Neither arm was asked for more than it could do, so this run says nothing of capacity."]
      : []),
    ...(intervalsFrom === "within-run" && ranking !== "unranked"
      ? [
          "The order of the arms rests on one repetition each: intervals show the variation within the run only, and another run may differ by more.",
        ]
      : []),
  ];
}

/** What was done to an arm's validators, and what "all" means because of it [LATENCY.2]. */
function faultSentences({ record, analysis }: ArmView): readonly string[] {
  if (record.faults.length === 0) return [];
  const { committedWhileDown } = analysis.audit;
  const without =
    committedWhileDown === 0
      ? ""
      : ` ${capitalize(plural(committedWhileDown, "transaction"))} committed before the validator that was down had shown them.`;
  return [`Faults in ${record.name}: ${record.faults.map(describeFault).join("; ")}.${without}`];
}

/** "validator 3 of main killed at 2.00 s for 3.10 s". */
export function describeFault({ description, startMs, endMs }: Fault): string {
  const length = endMs === null ? "to the end" : `for ${formatMs(endMs - startMs)}`;
  return `${description}, at ${formatMs(startMs)} ${length}`;
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
export function armFacts(arm: ArmView): readonly (readonly [label: string, value: string])[] {
  const { record, analysis } = arm;
  const { latencyMs, bottleneck, efficiency, counts, window } = analysis;
  const mode =
    record.mode.kind === "windowed"
      ? `at most ${formatRate(record.mode.window)} in flight`
      : `${formatRate(record.mode.ratePerSecond)} a second, ${record.mode.arrivals} arrivals`;
  const basis = window.basis === "steady" ? "steady" : "whole run";
  return [
    ["Bound by", `${boundBy[bottleneck.verdict]} (${bottleneck.reason})`],
    ["Latency p50, p99", `${formatLatency(latencyMs.all, "p50")}, ${formatLatency(latencyMs.all, "p99")}`],
    ["Network", `${networkOf(arm)}, ${limitsOf(record)}`],
    ["Load", `${formatCount(counts.offered)} ${record.workload.name} transactions, ${mode}`],
    ["Measured over", `${window.seconds.toFixed(1)} s, ${basis}`],
    ...(record.faults.length === 0 ? [] : [["Faults", record.faults.map(describeFault).join("; ")] as const]),
    ...(efficiency.signatureShare === null
      ? []
      : [["Signature bound", `${formatShare(efficiency.signatureShare)} of all cores`] as const]),
  ];
}

/**
 * [LITTLE.1] Little's law: with a fixed number in flight the mean latency is that number over the throughput, and
 * no finding of its own. `null` when no arm is windowed.
 */
export function littlesLawNote({ arms }: RunView): string | null {
  const sums = arms.flatMap(({ record, analysis }) => {
    const tps = analysis.throughput.all;
    if (record.mode.kind !== "windowed" || !(tps > 0)) return [];
    const { window } = record.mode;
    return `${record.name}: ${formatCount(window)} / ${formatRate(tps)} a second = ${formatMs((1000 * window) / tps)}`;
  });
  if (sums.length === 0) return null;
  return `A window fixes how many transactions are in flight, so the mean latency is about the window divided by the throughput (Little's law; ${sums.join("; ")}). It is the throughput seen from the other side. For a statement on latency that does not follow from throughput, offer a load below capacity in an open loop.`;
}

/** The protocol limits of an arm in words. */
export function limitsOf({ limits }: Pick<ArmRecord, "limits">): string {
  const { maxTransactionsPerBlock: count, blockGasLimit: gas, blockBytes: bytes } = limits;
  const parts = [
    ...(count === null ? [] : [plural(count, "transaction")]),
    ...(gas === null ? [] : [`${formatRate(gas / 1e6)}\u00a0M gas`]),
    ...(bytes === null ? [] : [`${formatRate(bytes / 1000)}\u00a0kB`]),
  ];
  const period = limits.blockPeriodMs === null ? "" : ` every ${formatMs(limits.blockPeriodMs)}`;
  return parts.length === 0 ? `no limit known${period}` : `blocks of at most ${parts.join(", ")}${period}`;
}
