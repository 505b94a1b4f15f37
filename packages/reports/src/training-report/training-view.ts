import {
  analyseTraining,
  type JobAnalysis,
  summarizeTraining,
  type TrainingAnalysis,
  type TrainingJob,
  type TrainingRecord,
  type TrainingSummary,
} from "@sheaf/measure";

/** One job as the report shows it. */
export interface JobView {
  readonly job: TrainingJob;
  readonly analysis: JobAnalysis;
  /** The name of the chain that it was on. */
  readonly chain: string;
  /** What identifiers of its charts end in: "" in a run of one job. */
  readonly suffix: string;
  /** What captions and titles end in: "", or ", job 2". */
  readonly of: string;
}

/** Everything a report of a training is made from, derived once. */
export interface TrainingView {
  readonly record: TrainingRecord;
  readonly analysis: TrainingAnalysis;
  readonly summary: TrainingSummary;
  readonly jobs: readonly JobView[];
  /** How an agent is named: its name, and its attack where it has one. */
  readonly label: (agent: string) => string;
}

/** Derives the view of a training. `dir` is its folder as the summary names it. */
export function createTrainingView(record: TrainingRecord, dir: string): TrainingView {
  const analysis = analyseTraining(record);
  const several = record.jobs.length > 1;
  const attacks = new Map(record.agents.map(({ name, attack }) => [name, attack?.kind]));
  return {
    record,
    analysis,
    summary: summarizeTraining(record, dir),
    jobs: record.jobs.map((job, index) => ({
      job,
      analysis: analysis.jobs[index] as JobAnalysis,
      chain: record.chains[job.chain]?.name ?? "",
      suffix: several ? `-job-${index + 1}` : "",
      of: several ? `, job ${job.id} on ${record.chains[job.chain]?.name ?? ""}` : "",
    })),
    label: (agent) => {
      const attack = attacks.get(agent);
      return attack === undefined ? agent : `${agent} (${attack})`;
    },
  };
}

/** The agents of a role, in the order of the record. */
export function agentsOf(
  { record }: TrainingView,
  role: TrainingRecord["agents"][number]["role"],
): readonly string[] {
  return record.agents.filter((agent) => agent.role === role).map(({ name }) => name);
}
