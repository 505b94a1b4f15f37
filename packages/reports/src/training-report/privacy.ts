import { type Observer, observers, type Visibility, type VisibilityRow, visibilityOf } from "@sheaf/measure";
import type { ChartSpec } from "../charts/chart-spec.ts";
import { compact } from "../charts/compact.ts";
import type { Tone } from "../page/content-blocks.ts";
import { formatCount, formatShare, noValue } from "../page/format.ts";
import { chartsPart, type Part, type ReportSection, tablePart } from "../page/report-part.ts";
import { numeric, type TextTable } from "../page/text-table.ts";
import { roundAxis } from "./quality.ts";
import type { JobView, TrainingView } from "./training-view.ts";

/** Who can see what, what was spent, and how exact the hidden sums are. */
export function privacySection(view: TrainingView): ReportSection {
  return {
    id: "privacy",
    title: "Who can see what",
    lead: "What each party learns beyond its own data, under the privacy mode of this run.",
    parts: view.jobs.flatMap((own) => [
      ...visibilityParts(own),
      { kind: "facts", facts: settingsOf(own) },
      ...chartsPart(epsilonChart(own), errorChart(own)),
      ...tablePart(spentTable(view, own), { folded: true }),
    ]),
  };
}

const columnTitles: Readonly<Record<Observer, string>> = {
  owners: "Other owners",
  analyst: "Analyst",
  consumer: "Consumer",
  broker: "Broker of the bus",
  chain: "Readers of the chain",
};

/** "sum" as "sum of ≥ 5" where the fewest owners of a sum are known. */
function levelText(level: Visibility, sumOf: number | null): string {
  return sumOf === null || !level.endsWith("sum") ? level : `${level} of ≥\u00a0${sumOf}`;
}

function visibilityParts({ job, analysis, of }: JobView): readonly Part[] {
  const { rows, assumptions } = visibilityOf(job.privacy, analysis.sums);
  const table = (caption: string, secret: boolean): readonly Part[] => {
    const own = rows.filter((row) => row.secret === secret);
    return tablePart(
      {
        caption,
        columns: [{ title: "What" }, ...observers.map((observer) => ({ title: columnTitles[observer] }))],
        rows: own.map(({ item, seenBy, sumOf }) => [
          item,
          ...observers.map((observer) => levelText(seenBy[observer], sumOf)),
        ]),
      },
      { chips: chipsOf(own, secret) },
    );
  };
  return [
    ...table(`What an owner would keep to itself, in mode ${job.privacy.mode}${of}`, true),
    ...table(`What the market shares${of}`, false),
    { kind: "notice", tone: "neutral", title: "What this rests on", lines: assumptions },
  ];
}

/** A secret that is seen stands out, and so does one that is not. What is shared by design has no tone. */
function chipsOf(rows: readonly VisibilityRow[], secret: boolean): Readonly<Record<string, Tone>> {
  const tone = (level: Visibility): Tone => {
    if (!secret || level === "digest" || level.endsWith("sum")) return "neutral";
    return level === "hidden" ? "good" : "warning";
  };
  return Object.fromEntries(
    rows.flatMap(({ seenBy, sumOf }) =>
      Object.values(seenBy).map((level) => [levelText(level, sumOf), tone(level)]),
    ),
  );
}

function settingsOf({ job, analysis }: JobView): readonly (readonly [term: string, value: string])[] {
  const { secagg, quantisation, dp, paillier } = job.privacy;
  const { errorMax, boundShareMax, saturatedShare } = analysis.exactness;
  return [
    ...(secagg === null
      ? []
      : [
          [
            "Masks",
            `double masks, shared with ${secagg.neighbours === "all" ? "every member of the group" : `${secagg.neighbours} neighbours`}; ${formatShare(secagg.threshold)} of the shares open them`,
          ] as const,
          [
            "Groups",
            secagg.groupSize === "cohort"
              ? "one sum a round"
              : `${secagg.groupSize} members and more, drawn anew in each round from a block's hash`,
          ] as const,
        ]),
    ...(paillier === null
      ? []
      : [["Encryption", `Paillier, ${paillier.keyBits} bits, key of the consumer`] as const]),
    ...(quantisation === null
      ? []
      : [
          [
            "Quantisation",
            `${quantisation.bits} bits over ±${quantisation.clip}; ${saturatedShare === null ? "cut coordinates not counted" : `${formatShare(saturatedShare)} of the coordinates cut`}`,
          ] as const,
        ]),
    ...(dp === null
      ? []
      : [
          [
            "Differential privacy",
            `updates clipped to L2 norm ${dp.clip}, noise multiplier ${dp.noiseMultiplier}, delta ${dp.delta.toExponential()}, ${dp.noise === "central" ? "noise added by the analyst" : "noise added by the owners, a share each"}`,
          ] as const,
        ]),
    [
      "Exactness of the opened sums",
      errorMax === null
        ? job.rounds.length === 0
          ? "no sum was opened"
          : "not known: nobody saw the plain updates"
        : `off by at most ${formatSmall(errorMax)} in any coordinate of any round${
            boundShareMax === null ? "" : `, ${formatShare(boundShareMax)} of what quantisation allows`
          }`,
    ],
  ];
}

