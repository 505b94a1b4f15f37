import {
  centralQuality,
  finalQuality,
  localLossMean,
  localMean,
  localQualities,
  type ModelEvaluation,
  milestones,
  qualityByRound,
  qualityMeasure,
  type TrainingJob,
} from "@sheaf/measure";
import type { AxisSpec, ChartSpec, SeriesSpec } from "../charts/chart-spec.ts";
import { compact } from "../charts/compact.ts";
import { capitalize, formatMs, formatShare, noValue, plural } from "../page/format.ts";
import { chartsPart, type ReportSection, tablePart } from "../page/report-part.ts";
import { numeric, type TextTable } from "../page/text-table.ts";
import type { JobView, TrainingView } from "./training-view.ts";

/** An axis for curves over rounds. */
export const roundAxis: AxisSpec = { label: "Round", format: "count", min: 0, whole: true };

/** An axis for bars over a job's closed rounds: the place of a round is its index. */
export function roundPlaces(job: TrainingJob): AxisSpec {
  return { label: "Round", format: "count", names: job.rounds.map(({ round }) => String(round)) };
}

/** "94.1 %", or the error as "3.21". */
export function formatQuality(job: TrainingJob, value: number | null): string {
  if (value === null) return noValue;
  if (qualityMeasure(job) === "rmse") return String(Number(value.toPrecision(3)));
  return `${(100 * value).toFixed(1)}\u00a0%`;
}

/** "accuracy", "error (RMSE)". */
export function qualityName(job: TrainingJob): string {
  return qualityMeasure(job) === "accuracy" ? "accuracy" : "error (RMSE)";
}

/** How good the model became, round by round, beside the two baselines. */
export function qualitySection(view: TrainingView): ReportSection {
  return {
    id: "result",
    title: "Result",
    lead: "The model after each round on the consumer's test data, beside central training on all data and beside each owner alone. The market itself sees neither baseline nor this curve.",
    parts: view.jobs.flatMap((own) => [
      ...chartsPart(qualityChart(own)),
      ...chartsPart(lossChart(own)),
      ...tablePart(qualityTable(own)),
      ...tablePart(milestoneTable(own)),
    ]),
  };
}

function qualityChart({ job, suffix, of }: JobView): ChartSpec | null {
  const accuracy = qualityMeasure(job) === "accuracy";
  const scale = (value: number): number => compact(accuracy ? 100 * value : value);
  const reached = qualityByRound(job).map(({ round, value }): readonly [number, number] => [
    round,
    scale(value),
  ]);
  if (reached.length === 0) return null;
  const locals = localQualities(job).map(scale);
  const mean = localMean(job);
  const measure = qualityMeasure(job);
  const central = (job.baselines.central?.points ?? []).map(
    ({ round, test }): readonly [number, number | null] => {
      const value = test[measure];
      return [round, value === null ? null : scale(value)];
    },
  );
  return {
    id: `quality${suffix}`,
    title: `${accuracy ? "Accuracy" : "Error (RMSE)"} by round${of}`,
    description: `On the consumer's ${job.plan.data.testSamples.toLocaleString("en-US")} test samples. ${
      locals.length === 0 ? "" : "The shaded range is where the owners end that train alone."
    }`.trim(),
    x: roundAxis,
    y: accuracy
      ? {
          label: "Right answers",
          format: "percent",
          max: 100,
          min: floorOf([...reached.map(([, y]) => y), ...locals]),
        }
      : { label: "Root mean squared error", format: "number" },
    series: [
      {
        label: "together, on the market",
        color: "c1",
        style: "line",
        points: reached,
      },
      ...(central.length === 0
        ? []
        : [{ label: "all data in one place", color: "c3", style: "dashed", points: central } as const]),
    ],
    ranges: locals.length === 0 ? [] : [{ from: Math.min(...locals), to: Math.max(...locals) }],
    limits:
      mean === null ? [] : [{ y: scale(mean), label: `each owner alone, mean ${formatQuality(job, mean)}` }],
  };
}

