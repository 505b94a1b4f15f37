import { formatInterval, formatLatency, formatRate, formatRatio, formatShare } from "../page/format.ts";
import { bulletList, codeFence, factTable, markdownTable } from "../page/markdown.ts";
import { answerOf, armFacts, explanationOf } from "./answer.ts";
import { stateCheckLine } from "./check-blocks.ts";
import { citation, definitions } from "./definitions.ts";
import { environmentFacts } from "./environment-facts.ts";
import type { RunView } from "./run-view.ts";
import {
  blocksTable,
  bottleneckTable,
  boundsTable,
  latencyTable,
  outcomeTable,
  processTable,
  repetitionTable,
  throughputTable,
} from "./tables.ts";

/** The report as Markdown: the same figures, readable in a terminal. */
export function renderSummaryMarkdown(view: RunView): string {
  const { record, analysis, arms } = view;
  const charts = arms.map(
    ({ slug, record: arm }) => `![Throughput of ${arm.name}](charts/throughput-${slug}.png)`,
  );
  const parts = [
    `# ${record.benchmark.title}`,
    `**${answerOf(view)}**`,
    explanationOf(view),
    `Run \`${record.runId}\`: ${analysis.valid ? "valid" : "**not valid**"}.`,
    ...(analysis.problems.length === 0 ? [] : ["## Problems", bulletList(analysis.problems)]),
    ...(analysis.warnings.length === 0 ? [] : ["## Remarks", bulletList(analysis.warnings)]),
    ...comparison(view),
    ...arms.flatMap((arm) => [
      `## ${arm.record.name}`,
      `${formatRate(arm.analysis.throughput.all)} transactions a second, mean latency ${formatLatency(arm.analysis.latencyMs.all, "mean")}.`,
      bulletList(armFacts(arm).map(([label, value]) => `${label}: ${value}`)),
    ]),
    "## Throughput",
    ...[throughputTable, outcomeTable, repetitionTable].map((table) => markdownTable(table(view))),
    ...charts,
    "## Latency",
    markdownTable(latencyTable(view)),
    "![Latency distribution](charts/latency-distribution.png)",
    "## What bound each arm",
    ...[bottleneckTable, boundsTable, blocksTable, processTable].map((table) => markdownTable(table(view))),
    "## Checks",
    bulletList(record.arms.map((arm) => stateCheckLine(arm).text)),
    "## Environment",
    factTable(environmentFacts(view)),
    "## Definitions",
    bulletList(definitions.map(([term, meaning]) => `**${term}.** ${meaning}`)),
    `After ${citation}`,
    "## Reproduce",
    codeFence(record.command),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function comparison({ analysis }: RunView): readonly string[] {
  const { comparison: found } = analysis;
  if (found === null) return [];
  const interval =
    found.speedupInterval === null
      ? ""
      : ` (95 %: ${formatInterval(found.speedupInterval, formatRatio)}, ${
          found.intervalsFrom === "repetitions" ? "over repetitions" : "within the run"
        })`;
  return [
    "## Comparison",
    bulletList([
      `Speed-up ${found.candidate} / ${found.baseline}: ${formatRatio(found.speedup)}${interval}`,
      `Mean latency ratio: ${formatRatio(found.latencyRatio)}`,
      `Scaling efficiency: ${formatShare(found.scalingEfficiency)}`,
    ]),
  ];
}
