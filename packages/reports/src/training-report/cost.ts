import {
  agentTimes,
  medianRoundMs,
  phaseTimes,
  type TrainingPhase,
  type TrainingRound,
} from "@sheaf/measure";
import type { ChartSpec, SeriesSpec } from "../charts/chart-spec.ts";
import { compact } from "../charts/compact.ts";
import { formatCount, formatMb, formatMs, formatShare, noValue } from "../page/format.ts";
import { chartsPart, type ReportSection, tablePart } from "../page/report-part.ts";
import { numeric, type TextTable } from "../page/text-table.ts";
import { phaseGroups, phaseNames } from "./phases.ts";
import { roundPlaces } from "./quality.ts";
import { agentsOf, type JobView, type TrainingView } from "./training-view.ts";

/** Time and bytes, by phase and by agent. */
export function costSection(view: TrainingView): ReportSection {
  return {
    id: "cost",
    title: "Time and traffic",
    lead: "Where the time of a round goes, by the analyst's clock and by agent, and what a round costs an owner on the wire beside the plain 32-bit update.",
    parts: [
      ...view.jobs.flatMap((own) => [
        ...chartsPart(roundTimeChart(own), trafficChart(own)),
        ...tablePart(phaseTable(own)),
        ...chartsPart(ownerTimeChart(view, own)),
        ...tablePart(agentTable(view, own), { folded: true }),
      ]),
      ...tablePart(processTable(view), { folded: true }),
    ],
  };
}

/** The share that belongs to each group of phases, as stacked bars; groups without any are left out. */
function stacked<T>(
  rows: readonly T[],
  value: (row: T, phase: TrainingPhase) => number,
): readonly SeriesSpec[] {
  return phaseGroups
    .map(({ label, color, phases }): SeriesSpec => {
      const points = rows.map(
        (row, i) => [i, compact(phases.reduce((sum, phase) => sum + value(row, phase), 0))] as const,
      );
      return { label, color, style: "bar", points };
    })
    .filter(({ points }) => points.some(([, y]) => y !== null && y > 0));
}

function roundTimeChart({ job, suffix, of }: JobView): ChartSpec | null {
  if (job.rounds.length === 0) return null;
  const took = ({ phases }: TrainingRound, phase: TrainingPhase): number =>
    phases.filter((own) => own.phase === phase).reduce((sum, { ms }) => sum + ms, 0) / 1000;
  return {
    id: `round-time${suffix}`,
    title: `Time of each round by phase${of}`,
    description:
      'By the analyst\'s clock. Owners train from the announcement on, while keys and shares go round; what is left of it, masking, noise or encryption, and the upload are "train and send".',
    x: roundPlaces(job),
    y: { label: "Time", format: "seconds" },
    series: stacked(job.rounds, took),
  };
}

function ownerTimeChart(view: TrainingView, { job, suffix, of }: JobView): ChartSpec | null {
  const times = agentTimes(job, agentsOf(view, "owner"));
  if (times.length === 0) return null;
  return {
    id: `owner-time${suffix}`,
    title: `Time at work of each owner in a round${of}`,
    description: "Median over the rounds, waiting left out.",
    x: { label: "Owner", format: "count", names: times.map(({ agent }) => agent) },
    y: { label: "Time", format: "ms" },
    series: stacked(times, ({ phases }, phase) => phases.find((own) => own.phase === phase)?.medianMs ?? 0),
  };
}

/** Bytes that an owner sends in a round, by phase, beside the plain update. */
function trafficChart({ analysis, suffix, of }: JobView): ChartSpec | null {
  const { owners, plainUpdateBytes, sentRatioMax } = analysis.traffic;
  if (owners.length === 0 || sentRatioMax === null) return null;
  return {
    id: `traffic${suffix}`,
    title: `Sent by each owner in a round${of}`,
    description: "Mean over the rounds that it came through, on the wire, everything of the round included.",
    x: { label: "Owner", format: "count", names: owners.map(({ agent }) => agent) },
    y: {
      label: "Bytes on the wire",
      format: "bytes",
      max: compact(plainUpdateBytes * Math.max(1.7, 1.15 * sentRatioMax)),
    },
    series: stacked(owners, ({ phases }, phase) => phases.find((own) => own.phase === phase)?.sent ?? 0),
    limits: [
      { y: plainUpdateBytes, label: "plain 32-bit update" },
      { y: 1.5 * plainUpdateBytes, label: "1.5 ×" },
    ],
  };
}

