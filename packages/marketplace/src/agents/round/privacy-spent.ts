import { createAccountant, type MechanismInput } from "@sheaf/federated";
import type { JobSpec } from "../../job-spec.ts";
import type { JobFacts } from "../view/market-view.ts";
import { roundMechanism } from "./noise.ts";

/** Rounds in whose cohort each owner was: each may have sent something in it. */
export function timesAsked(facts: JobFacts): number[] {
  return facts.owners.map(
    (_, index) =>
      facts.rounds.filter((round) => ((round.opening.cohortBitmap >> BigInt(index)) & 1n) === 1n).length,
  );
}

/** Whether the specification's epsilon still allows an owner another round [PHASE.7]. */
export function hasPrivacyLeft(spec: JobSpec, asked: number): boolean {
  const after = epsilonAfter(spec, asked + 1);
  return after === null || after <= (spec.privacy.dp?.epsilonBudget ?? Number.POSITIVE_INFINITY);
}

/** Epsilon of an owner after `rounds` rounds, as everybody who reads the chain may hold against it [PHASE.7]. */
export function epsilonAfter(spec: JobSpec, rounds: number): number | null {
  const { dp } = spec.privacy;
  const mechanism = roundMechanism(spec);
  if (dp === undefined || mechanism === undefined) return null;
  return rounds === 0 ? 0 : accountant(mechanism, dp.delta).epsilonAfter(rounds);
}

function accountant(mechanism: MechanismInput, delta: number) {
  return createAccountant({ ...mechanism, delta });
}
