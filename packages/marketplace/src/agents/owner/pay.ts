import { encode } from "@msgpack/msgpack";
import { epsilonSpent, type MechanismInput, type PrivacyBudget, spend } from "@sheaf/federated";
import { record } from "../effects.ts";
import type { AgentOutput } from "../ports.ts";
import { BUDGET_KEY } from "./saved.ts";
import type { OwnAttempt, OwnerContext, OwnerJob } from "./state.ts";

/** A job and the budget over all jobs. */
export interface JobAndBudget {
  readonly job: OwnerJob;
  readonly budget: PrivacyBudget | undefined;
}

export interface Paid extends JobAndBudget {
  /** To be performed before the update leaves: the budget is saved first [OWNER.5]. */
  readonly outputs: readonly AgentOutput[];
}

/**
 * Takes a round's noise from the budget, once a round however often it is attempted: an attempt is repeated
 * only when the earlier one stays closed, or with the same bytes. `undefined` when the budget does not allow it.
 */
export function pay(
  { options, budget, facts }: OwnerContext,
  job: OwnerJob,
  attempt: OwnAttempt,
  mechanism: MechanismInput | undefined,
): Paid | undefined {
  const { round } = attempt.id;
  if (mechanism === undefined || budget === undefined || job.record.paidRound === round) {
    return { job, budget, outputs: [] };
  }
  const name = `${options.ports.scope}/${facts.job}`;
  const outcome = spend(budget, { job: name, mechanism });
  if ("rejected" in outcome) return undefined;
  const ofJob = outcome.budget.spendings.filter((spending) => spending.job === name);
  const epsilonJob = epsilonSpent({ ...outcome.budget, spendings: ofJob });
  return {
    job: { ...job, record: { ...job.record, paidRound: round, epsilon: epsilonJob } },
    budget: outcome.budget,
    outputs: [
      { type: "save", key: BUDGET_KEY, value: encode(outcome.budget) },
      record({
        kind: "privacy",
        job: job.job,
        round,
        attempt: attempt.id.attempt,
        epsilonJob,
        epsilonAll: outcome.epsilon,
        limit: budget.epsilonLimit,
      }),
    ],
  };
}
