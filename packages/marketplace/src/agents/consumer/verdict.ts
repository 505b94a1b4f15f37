import type { JobSpec } from "../../job-spec.ts";
import type { JobFacts } from "../view/market-view.ts";
import type { Quality, Verdict } from "./state.ts";

/** What the specification declares that a model must reach, and this one does not [CONSUMER.8]. */
export function shortfalls(wanted: JobSpec["quality"], { loss, accuracy, rmse }: Quality): string[] {
  if (wanted === undefined) return [];
  const found: string[] = [];
  const { minAccuracy, maxLoss, maxRmse } = wanted;
  if (minAccuracy !== undefined && !(accuracy !== null && accuracy >= minAccuracy)) found.push("ACCURACY");
  if (maxLoss !== undefined && !(loss <= maxLoss)) found.push("LOSS");
  if (maxRmse !== undefined && !(rmse !== null && rmse <= maxRmse)) found.push("RMSE");
  return found;
}

/**
 * Of a model that is the one on chain. A model that misses the declared quality may still be what honest work
 * on these data came to: a dispute can only show that a round was computed wrongly, so one is drawn that
 * nobody has disputed [CONSUMER.8].
 */
export function judge(job: JobFacts, quality: Quality, random: (bound: number) => number): Verdict {
  if (shortfalls(job.spec?.quality, quality).length === 0) return { kind: "good" };
  const open = job.rounds.map(({ round }) => round).filter((round) => !isDisputed(job, round));
  const round = open[random(Math.max(1, open.length))];
  return round === undefined ? { kind: "good" } : { kind: "poor", round };
}

/** The model did not come: the round that led to it is disputed, for which the analyst must show it [CONSUMER.7]. */
export function judgeAbsence(job: JobFacts, wrongStates: number): Verdict {
  return { kind: wrongStates > 0 ? "wrong" : "missing", round: job.rounds.length };
}

function isDisputed(job: JobFacts, round: number): boolean {
  return job.disputed.some((each) => each.round === round);
}
