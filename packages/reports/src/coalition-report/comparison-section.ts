import type { Estimate, MethodEstimates, OverSeeds } from "@sheaf/measure";
import type { ChartSpec } from "../charts/chart-spec.ts";
import { compact } from "../charts/compact.ts";
import { formatCount, noValue, plural } from "../page/format.ts";
import { chartsPart, type ReportSection, tablePart } from "../page/report-part.ts";
import { numeric, type TextTable } from "../page/text-table.ts";
import type { CoalitionView } from "./coalition-view.ts";
import { methodLooks } from "./methods.ts";
import { formatGain, formatUtility } from "./utility-format.ts";

/** Beside other ways to form coalitions: in the run's own scenario, and over seeds. */
export function comparisonSection(view: CoalitionView): ReportSection | null {
  const { comparison } = view.record;
  const { overSeeds } = comparison;
  if (comparison.alternatives.length === 0 && overSeeds === null) return null;
  return {
    id: "comparison",
    title: "Beside alternatives",
    lead: `The same miners in other partitions. ${comparison.fairness}`,
    parts: [
      ...tablePart(ownTable(view)),
      ...(overSeeds === null
        ? []
        : [
            ...chartsPart(seedChart(view, overSeeds)),
            ...tablePart(
              estimateTable(overSeeds, {
                caption: `Over ${plural(overSeeds.seeds, "seed")}${comparison.seeds === null ? "" : ` (${comparison.seeds})`}: mean and 95 % interval`,
              }),
            ),
          ]),
    ],
  };
}

function ownTable({ record }: CoalitionView): TextTable {
  return {
    caption: "In this run's scenario",
    columns: [
      { title: "Partition" },
      ...numeric("Coalitions", "Sum of utilities", "Least utility", "Mean gain", "Fairness"),
    ],
    rows: record.comparison.alternatives.map(({ name, coalitions, sum, minimum, meanGain, fairness }) => [
      methodLooks[name].name,
      formatCount(coalitions),
      formatUtility(sum),
      formatUtility(minimum),
      formatGain(meanGain),
      fairness === null ? noValue : fairness.toFixed(2),
    ]),
  };
}

/** [CRECORD.9] Rows of means with their intervals; `lead` are the first cells of each row. */
export function estimateTable({ rows }: OverSeeds, options: { readonly caption: string }): TextTable {
  return {
    caption: options.caption,
    columns: [{ title: "Partition" }, ...estimateColumns],
    rows: rows.map((row) => [methodLooks[row.name].name, ...estimateCells(row)]),
  };
}

/** The columns of `estimateCells`. */
export const estimateColumns = numeric(
  "Coalitions",
  "Sum of utilities",
  "Least utility",
  "Mean gain",
  "Fairness",
);

/** [CRECORD.9] "12.3 (11.9 to 12.7)" for each figure of a method. */
export function estimateCells(row: MethodEstimates): readonly string[] {
  return [
    estimateText(row.coalitions, formatUtility),
    estimateText(row.sum, formatUtility),
    estimateText(row.minimum, formatUtility),
    estimateText(row.meanGain, formatGain),
    row.fairness === null ? noValue : estimateText(row.fairness, (value) => value.toFixed(2)),
  ];
}

function estimateText({ mean, low, high }: Estimate, format: (value: number) => string): string {
  return low === null || high === null
    ? format(mean)
    : `${format(mean)} (${format(low)}\u00a0to\u00a0${format(high)})`;
}

/** Mean gain by method with whiskers; those whose loss would flatten the rest are left to the table. */
function seedChart({ record }: CoalitionView, { rows, seeds }: OverSeeds): ChartSpec | null {
  const { kept, left } = readable(rows);
  if (kept.length < 2) return null;
  return {
    id: "gain-by-method",
    title: "Mean gain by partition, over seeds",
    description: `Over being alone; mean of ${plural(seeds, "seed")}, whiskers are 95 % intervals.${leftOut(left)}`,
    x: { label: "Partition", format: "count", names: kept.map(({ name }) => methodLooks[name].name) },
    y: { label: record.model.utilityUnit || "Utility", format: "number" },
    series: [
      {
        label: "mean gain",
        color: "c1",
        style: "bar",
        points: kept.map(({ meanGain }, i) => [i, compact(meanGain.mean)] as const),
        interval: kept.flatMap(({ meanGain: { low, high } }, i) =>
          low === null || high === null ? [] : [[i, compact(low), compact(high)] as const],
        ),
      },
    ],
  };
}

/** Methods whose mean loss is not far beyond the largest mean gain, and those whose is. */
export function readable(rows: readonly MethodEstimates[]): {
  readonly kept: readonly MethodEstimates[];
  readonly left: readonly MethodEstimates[];
} {
  const top = Math.max(0, ...rows.map(({ meanGain }) => meanGain.mean));
  const isKept = ({ meanGain }: MethodEstimates): boolean => top === 0 || meanGain.mean > -3 * top;
  return { kept: rows.filter(isKept), left: rows.filter((row) => !isKept(row)) };
}

/** A sentence about methods that a chart leaves to the table; empty without any. */
export function leftOut(left: readonly MethodEstimates[]): string {
  if (left.length === 0) return "";
  const names = left.map(({ name }) => methodLooks[name].name).join(", ");
  return ` Far below, so in the table only: ${names}.`;
}
