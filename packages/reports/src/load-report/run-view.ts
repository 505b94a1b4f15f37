import {
  type ArmAnalysis,
  type ArmData,
  type ArmRecord,
  type ArmSeries,
  analyseRun,
  armSeries,
  latencySample,
  logicalTransactions,
  medianArms,
  type PercentilePoint,
  percentileCurve,
  type RunAnalysis,
  type RunData,
  type RunRecord,
  type RunSummary,
  summarizeAnalysis,
} from "@sheaf/measure";
import type { ColorToken } from "../charts/chart-spec.ts";

/** One arm as the report shows it: its median repetition. */
export interface ArmView {
  /** Its name as part of an identifier. */
  readonly slug: string;
  readonly record: ArmRecord;
  readonly analysis: ArmAnalysis;
  readonly data: ArmData;
  readonly series: ArmSeries;
  /** Latency from scheduled to seen on all validators. */
  readonly curve: readonly PercentilePoint[];
  readonly color: ColorToken;
  /** One for each chain. */
  readonly chainColors: readonly ColorToken[];
}

/** Everything a report is made from, derived once. */
export interface RunView {
  readonly record: RunRecord;
  readonly analysis: RunAnalysis;
  readonly summary: RunSummary;
  readonly arms: readonly ArmView[];
}

/** Colours of the arms of each role, in the order of the record. */
const roleColors: Readonly<Record<ArmRecord["role"], readonly ColorToken[]>> = {
  candidate: ["c1", "c3", "c5"],
  baseline: ["c2"],
  control: ["c4", "c6"],
};

/** Colours of the chains of one arm: its own first, then those that differ most beside it. */
const chainPalette: readonly ColorToken[] = ["c1", "c5", "c3", "c6", "c4", "c2"];

/** Derives the view of a run. `dir` is its folder as the summary names it. */
export function createRunView(record: RunRecord, data: RunData, dir: string): RunView {
  const analysis = analyseRun(record, data);
  const arms = medianArms(record, analysis).map((arm, at, all) => {
    const own = data.arms[arm.index] as ArmData;
    const { role } = arm.record;
    const before = all.slice(0, at).filter((other) => other.record.role === role).length;
    const color = roleColors[role][before % roleColors[role].length] as ColorToken;
    return {
      slug: slugOf(arm.record.name),
      record: arm.record,
      analysis: arm.analysis,
      data: own,
      series: armSeries(own.transactions, arm.record.chains),
      curve: latencyCurve(arm.record, arm.analysis, own),
      color,
      chainColors: chainColors(color, arm.record.chains),
    };
  });
  return { record, analysis, summary: summarizeAnalysis(record, analysis, dir), arms };
}

function latencyCurve(record: ArmRecord, analysis: ArmAnalysis, data: ArmData): readonly PercentilePoint[] {
  const sample = latencySample(logicalTransactions(data.transactions), {
    threshold: "all",
    origin: "scheduled",
    window: analysis.window,
    drainEndMs: record.drainEndMs,
  });
  return percentileCurve(sample);
}

function chainColors(own: ColorToken, chains: number): readonly ColorToken[] {
  const order = [own, ...chainPalette.filter((color) => color !== own)];
  return Array.from({ length: chains }, (_, chain) => order[chain % order.length] as ColorToken);
}

function slugOf(name: string): string {
  return (
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-|-$/g, "") || "arm"
  );
}
