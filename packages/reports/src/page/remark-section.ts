import type { Part, ReportSection } from "./report-part.ts";

/** What a reader must know first: why the run is not valid, and remarks. `null` when there is nothing. */
export function remarkSection(analysis: {
  readonly problems: readonly string[];
  readonly remarks: readonly string[];
}): ReportSection | null {
  const { problems, remarks } = analysis;
  const parts: readonly Part[] = [
    ...(problems.length === 0
      ? []
      : [
          {
            kind: "notice",
            tone: "alert",
            title: "This run is not valid. Do not quote its figures.",
            lines: problems,
          } as const,
        ]),
    ...(remarks.length === 0
      ? []
      : [{ kind: "notice", tone: "warning", title: "Remarks", lines: remarks } as const]),
  ];
  return parts.length === 0 ? null : { id: "remarks", title: "Before you read on", parts };
}
