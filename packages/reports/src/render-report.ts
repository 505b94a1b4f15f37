import { rm } from "node:fs/promises";
import { join } from "node:path";
import {
  type CoalitionRecord,
  type CoalitionSummary,
  parseCoalitionRecord,
  parseTrainingRecord,
  type RunData,
  type RunRecord,
  type RunSummary,
  type TrainingRecord,
  type TrainingSummary,
} from "@sheaf/measure";
import type { ChartSpec } from "./charts/chart-spec.ts";
import type { PictureSpec } from "./charts/picture-spec.ts";
import { renderPicture } from "./charts/render-picture.ts";
import { createPngRenderer } from "./charts/render-png.ts";
import { renderCoalitionMarkdown } from "./coalition-report/coalition-markdown.ts";
import {
  coalitionCharts,
  coalitionPictures,
  renderCoalitionPage,
} from "./coalition-report/coalition-page.ts";
import { createCoalitionView } from "./coalition-report/coalition-view.ts";
import { kindOf, readRecord } from "./folder/read-record.ts";
import { runFiles } from "./folder/run-files.ts";
import { exportTransactions, openRun, writeRunData } from "./folder/run-folder.ts";
import { exportSteps } from "./folder/steps-csv.ts";
import { exportRounds } from "./folder/training-csv.ts";
import { writeFileAtomically } from "./folder/write-file.ts";
import { renderReportPage, reportCharts } from "./load-report/report-page.ts";
import { createRunView } from "./load-report/run-view.ts";
import { renderSummaryMarkdown } from "./load-report/summary-markdown.ts";
import { renderTrainingMarkdown } from "./training-report/training-markdown.ts";
import { renderTrainingPage, trainingCharts } from "./training-report/training-page.ts";
import { createTrainingView } from "./training-report/training-view.ts";

/** What `--json` prints for a folder; `schema` tells which. */
export type ReportSummary = RunSummary | TrainingSummary | CoalitionSummary;

/**
 * Writes a run into the folder `dir` (made if missing): first the record and the rows, then everything
 * that is derived from them. Gives the summary that `--json` prints, with `dir` as given.
 *
 * @throws CodedError `REPORT_WRITE_FAILED`
 */
export async function writeRun(dir: string, record: RunRecord, data: RunData): Promise<RunSummary> {
  await writeRunData({ dir, record, data });
  return reportRun(dir, record, data);
}

/**
 * Writes a training into the folder `dir` (made if missing): first the record, then everything that is derived
 * from it. Gives the summary that `--json` prints, with `dir` as given.
 *
 * @throws CodedError `REPORT_WRITE_FAILED`
 */
export async function writeTraining(dir: string, record: TrainingRecord): Promise<TrainingSummary> {
  await writeFileAtomically(join(dir, runFiles.record), `${JSON.stringify(record, null, 1)}\n`);
  return reportTraining(dir, record);
}

/**
 * Writes a coalition run into the folder `dir` (made if missing): first the record, then everything that is derived
 * from it. Gives the summary that `--json` prints, with `dir` as given.
 *
 * @throws CodedError `REPORT_WRITE_FAILED`
 */
export async function writeCoalition(dir: string, record: CoalitionRecord): Promise<CoalitionSummary> {
  await writeFileAtomically(join(dir, runFiles.record), `${JSON.stringify(record, null, 1)}\n`);
  return reportCoalition(dir, record);
}

/**
 * Makes the report again from the folder alone, of a load run, of a training or of coalitions: summary.json,
 * summary.md, charts and report.html.
 *
 * @throws CodedError `RUN_UNREADABLE`, `INVALID_INPUT`, `REPORT_WRITE_FAILED`
 */
export async function renderReport(dir: string): Promise<ReportSummary> {
  const value = await readRecord(dir);
  const file = join(dir, runFiles.record);
  switch (kindOf(value)) {
    case "training":
      return reportTraining(dir, parseTrainingRecord(value, file));
    case "coalition":
      return reportCoalition(dir, parseCoalitionRecord(value, file));
    case "load": {
      const { record, data } = await openRun(dir);
      return reportRun(dir, record, data);
    }
  }
}

/**
 * Writes the rows as CSV and gives the file's path: transactions of a load run, rounds of a training, steps of a
 * formation of coalitions.
 *
 * @throws CodedError `RUN_UNREADABLE`, `INVALID_INPUT`, `REPORT_WRITE_FAILED`
 */
export async function exportCsv(dir: string): Promise<string> {
  const value = await readRecord(dir);
  const file = join(dir, runFiles.record);
  switch (kindOf(value)) {
    case "training":
      return exportRounds(dir, parseTrainingRecord(value, file));
    case "coalition":
      return exportSteps(dir, parseCoalitionRecord(value, file));
    case "load":
      return exportTransactions(dir);
  }
}

async function reportRun(dir: string, record: RunRecord, data: RunData): Promise<RunSummary> {
  const view = createRunView(record, data, dir);
  await writeDerived(dir, {
    summary: { ...view.summary, detail: view.analysis },
    markdown: renderSummaryMarkdown(view),
    page: renderReportPage(view),
    charts: reportCharts(view),
  });
  return view.summary;
}

async function reportTraining(dir: string, record: TrainingRecord): Promise<TrainingSummary> {
  const view = createTrainingView(record, dir);
  await writeDerived(dir, {
    summary: { ...view.summary, detail: view.analysis },
    markdown: renderTrainingMarkdown(view),
    page: renderTrainingPage(view),
    charts: trainingCharts(view),
  });
  return view.summary;
}

async function reportCoalition(dir: string, record: CoalitionRecord): Promise<CoalitionSummary> {
  const view = createCoalitionView(record, dir);
  await writeDerived(dir, {
    summary: { ...view.summary, detail: view.analysis },
    markdown: renderCoalitionMarkdown(view),
    page: renderCoalitionPage(view),
    charts: coalitionCharts(view),
    pictures: coalitionPictures(view),
  });
  return view.summary;
}

/** Writes everything that is derived from a run beside it. Whole numbers beyond 2^53 are written as strings. */
async function writeDerived(
  dir: string,
  derived: {
    readonly summary: object;
    readonly markdown: string;
    readonly page: string;
    readonly charts: readonly ChartSpec[];
    readonly pictures?: readonly PictureSpec[];
  },
): Promise<void> {
  const json = JSON.stringify(
    derived.summary,
    (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value),
    2,
  );
  await writeFileAtomically(join(dir, runFiles.summary), `${json}\n`);
  await writeFileAtomically(join(dir, runFiles.markdown), derived.markdown);
  await writeFileAtomically(join(dir, runFiles.page), derived.page);
  await rm(join(dir, runFiles.charts), { recursive: true, force: true });
  const renderer = createPngRenderer();
  for (const chart of derived.charts) {
    await writeFileAtomically(join(dir, runFiles.charts, `${chart.id}.png`), renderer.render(chart));
  }
  for (const picture of derived.pictures ?? []) {
    await writeFileAtomically(join(dir, runFiles.charts, `${picture.id}.png`), renderPicture(picture));
  }
}
