import { formatLatency, formatRate } from "../page/format.ts";
import { bulletList, codeFence, factTable, markdownTable } from "../page/markdown.ts";
import { reportAgain, runAgain } from "../page/reproduce.ts";
import { answerOf, armFacts, explanationOf, littlesLawNote } from "./answer.ts";
import { faultTable, stateCheckLine } from "./check-blocks.ts";
import { citation, definitions } from "./definitions.ts";
import { environmentFacts } from "./environment-facts.ts";
import type { RunView } from "./run-view.ts";
import {
  blocksTable,
  bottleneckTable,
  boundsTable,
  comparisonTable,
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
    ...(record.benchmark.claim === "" ? [] : [`Claim tested: ${record.benchmark.claim}`]),
    explanationOf(view),
    `Run \`${record.runId}\`: ${analysis.valid ? "valid" : "**not valid**"}.`,
    ...(analysis.problems.length === 0 ? [] : ["## Problems", bulletList(analysis.problems)]),
    ...(analysis.warnings.length === 0 ? [] : ["## Remarks", bulletList(analysis.warnings)]),
    ...(analysis.comparisons.length === 0 ? [] : ["## Comparison", markdownTable(comparisonTable(view))]),
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
    littlesLawNote(view) ?? "",
    "![Latency distribution](charts/latency-distribution.png)",
    "## What bound each arm",
    ...[bottleneckTable, boundsTable, blocksTable, processTable].map((table) => markdownTable(table(view))),
    "## Checks",
    bulletList(record.arms.map((arm) => stateCheckLine(arm).text)),
    markdownTable(faultTable(view)),
    "## Environment",
    factTable(environmentFacts(view)),
    "## Definitions",
    bulletList(definitions.map(([term, meaning]) => `**${term}.** ${meaning}`)),
    `After ${citation}`,
    "## Reproduce",
    codeFence(`${runAgain(record.command)}\n${reportAgain(view.summary)}`),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}
