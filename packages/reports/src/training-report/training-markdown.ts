import { bulletList } from "../page/markdown.ts";
import { partToMarkdown } from "../page/report-part.ts";
import { answerOf, explanationOf } from "./answer.ts";
import { tilesOf } from "./hero.ts";
import { trainingSections } from "./training-page.ts";
import type { TrainingView } from "./training-view.ts";

/** The report as Markdown: the same figures, readable in a terminal. */
export function renderTrainingMarkdown(view: TrainingView): string {
  const { record, analysis, jobs } = view;
  const tiles = jobs.slice(0, 1).flatMap((first) => tilesOf(view, first));
  const parts = [
    `# ${record.title}`,
    `**${answerOf(view)}**`,
    explanationOf(view),
    `Run \`${record.runId}\`: ${analysis.valid ? "valid" : "**not valid**"}.`,
    bulletList(tiles.map(({ label, value, note }) => `${label}: ${value} (${String(note)})`)),
    ...trainingSections(view).flatMap(({ title, lead = "", parts: own }) => [
      `## ${title}`,
      lead,
      ...own.map(partToMarkdown),
    ]),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}
