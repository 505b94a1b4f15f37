import type { Finding } from "@sheaf/measure";
import type { ChartSpec } from "../charts/chart-spec.ts";
import type { PictureSpec } from "../charts/picture-spec.ts";
import { remarkSection } from "../page/remark-section.ts";
import { renderPage } from "../page/render-page.ts";
import { chartsOf, picturesOf, type ReportSection, sectionToBlock, tablePart } from "../page/report-part.ts";
import { reproduceSection } from "../page/reproduce.ts";
import { chainSection } from "./chain-section.ts";
import type { CoalitionView } from "./coalition-view.ts";
import { comparisonSection } from "./comparison-section.ts";
import { caveats, definitions, environmentFacts, modelFacts } from "./facts.ts";
import { formationSection } from "./formation-section.ts";
import { coalitionHero } from "./hero.ts";
import { partitionSection } from "./partition-section.ts";
import { stabilitySection } from "./stability-section.ts";
import { sweepSection } from "./sweep-section.ts";

const inRunJson =
  "Everything is in run.json: configuration, environment, players, every step with the utilities before and after, verdicts, alternatives. Every figure here is derived from it.";

/** The sections of a coalition run's report, for the page and for the text. */
export function coalitionSections(view: CoalitionView): readonly ReportSection[] {
  const sections: readonly (ReportSection | null)[] = [
    remarkSection(view.analysis),
    findingSection(view),
    partitionSection(view),
    formationSection(view),
    stabilitySection(view),
    comparisonSection(view),
    sweepSection(view),
    chainSection(view),
    {
      id: "model",
      title: "Model",
      lead: "Every parameter with its unit: what the utilities above are computed from.",
      parts: [{ kind: "facts", facts: modelFacts(view) }],
    },
    {
      id: "environment",
      title: "Setting",
      parts: [
        { kind: "facts", facts: environmentFacts(view) },
        { kind: "notice", tone: "neutral", title: "What this run does not show", lines: caveats(view) },
      ],
    },
    { id: "definitions", title: "Definitions", parts: [{ kind: "facts", facts: definitions }] },
    reproduceSection(view, inRunJson),
  ];
  return sections.filter((own) => own !== null);
}

/** Every chart of the report, in the order of the page. */
export function coalitionCharts(view: CoalitionView): readonly ChartSpec[] {
  return coalitionSections(view).flatMap(({ parts }) => chartsOf(parts));
}

/** Every picture of the report, in the order of the page. */
export function coalitionPictures(view: CoalitionView): readonly PictureSpec[] {
  return coalitionSections(view).flatMap(({ parts }) => picturesOf(parts));
}

/** The report of a coalition run as one HTML file. */
export function renderCoalitionPage(view: CoalitionView): string {
  const { record } = view;
  return renderPage({
    title: `${record.title} · ${record.runId} · Sheaf`,
    hero: coalitionHero(view),
    sections: coalitionSections(view).map(sectionToBlock),
    footer: `Made by Sheaf from the run's own record (${record.schema}). The same folder always gives the same report.`,
  });
}

const subjects: Readonly<Record<Finding["subject"], string>> = {
  stability: "Stable against merge and split",
  gains: "Nobody is worse off than alone",
  blocks: "Blocks follow the predicted shares",
  rewards: "Rewards follow the written rule",
  conservation: "No unit is made or lost",
  agreement: "All validators have one chain",
};

/** [CRECORD.8] What was to be shown, and whether it was. */
function findingSection({ analysis }: CoalitionView): ReportSection {
  const result = (holds: boolean | null): string =>
    holds === null ? "Not decided" : holds ? "Holds" : "Fails";
  return {
    id: "checks",
    title: "Checks",
    parts: tablePart(
      {
        caption: "What was to be shown",
        columns: [{ title: "Check" }, { title: "Result" }, { title: "What was found" }],
        rows: analysis.findings.map(({ subject, holds, statement }) => [
          subjects[subject],
          result(holds),
          statement,
        ]),
      },
      { chips: { Holds: "good", Fails: "alert", "Not decided": "warning" } },
    ),
  };
}
