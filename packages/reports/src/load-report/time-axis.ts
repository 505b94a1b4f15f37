import type { Fault } from "@sheaf/measure";
import type { AxisSpec, ChartSpec } from "../charts/chart-spec.ts";
import { compact } from "../charts/compact.ts";
import type { ArmView } from "./run-view.ts";

/** Time since the arm's start barrier. */
export const timeAxis: AxisSpec = { label: "Time since the start barrier", format: "seconds", min: 0 };

/** The steady window and the faults of an arm, to be drawn over a chart of time. */
export function timeMarks({ record, analysis }: ArmView): Pick<ChartSpec, "bands" | "marks"> {
  const { window } = analysis;
  const bands =
    window.basis === "steady"
      ? [{ from: toSeconds(window.startMs), to: toSeconds(window.endMs), label: "steady window" }]
      : [];
  return { bands, marks: record.faults.flatMap(faultMarks) };
}

/** The end of an axis that holds `value` and has round ticks. */
export function roundMax(value: number): number {
  const rough = value / 7;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((nice) => nice * power).find((nice) => nice >= rough) ?? rough;
  return compact(Math.ceil(value / step) * step);
}

/** Milliseconds as compact seconds. */
export function toSeconds(ms: number): number {
  return compact(ms / 1000);
}

/** At most `most` points: neighbours are averaged. */
export function thin(
  points: readonly (readonly [number, number])[],
  most: number,
): readonly (readonly [number, number])[] {
  const step = Math.ceil(points.length / most);
  if (step <= 1) return points.map(([x, y]) => [compact(x), compact(y)]);
  return Array.from({ length: Math.ceil(points.length / step) }, (_, i) => {
    const group = points.slice(i * step, (i + 1) * step);
    const mean = (axis: 0 | 1): number => group.reduce((sum, point) => sum + point[axis], 0) / group.length;
    return [compact(mean(0)), compact(mean(1))];
  });
}

function faultMarks(fault: Fault): NonNullable<ChartSpec["marks"]>[number][] {
  const target = [
    fault.chain === null ? "" : ` chain ${fault.chain}`,
    fault.validator === null ? "" : ` validator ${fault.validator}`,
  ].join("");
  const begin = { x: toSeconds(fault.startMs), label: `${fault.kind}${target}` };
  return fault.endMs === null ? [begin] : [begin, { x: toSeconds(fault.endMs), label: `${fault.kind} ends` }];
}
