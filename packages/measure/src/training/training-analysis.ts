import { type ConservationEquation, chainsWithoutBooks, conservationEquations } from "./conservation.ts";
import { type ContributionAnalysis, contributionsOf } from "./contribution-analysis.ts";
import { type Exactness, exactnessOf } from "./exactness.ts";
import type { TrainingJob } from "./job-record.ts";
import { type PrivacySpent, privacySpent } from "./privacy-spent.ts";
import { openedSums } from "./survival.ts";
import { type TrafficAnalysis, trafficOf } from "./traffic.ts";
import type { TrainingRecord } from "./training-record.ts";
import type { OpenedSums } from "./visibility.ts";

/** What is derived from one job. */
export interface JobAnalysis {
  readonly id: string;
  readonly traffic: TrafficAnalysis;
  readonly privacy: PrivacySpent;
  readonly exactness: Exactness;
  /** [TRAINING.10] `null` when nothing was delivered. */
  readonly contributions: ContributionAnalysis | null;
  readonly sums: OpenedSums;
}

/** Everything that is derived from a training; `jobs` in the order of the record. */
export interface TrainingAnalysis {
  readonly valid: boolean;
  /** [TRAINING.8] Empty exactly when `valid`. */
  readonly problems: readonly string[];
  /** What a reader should know although the figures stand. */
  readonly remarks: readonly string[];
  readonly conservation: readonly ConservationEquation[];
  readonly jobs: readonly JobAnalysis[];
}

/** Derives all figures of a training. Pure. */
export function analyseTraining(record: TrainingRecord): TrainingAnalysis {
  const jobs = record.jobs.map(
    (job): JobAnalysis => ({
      id: job.id,
      traffic: trafficOf(job),
      privacy: privacySpent(job),
      exactness: exactnessOf(job),
      contributions: contributionsOf(job, record.agents),
      sums: openedSums(job),
    }),
  );
  const conservation = conservationEquations(record);
  const pairs = record.jobs.map((job, i) => [job, jobs[i] as JobAnalysis] as const);
  const several = record.jobs.length > 1;
  const named = (job: TrainingJob, lines: readonly string[]): readonly string[] =>
    several ? lines.map((line) => `job ${job.id}: ${line}`) : lines;
  const problems = [
    ...record.problems,
    ...(record.interrupted ? ["interrupted before the last job was over"] : []),
    ...conservation.filter(({ holds }) => !holds).map(brokenEquation),
    ...chainsWithoutBooks(record).map(
      (chain) => `the market's books on ${chain} could not be read at the end`,
    ),
    ...pairs.flatMap(([job, analysis]) => named(job, jobProblems(job, analysis))),
  ];
  return {
    valid: problems.length === 0,
    problems,
    remarks: [
      ...record.remarks,
      ...pairs.flatMap(([job, analysis]) => named(job, jobRemarks(job, analysis))),
    ],
    conservation,
    jobs,
  };
}

function brokenEquation({ subject, left, right }: ConservationEquation): string {
  const terms = right.map(({ label, amount }) => `${label} ${amount}`).join(" + ");
  return `value is not conserved: ${subject}: ${left.label} ${left.amount} is not ${terms}`;
}

/** [TRAINING.8] What makes the figures of a job invalid. */
function jobProblems(job: TrainingJob, { exactness, privacy }: JobAnalysis): readonly string[] {
  const { epsilonMax, budget } = privacy;
  const broken = job.rounds.filter(
    ({ hashes }, i) => i > 0 && hashes.state !== job.rounds[i - 1]?.hashes.nextState,
  );
  const hiding = job.privacy.secagg !== null || job.privacy.mode === "paillier";
  const small = job.rounds.filter(({ aggregation }) =>
    aggregation.groups.some(({ members }) => members.length < 3),
  );
  return [
    ...(job.outcome === "open" ? ["not over: its price is still locked"] : []),
    ...(exactness.violations.length === 0
      ? []
      : [`the opened sum was off by more than its quantisation bound in ${rounds(exactness.violations)}`]),
    ...(epsilonMax !== null && budget !== null && epsilonMax > budget
      ? [`an owner spent epsilon ${epsilonMax.toFixed(3)}, above the job's budget of ${budget}`]
      : []),
    ...privacy.owners
      .filter(({ overall, limit }) => limit !== null && overall > limit)
      .map(
        ({ agent, overall, limit }) =>
          `${agent} spent epsilon ${overall.toFixed(3)}, above its own limit of ${limit}`,
      ),
    ...(broken.length === 0
      ? []
      : [`the chain of model hashes is broken before ${rounds(broken.map(({ round }) => round))}`]),
    ...(hiding && small.length > 0
      ? [`a sum of fewer than three owners was opened in ${rounds(small.map(({ round }) => round))}`]
      : []),
  ];
}

function jobRemarks(job: TrainingJob, { exactness }: JobAnalysis): readonly string[] {
  const { unknownRounds, saturatedShare } = exactness;
  const { central, locals } = job.baselines;
  const trained = job.rounds.length > 0;
  const reopened = job.rounds.filter(({ attempt }) => attempt > 1).length;
  return [
    ...(unknownRounds > 0
      ? [
          `the plain sums of ${unknownRounds} of ${job.rounds.length} rounds are not known, so their exactness was not checked`,
        ]
      : []),
    ...(saturatedShare !== null && saturatedShare > 0
      ? [`${percent(saturatedShare)} of the coordinates were cut at the quantisation's clip`]
      : []),
    ...(trained && central === null ? ["there is no central training to compare with"] : []),
    ...(trained && locals === null ? ["there is no training of each owner alone to compare with"] : []),
    ...(reopened > 0 ? [`${reopened} of ${job.rounds.length} rounds had to be opened again`] : []),
    ...(job.analysts.length > 1 ? [`${job.analysts.length} analysts held the job, one after another`] : []),
  ];
}

function rounds(list: readonly number[]): string {
  return `round${list.length === 1 ? "" : "s"} ${list.join(", ")}`;
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(2))} %`;
}
