import { contributionWeights, memberScores } from "@sheaf/federated";
import type { Address } from "@sheaf/protocol";
import { isAsked, record, transactOnce } from "../effects.ts";
import { fromBitmap } from "../round/bitmap.ts";
import { send } from "../send.ts";
import { also, stay, type Turn } from "../turn.ts";
import { committedState, isHandedOver, type JobFacts, roundsSurvived } from "../view/market-view.ts";
import { giveUp } from "./give-up.ts";
import type { AnalystRecord } from "./saved.ts";
import { type AnalystContext, type AnalystJob, holdsJob } from "./state.ts";

/** Delivers when training is over and everything is valued [ANALYST.5] [ANALYST.7]; with too little work it gives up [ANALYST.12]. */
export function deliver(context: AnalystContext, job: AnalystJob): Turn<AnalystJob> {
  const { facts } = context;
  if (!holdsJob(context)) return stay(job);
  if (isHandedOver(facts)) return handOver(context, job);
  if (facts.state !== "training" || job.record.ended === "" || job.round !== undefined) return stay(job);
  const stateHash = committedState(facts);
  if (stateHash === undefined || facts.rounds.length < facts.terms.minRounds)
    return giveUp(context, job, job.record.ended);
  if (job.valuing.size > 0 || isAsked(job, "deliver")) return stay(job);
  const { scores, standardErrors, weights, clipped } = weigh(facts, job.record);
  const turn = transactOnce(job, "deliver", { method: "deliver", job: job.job, stateHash, weights });
  if (turn[1].length === 0) return turn;
  const method = facts.spec?.contribution.method ?? "participation";
  return also(
    turn,
    record({
      kind: "contributions",
      job: job.job,
      method,
      members: facts.owners,
      scores,
      standardErrors: standardErrors ?? null,
      weights,
      clipped,
    }),
  );
}

interface Weighed {
  readonly scores: readonly number[];
  /** Of the scores, where they are estimated from those of groups [CONTRIBUTION.8]. */
  readonly standardErrors?: readonly number[];
  /** Infinite where the groups show no differences between owners [CONTRIBUTION.8]. */
  readonly ridge?: number;
  readonly weights: readonly bigint[];
  readonly clipped: number;
}

/**
 * A weight for each owner [ANALYST.7]: rounds survived, or the score that the values of all rounds give it. A
 * round that was not valued (another analyst ran it) counts as an average one in which all did alike. Who
 * survived no round gets nothing, as the market demands.
 */
export function weigh(facts: JobFacts, { values }: AnalystRecord): Weighed {
  const survived = facts.owners.map((owner) => roundsSurvived(facts, owner));
  if (values.length === 0) {
    return { scores: survived, weights: survived.map((rounds) => BigInt(rounds)), clipped: 0 };
  }
  const totals = values.map(({ scores }) => scores.reduce((sum, score) => sum + score, 0));
  const average = totals.reduce((sum, total) => sum + total, 0) / totals.length;
  const valued = new Set(values.map(({ round }) => round));
  const others = facts.rounds
    .filter(({ round }) => !valued.has(round))
    .map(({ survivorBitmap }) => ({ groups: [indices(facts, survivorBitmap)], scores: [average] }));
  const { scores, standardErrors, ridge } = memberScores([...values, ...others], facts.owners.length);
  const earned = scores.map((score, index) => ((survived[index] ?? 0) > 0 ? score : 0));
  const { weights, loss } = contributionWeights(earned);
  const errors = standardErrors === undefined ? {} : { standardErrors, ridge };
  return { scores: earned, ...errors, weights, clipped: Math.abs(loss) };
}

function indices({ owners }: JobFacts, bitmap: bigint): number[] {
  return (fromBitmap(owners, bitmap) ?? []).map((owner) => owners.indexOf(owner));
}

/** The model goes to the consumer once training is over on chain, and again whenever it is asked for. */
function handOver({ facts }: AnalystContext, job: AnalystJob): Turn<AnalystJob> {
  if (job.delivered || job.model === undefined || job.model.hash !== committedState(facts)) return stay(job);
  return [{ ...job, delivered: true }, [modelFor(facts.consumer, job, job.model.bytes)]];
}

/** Answers the consumer's request for the model. */
export function onModelRequest({ facts }: AnalystContext, job: AnalystJob, from: Address): Turn<AnalystJob> {
  if (from !== facts.consumer || !isHandedOver(facts)) return stay(job);
  if (job.model === undefined || job.model.hash !== committedState(facts)) return stay(job);
  return also(stay(job), modelFor(from, job, job.model.bytes));
}

function modelFor(consumer: Address, { job }: AnalystJob, state: Uint8Array) {
  return send(consumer, job, "model.deliver", { state });
}
