import type { CoalitionChange, CoalitionStability } from "@sheaf/measure";
import { type ReportSection, tablePart } from "../page/report-part.ts";
import type { TextTable } from "../page/text-table.ts";
import { type CoalitionView, partitionText } from "./coalition-view.ts";
import { formatUtility } from "./utility-format.ts";

const notions: Readonly<Record<keyof CoalitionStability, string>> = {
  dhp: "Merge and split (D_hp)",
  dc: "Any collection (D_c)",
  nash: "Nash",
  individual: "Individual",
  core: "Core",
};

const verdicts = {
  stable: "Stable",
  unstable: "Not stable",
  "not-refuted": "Not refuted",
  holds: "Stable",
  fails: "Not stable",
  "not-checked": "Not checked",
} as const;

const tones = {
  Stable: "good",
  "Not stable": "alert",
  "Not refuted": "warning",
  "Not checked": "neutral",
} as const;

/** How stable the result is, by each notion, and what speaks against it where it is not. */
export function stabilitySection(view: CoalitionView): ReportSection {
  return {
    id: "stability",
    title: "Stability",
    lead: "Verified of the final partition by itself, apart from the search that found it. Merge and split promises the first notion only; the others ask for more, or for something else.",
    parts: tablePart(stabilityTable(view), { chips: tones }),
  };
}

function stabilityTable(view: CoalitionView): TextTable {
  const { stability } = view.record;
  return {
    caption: "Notions of stability",
    columns: [
      { title: "Notion" },
      { title: "Verdict" },
      { title: "What was verified" },
      { title: "Against it" },
    ],
    rows: (Object.keys(notions) as (keyof CoalitionStability)[]).map((notion) => {
      const { verdict, statement, witness } = stability[notion];
      return [
        notions[notion],
        verdicts[verdict],
        statement,
        witness === null ? "" : witnessText(view, witness),
      ];
    }),
  };
}

/** What would be done, and what it would bring to whom: "{a, b} instead of {a} {b}: a 1 to 2, b 1 to 1". */
export function witnessText(view: CoalitionView, witness: CoalitionChange): string {
  const most = 8;
  const figures = witness.players.slice(0, most).map((player, i) => {
    const [from, to] = [witness.utilitiesBefore[i] as number, witness.utilitiesAfter[i] as number];
    return `${view.id(player)} ${formatUtility(from)} to ${formatUtility(to)}`;
  });
  const more = witness.players.length > most ? `, and ${witness.players.length - most} more` : "";
  const change = `${partitionText(view, witness.after)} instead of ${partitionText(view, witness.before)}`;
  return `${change}: ${figures.join(", ")}${more}`;
}
