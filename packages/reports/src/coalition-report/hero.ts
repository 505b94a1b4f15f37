import type { CoalitionAlternative, CoalitionMethod } from "@sheaf/measure";
import type { ColorToken } from "../charts/chart-spec.ts";
import type { Block } from "../page/block.ts";
import type { Tile } from "../page/content-blocks.ts";
import { formatCount, formatShare } from "../page/format.ts";
import { type Contender, heroBlock } from "../page/hero-block.ts";
import { answerOf, explanationOf, shareOfBest } from "./answer.ts";
import { type CoalitionView, sizesText } from "./coalition-view.ts";
import { formatGain, formatP, formatUtility } from "./utility-format.ts";

/** The answer, whether it holds, and the figures behind it. */
export function coalitionHero(view: CoalitionView): Block {
  const { record } = view;
  return heroBlock({
    kicker: `${record.title} · ${record.runId}`,
    answer: answerOf(view),
    claim: record.claim,
    verdict: verdictOf(view),
    explanation: explanationOf(view),
    tiles: tilesOf(view),
    contenders: contendersOf(view),
  });
}

/** [CRECORD.8] Whether the run is valid, and what it was to show holds. */
export function verdictOf({ analysis }: CoalitionView): Parameters<typeof heroBlock>[0]["verdict"] {
  if (!analysis.valid) return { tone: "alert", label: "Not valid" };
  const results = analysis.findings.map(({ holds }) => holds);
  if (results.includes(false)) return { tone: "alert", label: "A check fails" };
  return results.includes(null)
    ? { tone: "warning", label: "Not all decided" }
    : { tone: "good", label: "All checks hold" };
}

/** The figures behind the answer; what is not known is left out. */
export function tilesOf(view: CoalitionView): readonly Tile[] {
  const { record, analysis } = view;
  const { formation, chain } = analysis;
  const best = shareOfBest(view);
  const unit = record.model.utilityUnit === "" ? "" : `${record.model.utilityUnit}, `;
  return [
    {
      label: "Coalitions",
      value: formatCount(record.formation.final.length),
      note: sizesText(record.formation.final),
    },
    { label: "Mean gain", value: formatGain(formation.meanGain), note: `${unit}over being alone` },
    ...(best === null
      ? []
      : [{ label: "Of the best gain", value: formatShare(best), note: "of all partitions" }]),
    {
      label: "Steps",
      value: formatCount(record.formation.steps.length),
      note: `${formatCount(record.formation.evaluations)} utilities computed`,
    },
    ...(chain === null || chain.fit.p === null
      ? []
      : [
          {
            label: "Blocks against shares",
            value: formatP(chain.fit.p),
            note: `${formatCount(chain.blocks)} blocks, ${formatCount(chain.epochs)} epochs`,
          },
        ]),
  ];
}

const shown: readonly (readonly [CoalitionMethod, string, ColorToken])[] = [
  ["merge-and-split", "Merge and split", "c1"],
  ["best-sum", "Best of all partitions", "c3"],
  ["singletons", "Everybody alone", "c2"],
];

/** Sums of utilities side by side; none where a bar could not show them. */
function contendersOf({ record }: CoalitionView): readonly Contender[] {
  const rows = shown.flatMap(([method, name, color]) => {
    const own = record.comparison.alternatives.find((row) => row.name === method);
    return own === undefined ? [] : [{ name, color, own }];
  });
  const top = Math.max(...rows.map(({ own }) => own.sum));
  if (rows.length < 2 || !(top > 0)) return [];
  return rows.map(({ name, color, own }) => ({
    name,
    color,
    readings: [
      { figure: formatUtility(own.sum), unit: `${record.model.utilityUnit || "utility"}, all miners` },
    ],
    share: Math.max(0, own.sum / top),
    facts: factsOf(own),
  }));
}

function factsOf({ coalitions, minimum, meanGain }: CoalitionAlternative): Contender["facts"] {
  return [
    ["Coalitions", formatCount(coalitions)],
    ["Mean gain", formatGain(meanGain)],
    ["Least of any", formatUtility(minimum)],
  ];
}
