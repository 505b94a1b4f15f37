import { median } from "../statistics.ts";
import type { TrainingJob } from "./job-record.ts";

/** What owners had spent in the job after a round. */
export interface EpsilonPoint {
  readonly round: number;
  readonly lowest: number;
  readonly median: number;
  readonly highest: number;
  /** For one who does not know who took part in which round; `null` when not accounted. */
  readonly sampled: number | null;
}

/** What an owner had spent after the last round in which it was accounted. */
export interface OwnerPrivacy {
  readonly agent: string;
  readonly inJob: number;
  /** Over all its jobs so far. */
  readonly overall: number;
  /** What it lets itself spend over all its jobs; `null` without a limit. */
  readonly limit: number | null;
}

export interface PrivacySpent {
  readonly byRound: readonly EpsilonPoint[];
  readonly owners: readonly OwnerPrivacy[];
  /** The most that any owner spent in the job; `null` without differential privacy, or before its first round. */
  readonly epsilonMax: number | null;
  /** What an owner may spend in the job; `null` without a limit. */
  readonly budget: number | null;
}

/** [TRAINING.5] The privacy that each owner has spent, round by round. */
export function privacySpent(job: TrainingJob): PrivacySpent {
  const limits = new Map(job.candidates.map(({ agent, epsilonLimit }) => [agent, epsilonLimit]));
  const last = new Map<string, OwnerPrivacy>();
  const byRound = job.rounds.flatMap(({ round, epsilon, epsilonSampled }): readonly EpsilonPoint[] => {
    for (const own of epsilon) last.set(own.agent, { ...own, limit: limits.get(own.agent) ?? null });
    const values = epsilon.map(({ inJob }) => inJob);
    if (values.length === 0) return [];
    const [lowest, highest] = [Math.min(...values), Math.max(...values)];
    return [{ round, lowest, median: median(values), highest, sampled: epsilonSampled }];
  });
  const owners = [...last.values()];
  return {
    byRound,
    owners,
    epsilonMax: owners.length === 0 ? null : Math.max(...owners.map(({ inJob }) => inJob)),
    budget: job.privacy.dp?.epsilonBudget ?? null,
  };
}
