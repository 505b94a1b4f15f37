import { bulletList } from "../page/markdown.ts";
import { partToMarkdown } from "../page/report-part.ts";
import { answerOf, explanationOf } from "./answer.ts";
import { coalitionSections } from "./coalition-page.ts";
import type { CoalitionView } from "./coalition-view.ts";
import { tilesOf, verdictOf } from "./hero.ts";

/** The report as Markdown: the same figures, readable in a terminal. */
export function renderCoalitionMarkdown(view: CoalitionView): string {
  const { record, analysis } = view;
  const parts = [
    `# ${record.title}`,
    `**${answerOf(view)}**`,
    record.claim === "" ? "" : `Claim tested: ${record.claim}`,
    explanationOf(view),
    `Run \`${record.runId}\`: ${analysis.valid ? `valid; ${verdictOf(view).label.toLowerCase()}` : "**not valid**"}.`,
    bulletList(tilesOf(view).map(({ label, value, note }) => `${label}: ${value} (${String(note)})`)),
    ...coalitionSections(view).flatMap(({ title, lead = "", parts: own }) => [
      `## ${title}`,
      lead,
      ...own.map(partToMarkdown),
    ]),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}
