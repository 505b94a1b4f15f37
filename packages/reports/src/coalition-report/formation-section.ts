import type { ChartSpec } from "../charts/chart-spec.ts";
import { compact } from "../charts/compact.ts";
import { formatCount, formatMs, plural } from "../page/format.ts";
import { chartsPart, type ReportSection, tablePart } from "../page/report-part.ts";
import { numeric, type TextTable } from "../page/text-table.ts";
import { type CoalitionView, partitionText } from "./coalition-view.ts";
import { formatGain, formatUtility } from "./utility-format.ts";

/** How the search went, step by step, and what each miner has of it. */
export function formationSection(view: CoalitionView): ReportSection {
  return {
    id: "formation",
    title: "Merge and split",
    lead: "A merge or a split is made when nobody concerned has less by it and somebody has more. So the sum of utilities rises with every step, and the search ends.",
    parts: [
      ...chartsPart(courseChart(view, "sum"), courseChart(view, "minimum")),
      ...chartsPart(gainChart(view)),
      { kind: "facts", facts: searchFacts(view) },
      ...tablePart(stepTable(view), { folded: view.record.formation.steps.length > 12 }),
      ...tablePart(minerTable(view), { folded: true }),
    ],
  };
}

function courseChart({ record, analysis }: CoalitionView, figure: "sum" | "minimum"): ChartSpec | null {
  const { course } = analysis.formation;
  if (course.length < 2) return null;
  const values = course.map((own) => own[figure]);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const isFlat = high - low < 1e-9 * Math.max(1, Math.abs(high));
  return {
    id: `utility-${figure}`,
    title: figure === "sum" ? "Sum of utilities by step" : "Least utility by step",
    description:
      figure === "sum"
        ? "Over all miners; step 0 is the start. It must rise with every step."
        : "The utility of the miner that has least. Nobody loses by a step, so it never falls.",
    x: { label: "Step", format: "count", min: 0, whole: true },
    y: {
      label: record.model.utilityUnit || "Utility",
      format: "number",
      ...(isFlat ? {} : { min: floorOf(low, high) }),
    },
    series: [
      {
        label: figure === "sum" ? "sum" : "minimum",
        color: figure === "sum" ? "c1" : "c2",
        style: "line",
        points: values.map((value, step) => [step, compact(value)] as const),
      },
    ],
  };
}

/** Zero where that is near, else a round figure below the lowest: a rise of some percent would not be seen. */
function floorOf(low: number, high: number): number {
  if (low >= 0 && low < 2 * (high - low)) return 0;
  const unit = 10 ** Math.floor(Math.log10(high - low));
  return compact(Math.floor((low - 0.1 * (high - low)) / unit) * unit);
}

function gainChart({ record, analysis, id, color }: CoalitionView): ChartSpec | null {
  const { gains } = analysis.formation;
  if (gains.length > 120 || gains.every((gain) => gain === 0)) return null;
  const tokens = [...new Set(gains.map((_, player) => color(player)))].sort();
  const names = new Map<string, string[]>();
  for (const [i, members] of record.formation.final.entries()) {
    const key = color(members[0] as number);
    names.set(key, [...(names.get(key) ?? []), `C${i + 1}`]);
  }
  return {
    id: "gains",
    title: "Gain of each miner",
    description:
      "Utility at the end less utility alone. Colours are those of the coalitions above; who is alone has no gain.",
    x: { label: "Miner", format: "count", names: gains.map((_, player) => id(player)) },
    y: { label: record.model.utilityUnit || "Utility", format: "number" },
    series: tokens.map((token) => ({
      label: token === "muted" ? "alone" : (names.get(token) ?? []).join(", "),
      color: token,
      style: "bar",
      points: gains.flatMap((gain, player) =>
        color(player) === token ? [[player, compact(gain)] as const] : [],
      ),
    })),
  };
}

function searchFacts({ record }: CoalitionView): readonly (readonly [string, string])[] {
  const { rules, stoppedBecause, evaluations, durationMs } = record.formation;
  const merges =
    rules.maxMerge === null ? "any number of coalitions" : `at most ${plural(rules.maxMerge, "coalition")}`;
  const splits =
    rules.maxSplitParts === null ? "into any parts" : `into at most ${rules.maxSplitParts} parts`;
  const size =
    rules.maxSplitSize === null ? "" : `, of coalitions of at most ${formatCount(rules.maxSplitSize)}`;
  return [
    ["Tried", `merges of ${merges}; splits ${splits}${size}`],
    ["Ended because", stoppedBecause],
    ["Cost", `${formatCount(evaluations)} times a coalition's utilities, ${formatMs(durationMs)}`],
  ];
}

function stepTable(view: CoalitionView): TextTable {
  const { record, analysis, id } = view;
  return {
    caption: "Steps",
    columns: [
      { title: "Step" },
      { title: "Kind" },
      { title: "Before" },
      { title: "After" },
      { title: "Gains" },
      ...numeric("Sum before", "Sum after"),
    ],
    rows: record.formation.steps.map((step, i) => [
      String(i + 1),
      step.kind,
      partitionText(view, step.before),
      partitionText(view, step.after),
      step.players.length > 8
        ? `${plural(step.players.length, "miner")}, ${formatGain(total(step.utilitiesAfter) - total(step.utilitiesBefore))} in all`
        : step.players
            .map(
              (player, at) =>
                `${id(player)} ${formatGain((step.utilitiesAfter[at] as number) - (step.utilitiesBefore[at] as number))}`,
            )
            .join(", "),
      formatUtility(analysis.formation.course[i]?.sum as number),
      formatUtility(step.sum),
    ]),
  };
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function minerTable({ record, analysis, id, name }: CoalitionView): TextTable {
  const { alone, final } = record.utilities;
  const home = new Map(
    record.formation.final.flatMap((members) => members.map((player) => [player, name(members)] as const)),
  );
  const isSensing = record.players.some(({ ownValue }) => ownValue !== null);
  return {
    caption: "Miners",
    columns: [
      { title: "Miner" },
      { title: "Coalition" },
      ...numeric("Alone", "At the end", "Gain"),
      ...(isSensing ? numeric("Workers", "Own value, samples", "Power cost, tokens/s") : []),
    ],
    rows: record.players.map(({ workers, ownValue, powerCost }, player) => [
      id(player),
      home.get(player) ?? "",
      formatUtility(alone[player] as number),
      formatUtility(final[player] as number),
      formatGain(analysis.formation.gains[player] as number),
      ...(isSensing
        ? [
            formatCount(workers.length),
            ownValue === null ? "" : formatUtility(ownValue),
            powerCost === null ? "" : formatUtility(powerCost),
          ]
        : []),
    ]),
  };
}
