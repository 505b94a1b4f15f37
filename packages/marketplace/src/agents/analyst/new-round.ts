import type { Address } from "@sheaf/protocol";
import type { JobSpec } from "../../job-spec.ts";
import { type AttemptId, announcedRound, contextOf, isMasked } from "../round/attempt.ts";
import type { Model } from "../round/model.ts";
import { vectorPlan } from "../round/vector-plan.ts";
import type { AnalystContext, RoundState } from "./state.ts";

/** An attempt at a round from `model`, of which nothing but the cohort is known yet. */
export function newRound(
  { facts, options, nowMs }: AnalystContext,
  spec: JobSpec,
  id: AttemptId,
  cohort: readonly Address[],
  model: Model,
): RoundState {
  const context = contextOf(options.ports.scope, id);
  const plan = vectorPlan(spec, model.state.weights.length, cohort.length);
  return {
    id,
    context,
    phase: "keys",
    over: false,
    phaseSinceMs: nowMs,
    cohort,
    stateHash: model.hash,
    openedBefore: facts.opening?.attempt ?? 0,
    plan,
    announced: isMasked(spec) ? announcedRound(context, spec, cohort, model.hash, plan.dimension) : undefined,
    present: new Map(),
    refused: new Set(),
    accusers: new Map(),
    voids: [],
    groups: [],
    updates: new Map(),
    encrypted: new Map(),
    inputs: new Map(),
    sum: undefined,
    decrypted: undefined,
    repeats: 0,
    closing: undefined,
  };
}
