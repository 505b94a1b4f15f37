import type { CoalitionMethod, CoalitionSweep, MethodEstimates } from "@sheaf/measure";
import type { ChartSpec, SeriesSpec } from "../charts/chart-spec.ts";
import { compact } from "../charts/compact.ts";
import { capitalize } from "../page/format.ts";
import { chartsPart, type ReportSection, tablePart } from "../page/report-part.ts";
import type { TextTable } from "../page/text-table.ts";
import type { CoalitionView } from "./coalition-view.ts";
import { estimateCells, estimateColumns, leftOut, readable } from "./comparison-section.ts";
import { methodLooks } from "./methods.ts";
import { formatUtility, withUnit } from "./utility-format.ts";

/** What becomes of coalitions when one parameter moves. */
export function sweepSection(view: CoalitionView): ReportSection | null {
  const sweeps = view.record.comparison.sweeps.filter(({ points }) => points.length > 0);
  if (sweeps.length === 0) return null;
  return {
    id: "sweeps",
    title: "When parameters move",
    lead: "One parameter moves, all others stay. Lines are means over seeds, the same seeds at every point and for every method; bands are 95 % intervals of the mean.",
    parts: sweeps.flatMap((sweep) => [
      ...chartsPart(gainChart(view, sweep), countChart(sweep)),
      ...tablePart(sweepTable(sweep), { folded: true }),
    ]),
  };
}

function labelOf({ parameter }: CoalitionSweep): string {
  return withUnit(capitalize(parameter.label), parameter.unit === "" ? "" : `(${parameter.unit})`);
}

function gainChart({ record }: CoalitionView, sweep: CoalitionSweep): ChartSpec | null {
  const all = sweep.points.flatMap(({ rows }) => rows);
  const shown = new Set(readable(all).kept.map(({ name }) => name));
  const cut = readable(all).left.filter(
    ({ name }, i, left) => left.findIndex((other) => other.name === name) === i,
  );
  for (const { name } of cut) shown.delete(name);
  return {
    id: `sweep-gain-${slug(sweep)}`,
    title: `Mean gain by ${sweep.parameter.label}`,
    description: `Over being alone, which is the line at zero.${leftOut(cut)}`,
    x: { label: labelOf(sweep), format: "number", ...edges(sweep) },
    y: { label: record.model.utilityUnit || "Utility", format: "number" },
    series: [...shown].map((name) => seriesOf(sweep, name, "meanGain")),
  };
}

function countChart(sweep: CoalitionSweep): ChartSpec | null {
  const named = new Set(sweep.points.flatMap(({ rows }) => rows.map(({ name }) => name)));
  const shown = (["merge-and-split", "best-sum", "singletons"] as const).filter((name) => named.has(name));
  if (shown.length === 0) return null;
  return {
    id: `sweep-coalitions-${slug(sweep)}`,
    title: `Number of coalitions by ${sweep.parameter.label}`,
    description: "As many as miners means that everybody is alone; one means that all are together.",
    x: { label: labelOf(sweep), format: "number", ...edges(sweep) },
    y: { label: "Coalitions", format: "count" },
    series: shown.map((name) => seriesOf(sweep, name, "coalitions")),
  };
}

function seriesOf(
  { points }: CoalitionSweep,
  name: CoalitionMethod,
  figure: "meanGain" | "coalitions",
): SeriesSpec {
  const at = (rows: readonly MethodEstimates[]) => rows.find((row) => row.name === name)?.[figure];
  const { name: label, color, style } = methodLooks[name];
  return {
    label,
    color,
    style,
    points: points.map(({ value, rows }) => {
      const mean = at(rows)?.mean;
      return [value, mean === undefined ? null : compact(mean)] as const;
    }),
    interval: points.flatMap(({ value, rows }) => {
      const { low = null, high = null } = at(rows) ?? {};
      return low === null || high === null ? [] : [[value, compact(low), compact(high)] as const];
    }),
  };
}

/** The axis ends where the sweep does. */
function edges({ points }: CoalitionSweep): { readonly min: number; readonly max: number } {
  const values = points.map(({ value }) => value);
  return { min: Math.min(...values), max: Math.max(...values) };
}

function slug({ parameter }: CoalitionSweep): string {
  return parameter.name.replaceAll(/[^A-Za-z0-9]+/g, "-");
}

function sweepTable(sweep: CoalitionSweep): TextTable {
  const seeds = [...new Set(sweep.points.map(({ seeds }) => seeds))].join(", ");
  return {
    caption: `Sweep of ${sweep.parameter.label}, ${seeds} seeds a point: mean and 95 % interval`,
    columns: [{ title: labelOf(sweep) }, { title: "Partition" }, ...estimateColumns],
    rows: sweep.points.flatMap(({ value, rows }) =>
      rows.map((row) => [formatUtility(value), methodLooks[row.name].name, ...estimateCells(row)]),
    ),
  };
}
