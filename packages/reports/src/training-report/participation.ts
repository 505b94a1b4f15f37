import { type RoundSurvival, survivalByRound } from "@sheaf/measure";
import type { ChartSpec, ColorToken } from "../charts/chart-spec.ts";
import { formatCount, formatShare, noValue, plural } from "../page/format.ts";
import { chartsPart, type ReportSection, tablePart } from "../page/report-part.ts";
import { numeric, type TextTable } from "../page/text-table.ts";
import { phaseNames } from "./phases.ts";
import { roundPlaces } from "./quality.ts";
import type { JobView, TrainingView } from "./training-view.ts";

/** Who was asked, who came through, and where the others fell out. */
export function participationSection(view: TrainingView): ReportSection {
  return {
    id: "participation",
    title: "Survivors",
    lead: "Owners that were asked in each round, and whether their update is in its sum. One that falls out after its update arrived is in the sum all the same.",
    parts: view.jobs.flatMap((own) => [
      ...chartsPart(survivalChart(own)),
      ...tablePart(dropoutTable(view, own), { folded: true }),
      ...tablePart(abortTable(own)),
      ...tablePart(candidateTable(view, own)),
      ...tablePart(roundTable(view, own), { folded: true }),
    ]),
  };
}

const lostColors: readonly ColorToken[] = ["c2", "c6", "c4", "muted"];

function survivalChart({ job, suffix, of }: JobView): ChartSpec | null {
  const rounds = survivalByRound(job);
  if (rounds.length === 0) return null;
  const lost = [...new Set(rounds.flatMap((round) => round.lost.map(({ phase }) => phase)))];
  const lostAt = (round: RoundSurvival, phase: (typeof lost)[number]): number =>
    round.lost.find((own) => own.phase === phase)?.count ?? 0;
  return {
    id: `survivors${suffix}`,
    title: `Survivors by round${of}`,
    description:
      "Owners whose updates are in the sum, and those that fell out, by the phase in which they did.",
    x: roundPlaces(job),
    y: { label: "Owners", format: "count", whole: true },
    series: [
      {
        label: "in the sum",
        color: "c1",
        style: "bar",
        points: rounds.map((own, i) => [i, own.survivors]),
      },
      ...lost.map((phase, i) => ({
        label: `lost at: ${phaseNames[phase]}`,
        color: lostColors[i % lostColors.length] as ColorToken,
        style: "bar" as const,
        points: rounds.map((own, i) => [i, lostAt(own, phase)] as const),
      })),
    ],
  };
}

function dropoutTable({ label }: TrainingView, { job, of }: JobView): TextTable {
  return {
    caption: `Owners that fell out${of}`,
    columns: [
      ...numeric("Round"),
      { title: "Owner" },
      { title: "At" },
      { title: "Why" },
      { title: "Update" },
    ],
    rows: job.rounds.flatMap(({ round, dropouts, survivors }) =>
      dropouts.map(({ agent, phase, reason }) => [
        String(round),
        label(agent),
        phaseNames[phase],
        reason,
        survivors.includes(agent) ? "in the sum" : "not in the sum",
      ]),
    ),
  };
}

function abortTable({ job, of }: JobView): TextTable {
  return {
    caption: `Attempts that came to nothing${of}`,
    columns: [...numeric("Round", "Attempt", "Cohort", "Left"), { title: "At" }, { title: "Why" }],
    rows: job.aborted.map((own) => [
      String(own.round),
      String(own.attempt),
      formatCount(own.cohort),
      formatCount(own.survivors),
      phaseNames[own.phase],
      own.code,
    ]),
  };
}

/** Owners that were asked to join, and what became of them; only where not all were selected and stayed. */
function candidateTable({ label }: TrainingView, { job, of }: JobView): TextTable {
  const plain = job.candidates.every(({ answer }) => answer === "selected");
  return {
    caption: `Owners that were invited${of}`,
    columns: [{ title: "Owner" }, { title: "What became of it" }, ...numeric("Trust at selection")],
    rows: plain
      ? []
      : job.candidates.map(({ agent, answer, trust }) => [
          label(agent),
          answer,
          trust === null ? "newcomer" : formatShare(trust),
        ]),
  };
}

function roundTable({ label }: TrainingView, { job, of }: JobView): TextTable {
  return {
    caption: `Rounds${of}`,
    columns: [
      ...numeric("Round", "Attempt", "Asked", "On chain", "In the sum"),
      { title: "Sums opened" },
      { title: "Left out by the rule" },
      { title: "Analyst" },
    ],
    rows: job.rounds.map(({ round, attempt, invited, cohort, survivors, aggregation, analyst }) => {
      const sizes = aggregation.groups.map(({ members }) => members.length);
      const out = aggregation.groups.filter(({ kept }) => !kept).flatMap(({ members }) => members);
      return [
        ...[round, attempt, invited.length, cohort.length, survivors.length].map(formatCount),
        sizes.length === 0 ? noValue : `${plural(sizes.length, "sum")} of ${range(sizes)}`,
        out.length === 0 ? "none" : out.map(label).join(", "),
        analyst,
      ];
    }),
  };
}

function range(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low === high ? String(low) : `${low} to ${high}`;
}
