import { finalQuality } from "@sheaf/measure";
import type { ChartSpec } from "../charts/chart-spec.ts";
import { formatCount } from "../page/format.ts";
import { exactAmount } from "../page/money.ts";
import { remarkSection } from "../page/remark-section.ts";
import { renderPage } from "../page/render-page.ts";
import { chartsOf, type Part, type ReportSection, sectionToBlock, tablePart } from "../page/report-part.ts";
import { reproduceSection } from "../page/reproduce.ts";
import { numeric, type TextTable } from "../page/text-table.ts";
import { costSection } from "./cost.ts";
import { caveats, definitions, environmentFacts, planFacts } from "./facts.ts";
import { trainingHero } from "./hero.ts";
import { ledgerSection } from "./ledger.ts";
import { participationSection } from "./participation.ts";
import { paymentSection } from "./payments.ts";
import { privacySection } from "./privacy.ts";
import { formatQuality, qualitySection } from "./quality.ts";
import { reputationSection } from "./reputation.ts";
import type { TrainingView } from "./training-view.ts";

const inRunJson =
  "Everything that happened is in run.json: configuration, environment, agents, rounds, payments, trades. Every figure here is derived from it.";

/** The sections of a training's report, for the page and for the text. */
export function trainingSections(view: TrainingView): readonly ReportSection[] {
  const sections: readonly (ReportSection | null)[] = [
    remarkSection(view.analysis),
    jobsSection(view),
    qualitySection(view),
    privacySection(view),
    paymentSection(view),
    ledgerSection(view),
    participationSection(view),
    reputationSection(view),
    costSection(view),
    faultSection(view),
    environmentSection(view),
    { id: "definitions", title: "Definitions", parts: [{ kind: "facts", facts: definitions }] },
    reproduceSection(view, inRunJson),
  ];
  return sections.filter((own) => own !== null);
}

/** Every chart of a training's report, in the order of the page. */
export function trainingCharts(view: TrainingView): readonly ChartSpec[] {
  return trainingSections(view).flatMap(({ parts }) => chartsOf(parts));
}

/** The report of a training as one HTML file. */
export function renderTrainingPage(view: TrainingView): string {
  const { record } = view;
  return renderPage({
    title: `${record.title} · ${record.runId} · Sheaf`,
    hero: trainingHero(view),
    sections: trainingSections(view).map(sectionToBlock),
    footer: `Made by Sheaf from the run's own record (${record.schema}). The same folder always gives the same report.`,
  });
}

/** All jobs of a run that had several. */
function jobsSection(view: TrainingView): ReportSection | null {
  const { record, jobs } = view;
  if (jobs.length === 1) return null;
  const table: TextTable = {
    caption: "Jobs",
    columns: [
      { title: "Job" },
      { title: "Chain" },
      { title: "Task" },
      { title: "Analyst" },
      ...numeric("Rounds", "Result", `Price, ${record.currency.symbol}`),
      { title: "Outcome" },
    ],
    rows: jobs.map(({ job, chain }) => [
      job.id,
      chain,
      job.title,
      job.analysts.join(", ") || "none",
      formatCount(job.rounds.length),
      formatQuality(job, finalQuality(job)),
      exactAmount(job.price, record.currency),
      job.outcome,
    ]),
  };
  return { id: "jobs", title: "Jobs", parts: tablePart(table) };
}

function faultSection({ record }: TrainingView): ReportSection | null {
  if (record.faults.length === 0) return null;
  const table: TextTable = {
    caption: "Faults",
    columns: [
      { title: "Fault" },
      { title: "Agent" },
      { title: "Phase" },
      ...numeric("From", "To"),
      { title: "What was done" },
    ],
    rows: record.faults.map(({ kind, agent, phase, startMs, endMs, description }) => [
      kind,
      agent ?? "none",
      phase ?? "any",
      `${(startMs / 1000).toFixed(1)}\u00a0s`,
      endMs === null ? "end" : `${(endMs / 1000).toFixed(1)}\u00a0s`,
      description,
    ]),
  };
  return { id: "faults", title: "Faults", parts: tablePart(table) };
}

function environmentSection(view: TrainingView): ReportSection {
  return {
    id: "environment",
    title: "Setting",
    parts: [
      ...view.jobs.map((own): Part => ({ kind: "facts", facts: planFacts(own) })),
      { kind: "facts", facts: environmentFacts(view) },
      { kind: "notice", tone: "neutral", title: "What this run does not show", lines: caveats(view) },
    ],
  };
}
