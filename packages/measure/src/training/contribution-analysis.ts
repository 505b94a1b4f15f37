import { average } from "../statistics.ts";
import type { TrainingAgent } from "./agent-record.ts";
import type { TrainingJob } from "./job-record.ts";

/** What one owner gave, what it was found to be worth, and what it got. */
export interface OwnerContribution {
  readonly agent: string;
  /** `null` where it is not known. */
  readonly samples: number | null;
  /** Rounds in which its update was in a sum. */
  readonly rounds: number;
  readonly score: number;
  /** 1 is the lowest score; equal scores share the mean of their ranks. */
  readonly rank: number;
  /** As delivered on chain. */
  readonly weight: bigint;
  readonly paid: bigint;
  readonly attack: string | null;
}

/** How well the scores tell attackers from honest owners. */
export interface AttackDetection {
  readonly attackers: number;
  /** How many of them are among that many lowest scores. */
  readonly amongLowest: number;
  /** Probability that an attacker drawn at random scores below an honest owner (ties count half): 0.5 is chance. */
  readonly separation: number;
  /** What attackers got, as a share of what all owners got; `null` when nothing was paid. */
  readonly paidShare: number | null;
}

export interface ContributionAnalysis {
  /** In the order of the delivery. */
  readonly owners: readonly OwnerContribution[];
  /**
   * Rank correlation (Spearman) of score and number of samples over honest owners; `null` for fewer than three of
   * them, or without spread.
   */
  readonly scoreBySamples: number | null;
  /** Sum of the negative scores, which count as zero on chain. */
  readonly clipped: number;
  /** Sum of scores minus (value of all - value of nobody): 0 for exact Shapley values. `null` where not known. */
  readonly efficiencyGap: number | null;
  /** `null` without attackers, or when all are. */
  readonly detection: AttackDetection | null;
}

/** [TRAINING.10] What the contributions say of the owners; `null` when nothing was delivered. */
export function contributionsOf(
  job: TrainingJob,
  agents: readonly TrainingAgent[],
): ContributionAnalysis | null {
  if (job.contributions === null) return null;
  const { rows, ofAll, ofNobody } = job.contributions;
  const byName = new Map(agents.map((agent) => [agent.name, agent]));
  const ranks = midRanks(rows.map(({ score }) => score));
  const owners = rows.map(({ agent, score, weight }, index): OwnerContribution => {
    const known = byName.get(agent);
    return {
      agent,
      samples: known?.data?.samples ?? null,
      rounds: job.rounds.filter(({ survivors }) => survivors.includes(agent)).length,
      score,
      rank: ranks[index] ?? Number.NaN,
      weight: BigInt(weight),
      paid: job.payments
        .filter((payment) => payment.agent === agent && payment.kind === "owner-share")
        .reduce((sum, { amount }) => sum + BigInt(amount), 0n),
      attack: known?.attack?.kind ?? null,
    };
  });
  const total = owners.reduce((sum, { score }) => sum + score, 0);
  return {
    owners,
    scoreBySamples: rankCorrelation(
      owners.flatMap(({ samples, score, attack }) =>
        samples === null || attack !== null ? [] : [[samples, score] as const],
      ),
    ),
    clipped: owners.reduce((sum, { score }) => sum + Math.min(0, score), 0),
    efficiencyGap: ofAll === null || ofNobody === null ? null : total - (ofAll - ofNobody),
    detection: detectionOf(owners),
  };
}

/** Spearman's rank correlation; `null` for fewer than three pairs or where one side has no spread. */
export function rankCorrelation(pairs: readonly (readonly [x: number, y: number])[]): number | null {
  if (pairs.length < 3) return null;
  const x = midRanks(pairs.map(([value]) => value));
  const y = midRanks(pairs.map(([, value]) => value));
  const [meanX, meanY] = [average(x), average(y)];
  const products = (a: readonly number[], am: number, b: readonly number[], bm: number): number =>
    a.reduce((sum, value, i) => sum + (value - am) * ((b[i] ?? bm) - bm), 0);
  const spread = Math.sqrt(products(x, meanX, x, meanX) * products(y, meanY, y, meanY));
  return spread === 0 ? null : products(x, meanX, y, meanY) / spread;
}

/** Ranks from 1, ascending; equal values share the mean of theirs. */
function midRanks(values: readonly number[]): readonly number[] {
  return values.map((value) => {
    const below = values.filter((other) => other < value).length;
    const equal = values.filter((other) => other === value).length;
    return below + (equal + 1) / 2;
  });
}

function detectionOf(owners: readonly OwnerContribution[]): AttackDetection | null {
  const attackers = owners.filter(({ attack }) => attack !== null);
  const honest = owners.filter(({ attack }) => attack === null);
  if (attackers.length === 0 || honest.length === 0) return null;
  const wins = attackers.flatMap(({ score }) =>
    honest.map((other) => (score < other.score ? 1 : score === other.score ? 0.5 : 0)),
  );
  const total = owners.reduce((sum, { paid }) => sum + paid, 0n);
  const theirs = attackers.reduce((sum, { paid }) => sum + paid, 0n);
  return {
    attackers: attackers.length,
    amongLowest: attackers.filter(({ rank }) => rank <= attackers.length).length,
    separation: average(wins),
    paidShare: total === 0n ? null : Number((theirs * 1_000_000n) / total) / 1_000_000,
  };
}
