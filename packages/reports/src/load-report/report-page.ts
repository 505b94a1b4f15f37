import type { ChartSpec } from "../charts/chart-spec.ts";
import { type Block, columns, type Section, section } from "../page/block.ts";
import { chartBlock } from "../page/chart-block.ts";
import { detailsBlock, factsBlock, tableBlock, textBlock } from "../page/content-blocks.ts";
import { remarkSection } from "../page/remark-section.ts";
import { renderPage } from "../page/render-page.ts";
import { sectionToBlock } from "../page/report-part.ts";
import { reproduceSection } from "../page/reproduce.ts";
import type { TextTable } from "../page/text-table.ts";
import { littlesLawNote } from "./answer.ts";
import { checkBlocks } from "./check-blocks.ts";
import { citation, definitions } from "./definitions.ts";
import { environmentFacts } from "./environment-facts.ts";
import { runHero } from "./hero.ts";
import { latencyDistributionChart, latencyOverTimeChart } from "./latency-charts.ts";
import { everyObserver } from "./observers.ts";
import { blockCharts, cpuCharts } from "./resource-charts.ts";
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
  resourceTable,
  throughputTable,
} from "./tables.ts";
import { inFlightChart, throughputCharts } from "./throughput-charts.ts";

const inFiles =
  "The rows are in transactions.parquet, blocks.parquet and samples.parquet; the frozen configuration and the environment in run.json.";

/** Every chart of a run's report, in the order of the page. */
export function reportCharts(view: RunView): readonly ChartSpec[] {
  return [
    ...throughputCharts(view),
    inFlightChart(view),
    latencyDistributionChart(view),
    latencyOverTimeChart(view),
    ...cpuCharts(view),
    ...blockCharts(view),
  ];
}

/** The report of a run as one HTML file. */
export function renderReportPage(view: RunView): string {
  const { record } = view;
  return renderPage({
    title: `${record.benchmark.title} · ${record.runId} · Sheaf`,
    hero: runHero(view),
    sections: [
      ...remarks(view),
      throughputSection(view),
      latencySection(view),
      boundSection(view),
      section(
        { id: "checks", title: "Checks", lead: "Whether the run did what it claims to have done." },
        checkBlocks(view),
      ),
      section({ id: "environment", title: "Environment" }, [factsBlock(environmentFacts(view))]),
      section({ id: "definitions", title: "Definitions", lead: `After ${citation}` }, [
        factsBlock(definitions),
      ]),
      sectionToBlock(reproduceSection(view, inFiles)),
    ],
    footer: `Made by Sheaf from the run's own rows (${record.schema}). The same folder always gives the same report.`,
  });
}

function remarks({ analysis: { problems, warnings } }: RunView): readonly Section[] {
  const remarked = remarkSection({ problems, remarks: warnings });
  return remarked === null ? [] : [sectionToBlock(remarked)];
}

function throughputSection(view: RunView): Section {
  return section(
    {
      id: "throughput",
      title: "Throughput",
      lead: `Valid transactions a second, counted when ${everyObserver(view.arms)} had shown them, over whole block periods in the steady window.`,
    },
    [
      columns(throughputCharts(view).map(chartBlock)),
      table(throughputTable(view)),
      ...optional(comparisonTable(view)),
      table(outcomeTable(view)),
      ...optional(repetitionTable(view)),
    ],
  );
}

function latencySection(view: RunView): Section {
  return section(
    {
      id: "latency",
      title: "Latency",
      lead: "From the scheduled time to commit; a transaction that was lost stays in as “at least”.",
    },
    [
      chartBlock(latencyDistributionChart(view)),
      table(latencyTable(view)),
      ...windowNote(view),
      columns([chartBlock(latencyOverTimeChart(view)), chartBlock(inFlightChart(view))]),
    ],
  );
}

function windowNote(view: RunView): readonly Block[] {
  const text = littlesLawNote(view);
  return text === null ? [] : [textBlock(text)];
}

function boundSection(view: RunView): Section {
  return section(
    {
      id: "bound",
      title: "What bound each arm",
      lead: view.arms
        .map(({ record, analysis }) => `${record.name}: ${analysis.bottleneck.reason}.`)
        .join(" "),
    },
    [
      table(bottleneckTable(view)),
      table(boundsTable(view)),
      columns(blockCharts(view).map(chartBlock)),
      table(blocksTable(view)),
      columns(cpuCharts(view).map(chartBlock)),
      table(resourceTable(view)),
      detailsBlock("Every process", [table(processTable(view))]),
    ],
  );
}

function table({ caption, columns: heads, rows }: TextTable): Block {
  return tableBlock({ caption, columns: heads, rows });
}

function optional(text: TextTable): readonly Block[] {
  return text.rows.length === 0 ? [] : [table(text)];
}
