import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { RunData, RunRecord, RunSummary } from "@sheaf/measure";
import { createPngRenderer } from "./charts/render-png.ts";
import { runFiles } from "./folder/run-files.ts";
import { type OpenRun, openRun, writeRunData } from "./folder/run-folder.ts";
import { writeFileAtomically } from "./folder/write-file.ts";
import { renderReportPage, reportCharts } from "./load-report/report-page.ts";
import { createRunView } from "./load-report/run-view.ts";
import { renderSummaryMarkdown } from "./load-report/summary-markdown.ts";

/**
 * Writes a run into the folder `dir` (made if missing): first the record and the rows, then everything
 * that is derived from them. Gives the summary that `--json` prints, with `dir` as given.
 *
 * @throws CodedError `REPORT_WRITE_FAILED`
 */
export async function writeRun(dir: string, record: RunRecord, data: RunData): Promise<RunSummary> {
  const run = { dir, record, data };
  await writeRunData(run);
  return writeReport(run);
}

/**
 * Makes the report again from the folder alone: summary.json, summary.md, charts and report.html.
 *
 * @throws CodedError `RUN_UNREADABLE`, `INVALID_INPUT`, `REPORT_WRITE_FAILED`
 */
export async function renderReport(dir: string): Promise<RunSummary> {
  return writeReport(await openRun(dir));
}

/** Writes everything that is derived from a run beside it. */
async function writeReport({ dir, record, data }: OpenRun): Promise<RunSummary> {
  const view = createRunView(record, data, dir);
  const summary = { ...view.summary, detail: view.analysis };
  await writeFileAtomically(join(dir, runFiles.summary), `${JSON.stringify(summary, null, 2)}\n`);
  await writeFileAtomically(join(dir, runFiles.markdown), renderSummaryMarkdown(view));
  await writeFileAtomically(join(dir, runFiles.page), renderReportPage(view));
  await rm(join(dir, runFiles.charts), { recursive: true, force: true });
  const renderer = createPngRenderer();
  for (const chart of reportCharts(view)) {
    await writeFileAtomically(join(dir, runFiles.charts, `${chart.id}.png`), renderer.render(chart));
  }
  return view.summary;
}
