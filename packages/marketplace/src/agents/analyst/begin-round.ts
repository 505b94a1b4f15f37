import { hexToBytes } from "@sheaf/base";
import { createConvergence } from "@sheaf/federated";
import type { Address } from "@sheaf/protocol";
import { record } from "../effects.ts";
import { bitmapToBytes, toBitmap } from "../round/bitmap.ts";
import { sendToEach } from "../send.ts";
import { also, stay, type Turn } from "../turn.ts";
import { committedState, type JobFacts, nextRound, roundLimit } from "../view/market-view.ts";
import { chooseCohort } from "./choose-cohort.ts";
import { newRound } from "./new-round.ts";
import { enterPhase } from "./phases.ts";
import { type AnalystRecord, saveRecord } from "./saved.ts";
import { type AnalystContext, type AnalystJob, holdsJob, type RoundState } from "./state.ts";

/** Announces the next round, or ends the training [ANALYST.3] [ANALYST.5]. */
export function beginRound(context: AnalystContext, job: AnalystJob): Turn<AnalystJob> {
  const { facts, nowMs } = context;
  if (facts.state !== "training" || !holdsJob(context) || job.round !== undefined) return stay(job);
  if (job.resumable !== undefined || job.unmasking !== undefined) return stay(job);
  if (job.model === undefined || job.record.ended !== "" || nowMs < job.restsUntilMs) return stay(job);
  const reason = endReason(facts, job.record);
  if (reason !== undefined) return endTraining(job, reason);
  const cohort = chooseCohort(context, job);
  return cohort === undefined ? endTraining(job, "TOO_FEW_OWNERS") : announce(context, job, cohort);
}

/** Why no further round is run: the last one of the specification, or a loss that no longer falls. */
function endReason(facts: JobFacts, { losses }: AnalystRecord): string | undefined {
  if (facts.spec === undefined) return "SPECIFICATION_INVALID";
  if (facts.rounds.length >= roundLimit(facts)) return "ROUNDS_DONE";
  if (facts.rounds.length < facts.terms.minRounds) return undefined;
  const convergence = createConvergence(facts.spec.training.convergence);
  const converged = losses.reduce((_, loss) => convergence.step(loss), false);
  return converged ? "CONVERGED" : undefined;
}

function endTraining(job: AnalystJob, because: string): Turn<AnalystJob> {
  const next = { ...job, record: { ...job.record, ended: because } };
  return [next, [saveRecord(next), record({ kind: "decision", job: job.job, what: "end", because })]];
}

function announce(context: AnalystContext, job: AnalystJob, cohort: RoundState["cohort"]): Turn<AnalystJob> {
  const { facts, options } = context;
  const { spec, owners } = facts;
  const { model, record: before } = job;
  if (spec === undefined || model === undefined) return stay(job);
  const number = nextRound(facts);
  const again = before.round === number;
  const attempt = again ? before.attempt + 1 : 1;
  const kept = { failed: again ? before.failed : 0, spent: again ? before.spent : [] };
  const numbered: AnalystJob = { ...job, record: { ...before, ...kept, round: number, attempt } };
  const id = { job: job.job, analyst: options.ports.self, round: number, attempt };
  const round = newRound(context, spec, id, cohort, model);
  const entered = enterPhase(context, numbered, round, "keys", spec.phaseMs.keys);
  const saved: Turn<AnalystJob> = [entered[0], [saveRecord(numbered), ...entered[1]]];
  const body = {
    round: number,
    attempt,
    cohort: bitmapToBytes(toBitmap(owners, cohort)),
    stateHash: hexToBytes(model.hash),
  };
  const fresh = committedState(facts) === undefined;
  const holds = (owner: Address): boolean => fresh || job.holders.has(owner);
  const others = cohort.filter((owner) => !holds(owner));
  return also(
    saved,
    ...sendToEach(cohort.filter(holds), job.job, "round.announce", body),
    ...(others.length === 0
      ? []
      : sendToEach(others, job.job, "round.announce", { ...body, state: model.bytes })),
  );
}
