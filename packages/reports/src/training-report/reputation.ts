import { median, type OpinionPoint } from "@sheaf/measure";
import type { ChartSpec, SeriesSpec } from "../charts/chart-spec.ts";
import { compact } from "../charts/compact.ts";
import { formatShare } from "../page/format.ts";
import { chartsPart, type ReportSection, tablePart } from "../page/report-part.ts";
import { numeric, type TextTable } from "../page/text-table.ts";
import type { TrainingView } from "./training-view.ts";

/** How far each agent came to be trusted, over rounds and jobs. */
export function reputationSection(view: TrainingView): ReportSection | null {
  if (view.record.reputation.length === 0 && view.record.ratings.length === 0) return null;
  return {
    id: "reputation",
    title: "Reputation",
    lead: "Subjective logic over the facts that parties of a job rated on chain: trust is belief plus half of what is still uncertain. The next selection goes by it.",
    parts: [
      ...chartsPart(trustChart(view)),
      ...tablePart(opinionTable(view), { folded: true }),
      ...tablePart(ratingTable(view), { folded: true }),
    ],
  };
}

interface Moment {
  readonly chain: number;
  readonly job: string;
  readonly round: number | null;
}

/** Median trust of honest owners and of attackers, with the nearest of each to the other. */
function trustChart({ record }: TrainingView): ChartSpec | null {
  const moments = momentsOf(record.reputation);
  if (moments.length < 2) return null;
  const roles = new Map(record.agents.map((agent) => [agent.name, agent]));
  const among = (wanted: (name: string) => boolean, figure: (values: readonly number[]) => number) =>
    moments.flatMap(({ points }, x) => {
      const trust = points.filter(({ agent }) => wanted(agent)).map((point) => point.trust);
      return trust.length === 0 ? [] : [[x, compact(100 * figure(trust))] as const];
    });
  const owner = (attacks: boolean) => (name: string) => {
    const agent = roles.get(name);
    return agent?.role === "owner" && (agent.attack !== null) === attacks;
  };
  const analyst = (name: string): boolean => roles.get(name)?.role === "analyst";
  const series: readonly SeriesSpec[] = [
    { label: "honest owners, median", color: "c1", style: "line", points: among(owner(false), median) },
    {
      label: "honest owners, lowest",
      color: "c5",
      style: "dashed",
      points: among(owner(false), (v) => Math.min(...v)),
    },
    { label: "attackers, median", color: "c2", style: "line", points: among(owner(true), median) },
    {
      label: "attackers, highest",
      color: "c6",
      style: "dashed",
      points: among(owner(true), (v) => Math.max(...v)),
    },
    { label: "analysts, median", color: "c3", style: "line", points: among(analyst, median) },
  ];
  return {
    id: "reputation",
    title: "Trust over rounds",
    description: moments.some(({ moment: { round } }) => round !== null && round > 0)
      ? "Before the first round (0); after each round, as the rounds survived until then would be rated; and after the settlement (end), as parties rated."
      : "Before the first round (0) and after the settlement (end): parties rate each other when a job is over, by its rounds.",
    x: {
      label: "Round",
      format: "count",
      names: moments.map(({ moment }) => momentName(moment, record.jobs.length > 1)),
    },
    y: { label: "Trust", format: "percent", max: 100 },
    series: series.filter(({ points }) => points.length > 0),
  };
}

function momentsOf(
  points: readonly OpinionPoint[],
): readonly { readonly moment: Moment; readonly points: readonly OpinionPoint[] }[] {
  const groups = new Map<string, OpinionPoint[]>();
  for (const point of points) {
    const key = `${point.chain}/${point.job}/${point.round}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [point]);
    else group.push(point);
  }
  return [...groups.values()].map((group) => ({ moment: group[0] as OpinionPoint, points: group }));
}

function momentName({ job, round }: Moment, several: boolean): string {
  const name = round === null ? "end" : String(round);
  return several ? `${job}: ${name}` : name;
}

/** The last opinion of each agent. */
function opinionTable({ record, label }: TrainingView): TextTable {
  const last = new Map(record.reputation.map((point) => [point.agent, point]));
  return {
    caption: "Opinions at the end",
    columns: [{ title: "Agent" }, ...numeric("Belief", "Disbelief", "Uncertainty", "Trust")],
    rows: [...last.values()]
      .sort((a, b) => b.trust - a.trust)
      .map((point) => [
        label(point.agent),
        ...[point.belief, point.disbelief, point.uncertainty, point.trust].map(formatShare),
      ]),
  };
}

function ratingTable({ record, label }: TrainingView): TextTable {
  return {
    caption: "Ratings on chain",
    columns: [
      { title: "Subject" },
      { title: "Rated by" },
      ...numeric("Job", "Positive", "Negative", "Uncertain", "Block"),
      { title: "Transaction" },
    ],
    rows: record.ratings.map((row) => [
      label(row.subject),
      row.rater,
      row.job,
      String(row.positive),
      String(row.negative),
      String(row.uncertain),
      String(row.block),
      row.transaction,
    ]),
  };
}