function phaseTable({ job, analysis, of }: JobView): TextTable {
  const { traffic } = analysis;
  const round = medianRoundMs(job);
  const bytes = (value: number): readonly string[] => [
    formatCount(value),
    (value / traffic.plainUpdateBytes).toFixed(3),
  ];
  const total = (figure: (phase: (typeof traffic.phases)[number]) => number): number =>
    traffic.phases.reduce((sum, phase) => sum + figure(phase), 0);
  const rows = phaseTimes(job).map(({ phase, medianMs, maxMs, share }) => {
    const own = traffic.phases.find((one) => one.phase === phase);
    return [
      phaseNames[phase],
      formatMs(medianMs),
      formatMs(maxMs),
      formatShare(share),
      ...bytes(own?.sent ?? 0),
      ...bytes(own?.received ?? 0),
    ];
  });
  const sums = [...bytes(total(({ sent }) => sent)), ...bytes(total(({ received }) => received))];
  return {
    caption: `Phases of a round${of}; bytes of one owner, mean; a plain update has ${formatCount(traffic.plainUpdateBytes)}`,
    columns: [
      { title: "Phase" },
      ...numeric(
        "Median",
        "Longest",
        "Share of the time",
        "Sent, bytes",
        "× plain",
        "Received, bytes",
        "× plain",
      ),
    ],
    rows: rows.length === 0 ? [] : [...rows, ["whole round", formatMs(round), "", "", ...sums]],
  };
}

function agentTable(view: TrainingView, { job, analysis, of }: JobView): TextTable {
  const names = [...agentsOf(view, "owner"), ...agentsOf(view, "analyst"), ...agentsOf(view, "consumer")];
  const bytes = (agent: string, figure: "sentBytes" | "receivedBytes"): number => {
    const rows = job.rounds.flatMap(({ work }) => work.filter((row) => row.agent === agent));
    return rows.reduce((sum, row) => sum + row[figure], 0) / Math.max(1, job.rounds.length);
  };
  const owners = new Map(analysis.traffic.owners.map((own) => [own.agent, own]));
  const traffic = (agent: string): readonly string[] => {
    const own = owners.get(agent);
    return [own?.sent ?? bytes(agent, "sentBytes"), own?.received ?? bytes(agent, "receivedBytes")].map(
      formatCount,
    );
  };
  return {
    caption: `Agents in a round${of}`,
    columns: [
      { title: "Agent" },
      ...numeric("Rounds", "At work, median", "of it training", "Sent, bytes", "Received, bytes"),
    ],
    rows: agentTimes(job, names).map(({ agent, rounds, medianMs, phases }) => [
      view.label(agent),
      formatCount(rounds),
      formatMs(medianMs),
      formatMs(phases.find(({ phase }) => phase === "train")?.medianMs ?? null),
      ...traffic(agent),
    ]),
  };
}

function processTable({ record, label }: TrainingView): TextTable {
  return {
    caption: "Processes, over the whole run",
    columns: [
      { title: "Agent" },
      { title: "Address" },
      ...numeric("CPU time", "Peak memory", "Sent, bytes", "Received, bytes"),
      { title: "End" },
    ],
    rows: record.agents.map(({ name, address, cpuMs, peakRssMb, busBytes, exit }) => [
      label(name),
      address,
      formatMs(cpuMs),
      formatMb(peakRssMb),
      busBytes === null ? noValue : formatCount(busBytes.sent),
      busBytes === null ? noValue : formatCount(busBytes.received),
      exit,
    ]),
  };
}
