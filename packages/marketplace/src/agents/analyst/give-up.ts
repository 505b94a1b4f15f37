import { record, transactOnce } from "../effects.ts";
import { also, stay, type Turn } from "../turn.ts";
import { activeOwners } from "../view/market-view.ts";
import type { AnalystContext, AnalystJob } from "./state.ts";

/**
 * Says on chain that the job cannot be done here [ANALYST.12]: in recruiting the price goes back, in training another
 * analyst may try at once. With fewer owners left than the terms demand nobody could, and training is stopped. Once
 * the deadline is over there is nothing left to say.
 */
export function giveUp(
  { facts, view, nowMs }: AnalystContext,
  job: AnalystJob,
  because: string,
): Turn<AnalystJob> {
  if (nowMs >= facts.deadlineMs) return stay(job);
  const isHopeless = facts.state === "training" && activeOwners(view, facts).length < facts.terms.minOwners;
  const method = isHopeless ? "expire" : "abandon";
  const turn = transactOnce(job, `give-up/${facts.state}`, { method, job: job.job });
  if (turn[1].length === 0) return turn;
  return also(turn, record({ kind: "decision", job: job.job, what: "abandon", because }));
}