/** The ten below everything shown: accuracies crowd near the top. */
function floorOf(percentages: readonly number[]): number {
  return 10 * Math.max(0, Math.floor(Math.min(...percentages) / 10 - 0.2));
}

function lossChart({ job, suffix, of }: JobView): ChartSpec | null {
  if (job.rounds.length === 0) return null;
  const line = (
    label: string,
    color: SeriesSpec["color"],
    value: (round: TrainingJob["rounds"][number]) => number | null,
    style: SeriesSpec["style"] = "line",
  ): readonly SeriesSpec[] => {
    const points = job.rounds.map((round): readonly [number, number | null] => {
      const own = value(round);
      return [round.round, own === null ? null : compact(own)];
    });
    return points.some(([, y]) => y !== null) ? [{ label, color, style, points }] : [];
  };
  const central = job.baselines.central?.points ?? [];
  const alone = localLossMean(job);
  return {
    id: `loss${suffix}`,
    title: `Loss by round${of}`,
    description:
      "What the owners train on, as far as the analyst may know it, and on data that nobody trains on.",
    x: roundAxis,
    y: { label: "Loss", format: "number" },
    series: [
      ...line("test", "c1", ({ test }) => test?.loss ?? null),
      ...line("training, owners' mean", "c2", ({ loss }) => loss),
      ...line("validation, analyst", "c4", ({ validation }) => validation?.loss ?? null),
      ...(central.length === 0
        ? []
        : [
            {
              label: "test, all data in one place",
              color: "c3",
              style: "dashed",
              points: central.map(({ round, test }) => [round, compact(test.loss)] as const),
            } as const,
          ]),
    ],
    limits:
      alone === null
        ? []
        : [{ y: compact(alone), label: `test, each owner alone, mean ${formatLoss(alone)}` }],
  };
}

function formatLoss(loss: number): string {
  return String(Number(loss.toPrecision(3)));
}

function qualityTable({ job, of }: JobView): TextTable {
  const { central, locals } = job.baselines;
  const figure = (test: ModelEvaluation | null | undefined): readonly string[] =>
    test === null || test === undefined
      ? [noValue, noValue]
      : [formatQuality(job, test[qualityMeasure(job)]), formatLoss(test.loss)];
  const alone = localQualities(job);
  const aloneLoss = localLossMean(job);
  const [low, high] = [Math.min(...alone), Math.max(...alone)];
  const last = job.rounds.at(-1)?.test ?? null;
  return {
    caption: `On the same test data${of}`,
    columns: [{ title: "Model" }, ...numeric(capitalize(qualityName(job)), "Loss"), { title: "How" }],
    rows: [
      [
        job.delivered === null ? "Together, last round" : "Together, as delivered",
        ...figure(job.delivered ?? last),
        `${plural(job.rounds.length, "round")}, ${plural(job.plan.localEpochs, "local epoch")} each, ${job.plan.optimiser}`,
      ],
      ...(central === null
        ? []
        : [["All data in one place", ...figure(central.points.at(-1)?.test), central.description]]),
      ...(locals === null
        ? []
        : [
            [
              "Each owner alone, mean",
              formatQuality(job, localMean(job)),
              aloneLoss === null ? noValue : formatLoss(aloneLoss),
              `${locals.description}; ${formatQuality(job, low)} to ${formatQuality(job, high)}`,
            ],
          ]),
    ].filter(([, value]) => value !== noValue),
  };
}

function milestoneTable({ job, of }: JobView): TextTable {
  const central = centralQuality(job);
  const final = finalQuality(job);
  const accuracy = qualityMeasure(job) === "accuracy";
  return {
    caption: `Speed of convergence${of}`,
    columns: [{ title: "Reached" }, ...numeric("First after round", "Time since the first round began")],
    rows:
      final === null
        ? []
        : milestones(job).map(({ level, round, afterMs }) => [
            accuracy
              ? `${formatShare(level)} right`
              : `error ${formatQuality(job, level)} (${Number((level / (central ?? level)).toFixed(2))} × central)`,
            round === null ? "never" : String(round),
            formatMs(afterMs),
          ]),
  };
}