function epsilonChart({ job, analysis, suffix, of }: JobView): ChartSpec | null {
  const { byRound, budget } = analysis.privacy;
  if (byRound.length === 0) return null;
  const line = (value: (point: (typeof byRound)[number]) => number | null) =>
    byRound.map((point): readonly [number, number | null] => {
      const own = value(point);
      return [point.round, own === null ? null : compact(own)];
    });
  const differ = byRound.some(({ lowest, highest }) => highest - lowest > 1e-9);
  const sampled = byRound.some((point) => point.sampled !== null);
  return {
    id: `privacy-spent${suffix}`,
    title: `Privacy spent by round${of}`,
    description: `Epsilon at delta ${job.privacy.dp?.delta.toExponential() ?? ""}, in this job, for those who know in which rounds an owner took part.`,
    x: roundAxis,
    y: {
      label: "Epsilon",
      format: "number",
      ...(budget === null ? {} : { max: roomFor(budget, byRound.at(-1)?.highest ?? 0) }),
    },
    series: [
      {
        label: differ ? "the owner that spent most" : "every owner",
        color: "c1",
        style: "line",
        points: line(({ highest }) => highest),
      },
      ...(differ
        ? [
            {
              label: "median owner",
              color: "c5",
              style: "line",
              points: line((point) => point.median),
            } as const,
            {
              label: "the owner that spent least",
              color: "c3",
              style: "line",
              points: line(({ lowest }) => lowest),
            } as const,
          ]
        : []),
      ...(sampled
        ? [
            {
              label: "for one who does not know the rounds",
              color: "muted",
              style: "dashed",
              points: line((point) => point.sampled),
            } as const,
          ]
        : []),
    ],
    limits: budget === null ? [] : [{ y: budget, label: `budget: ${budget}` }],
  };
}

function roomFor(budget: number, spent: number): number {
  return compact(1.15 * Math.max(budget, spent));
}

/** The opened mean against the plain one, and what quantisation allows. */
function errorChart({ job, suffix, of }: JobView): ChartSpec | null {
  const known = job.rounds.filter(
    ({ aggregation }) => aggregation.errorBound !== null && aggregation.error !== null,
  );
  if (known.length === 0) return null;
  return {
    id: `aggregation-error${suffix}`,
    title: `Aggregation error by round${of}`,
    description:
      "Largest difference in any coordinate between the mean that was opened and the mean of the updates before quantisation, and its bound.",
    x: roundAxis,
    y: { label: "Absolute difference", format: "number" },
    series: [
      {
        label: "bound of quantisation",
        color: "c2",
        style: "dashed",
        points: known.map(({ round, aggregation }) => [round, compact(aggregation.errorBound ?? 0)]),
      },
      {
        label: "error",
        color: "c1",
        style: "points",
        points: known.map(({ round, aggregation }) => [round, compact(aggregation.error ?? 0)]),
      },
    ],
  };
}

function spentTable({ label }: TrainingView, { analysis, of }: JobView): TextTable {
  const { owners, budget } = analysis.privacy;
  return {
    caption: `Privacy spent by each owner${of}`,
    columns: [
      { title: "Owner" },
      ...numeric("Epsilon in the job", "Budget of the job", "Epsilon over all jobs", "Own limit"),
    ],
    rows: owners.map(({ agent, inJob, overall, limit }) => [
      label(agent),
      inJob.toFixed(3),
      budget === null ? "none" : formatBudget(budget),
      overall.toFixed(3),
      limit === null ? "none" : formatBudget(limit),
    ]),
  };
}

function formatBudget(value: number): string {
  return value >= 1000 ? formatCount(value) : String(value);
}

/** "2.3e-6". */
export function formatSmall(value: number | null): string {
  if (value === null) return noValue;
  return value !== 0 && value < 0.001 ? value.toExponential(1) : String(Number(value.toPrecision(3)));
}
