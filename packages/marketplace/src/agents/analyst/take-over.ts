import { record, transactOnce } from "../effects.ts";
import { also, stay, type Turn } from "../turn.ts";
import type { AnalystContext, AnalystJob } from "./state.ts";
import { objectionTo, objectionToSize } from "./weigh-request.ts";

/**
 * Takes over a job whose analyst has let its deadline pass [ANALYST.8], if this analyst would have offered to do
 * it. The market lets one succeed.
 */
export function takeOver(context: AnalystContext, job: AnalystJob): Turn<AnalystJob> {
  const { facts, options, nowMs } = context;
  const { self } = options.ports;
  const stalled = facts.state === "training" && nowMs >= facts.deadlineMs;
  const late = nowMs >= facts.deadlineMs + 1000 * facts.terms.resumeSeconds;
  if (!options.policy.takeOver || !stalled || late || facts.analysts.includes(self)) return stay(job);
  if (facts.owners.includes(self) || objectionTo(context) !== undefined) return stay(job);
  const parameters = job.initial?.state.weights.length ?? 0;
  if (objectionToSize(context, parameters) !== undefined) return stay(job);
  const turn = transactOnce(job, `take-over/${facts.analysts.length}`, { method: "takeOver", job: job.job });
  if (turn[1].length === 0) return turn;
  return also(turn, record({ kind: "decision", job: job.job, what: "take-over", because: "STALLED" }));
}
