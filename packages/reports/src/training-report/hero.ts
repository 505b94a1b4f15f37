import {
  centralQuality,
  finalQuality,
  localMean,
  localQualities,
  medianRoundMs,
  milestone,
  qualityMeasure,
} from "@sheaf/measure";
import type { Block } from "../page/block.ts";
import type { Tile } from "../page/content-blocks.ts";
import { formatMs, formatRatio, formatShare, plural } from "../page/format.ts";
import { type Contender, heroBlock } from "../page/hero-block.ts";
import { shortFigure } from "../page/money.ts";
import { answerOf, explanationOf, ownerCount } from "./answer.ts";
import { formatSmall } from "./privacy.ts";
import { formatQuality, qualityName } from "./quality.ts";
import type { JobView, TrainingView } from "./training-view.ts";

/** The answer, whether it holds, and the figures behind it. */
export function trainingHero(view: TrainingView): Block {
  const [first] = view.jobs;
  return heroBlock({
    kicker: `${view.record.title} · ${view.record.runId}`,
    answer: answerOf(view),
    verdict: verdictOf(view),
    explanation: explanationOf(view),
    tiles: first === undefined ? [] : tilesOf(view, first),
    contenders: first === undefined ? [] : contendersOf(first),
  });
}

function verdictOf({ analysis }: TrainingView): Parameters<typeof heroBlock>[0]["verdict"] {
  if (!analysis.valid) return { tone: "alert", label: "Not valid" };
  return analysis.remarks.length > 0
    ? { tone: "warning", label: "Valid, with remarks" }
    : { tone: "good", label: "Valid" };
}

/** The figures behind the answer; empty places are left out. */
export function tilesOf(view: TrainingView, first: JobView): readonly Tile[] {
  const { job, analysis } = first;
  const { traffic, exactness } = analysis;
  const { currency } = view.record;
  const {
    conserved,
    payments: { price },
  } = view.summary;
  return [
    ...speedTile(first),
    {
      label: `Price, ${currency.symbol}`,
      value: shortFigure(price, currency),
      note: conserved ? "every unit is accounted for" : "not every unit is accounted for",
    },
    ...(job.rounds.length === 0 ? [] : [hidingTile(first)]),
    ...(traffic.sentRatio === null
      ? []
      : [
          {
            label: "Sent in a round",
            value: `${formatRatio(traffic.sentRatio)}×`,
            note: "the plain 32-bit update, each owner",
          },
        ]),
    ...(exactness.errorMax === null
      ? []
      : [
          {
            label: "Aggregation error",
            value: formatSmall(exactness.errorMax),
            note:
              exactness.boundShareMax === null
                ? "at most, in any coordinate"
                : `at most; ${formatShare(exactness.boundShareMax)} of its bound`,
          },
        ]),
  ];
}

/** Rounds to 90 % where that was reached, else just the rounds. */
function speedTile({ job }: JobView): readonly Tile[] {
  if (job.rounds.length === 0) return [];
  const ninety = qualityMeasure(job) === "accuracy" ? milestone(job, 0.9) : null;
  if (ninety !== null && ninety.round !== null) {
    return [
      {
        label: "90 % after",
        value: plural(ninety.round, "round"),
        note: `${formatMs(ninety.afterMs)} of training`,
      },
    ];
  }
  return [
    {
      label: "Rounds",
      value: String(job.rounds.length),
      note: `${formatMs(medianRoundMs(job))} each, median`,
    },
  ];
}

function hidingTile({ job, analysis }: JobView): Tile {
  const { epsilonMax, budget } = analysis.privacy;
  if (epsilonMax !== null) {
    return {
      label: "Privacy spent",
      value: `ε ${Number(epsilonMax.toPrecision(3))}`,
      note: `${budget === null ? "" : `of ${budget}, `}at delta ${job.privacy.dp?.delta.toExponential()}`,
    };
  }
  const hidden = job.privacy.mode === "secagg" || job.privacy.mode === "paillier";
  return {
    label: "Single updates",
    value: hidden ? "Hidden" : "Visible",
    note: hidden ? `sums of ${analysis.sums.smallest ?? "several"} or more` : "to the analyst",
  };
}

/** The model, and what it is measured against: the longest bar is the best. */
function contendersOf({ job, ...rest }: JobView): readonly Contender[] {
  const all = [
    {
      name: "Together, on the market",
      color: "c1",
      value: finalQuality(job),
      facts: togetherFacts({ job, ...rest }),
    },
    {
      name: "All data in one place",
      color: "c3",
      value: centralQuality(job),
      facts: [["How", job.baselines.central?.description ?? ""]],
    },
    { name: "Each owner alone, mean", color: "c2", value: localMean(job), facts: aloneFacts(job) },
  ] as const;
  const known = all.flatMap((own) => (own.value === null ? [] : [{ ...own, value: own.value }]));
  if (known.length < 2) return [];
  const more = qualityMeasure(job) === "accuracy";
  const best = Math.min(...known.map(({ value }) => value));
  return known.map(({ name, color, value, facts }) => ({
    name,
    readings: [{ figure: formatQuality(job, value), unit: qualityName(job) }],
    share: more ? value : value === 0 ? 1 : best / value,
    color,
    facts,
  }));
}

type Facts = Contender["facts"];

function togetherFacts({ job, ...rest }: JobView): Facts {
  return [
    [
      "How",
      `${plural(ownerCount({ job, ...rest }), "owner")}, ${plural(job.rounds.length, "round")}, privacy mode ${job.privacy.mode}`,
    ],
    ["Time of a round", formatMs(medianRoundMs(job))],
  ];
}

function aloneFacts(job: JobView["job"]): Facts {
  const alone = localQualities(job);
  if (alone.length === 0) return [];
  return [
    ["How", job.baselines.locals?.description ?? ""],
    ["Range", `${formatQuality(job, Math.min(...alone))} to ${formatQuality(job, Math.max(...alone))}`],
  ];
}
