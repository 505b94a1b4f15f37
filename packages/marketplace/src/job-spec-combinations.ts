import { createAccountant, exactShapleyLimit, updatesNeeded } from "@sheaf/federated";
import type { JobSpec } from "./job-spec.ts";

/** A part of a specification that cannot be had together with another. */
export interface Conflict {
  readonly path: readonly string[];
  readonly message: string;
}

/** What tells how much of a round is shown. */
interface Hiding {
  readonly privacy: Pick<JobSpec["privacy"], "mode" | "secagg">;
}

/** Whether single updates are hidden from the analyst, so that only sums can be looked at. */
export function hidesUpdates(spec: Hiding): boolean {
  const { mode } = spec.privacy;
  return mode === "secagg" || mode === "secagg+dp" || mode === "paillier";
}

/** The most parts (single updates or groups) that a round of `members` falls into. */
export function partsOf(spec: Hiding, members: number): number {
  if (!hidesUpdates(spec)) return members;
  const size = spec.privacy.secagg?.groupSize ?? "cohort";
  if (spec.privacy.mode === "paillier" || size === "cohort") return 1;
  return Math.max(1, Math.floor(members / size));
}

/** The fewest parts that a rule works with, and that make a robust one robust. */
export function partsNeeded(rule: JobSpec["aggregation"]): number {
  return Math.max(rule.kind === "mean" ? 1 : 3, updatesNeeded(rule));
}

/** Everything in `spec` that contradicts itself [AGENT.2]. */
export function checkCombinations(spec: JobSpec): Conflict[] {
  return [...settingsOfMode(spec), ...rules(spec), ...numbers(spec)];
}

function* settingsOfMode({ privacy }: JobSpec): Generator<Conflict> {
  const { mode } = privacy;
  const wanted = {
    secagg: mode === "secagg" || mode === "secagg+dp",
    dp: mode === "dp" || mode === "secagg+dp",
    paillier: mode === "paillier",
  };
  for (const part of ["secagg", "dp", "paillier"] as const) {
    if (wanted[part] && privacy[part] === undefined) {
      yield { path: ["privacy", part], message: `mode "${mode}" needs it` };
    }
    if (!wanted[part] && privacy[part] !== undefined) {
      yield { path: ["privacy", part], message: `mode "${mode}" does not use it` };
    }
  }
}

function* rules(spec: JobSpec): Generator<Conflict> {
  const cohort = spec.training.cohort === "all" ? 256 : spec.training.cohort;
  const parts = partsOf(spec, cohort);
  const needed = partsNeeded(spec.aggregation);
  if (parts < needed) {
    yield {
      path: ["aggregation"],
      message: `"${spec.aggregation.kind}" needs ${needed} parts to choose from; this mode and cohort give ${parts}: choose a smaller groupSize, another rule or another mode`,
    };
  }
  const { method } = spec.contribution;
  if (method !== "participation" && parts < 2) {
    yield {
      path: ["contribution", "method"],
      message: `"${method}" compares parts of a round; this mode shows only one sum: choose a smaller groupSize, or "participation"`,
    };
  }
  if (method === "shapley" && (spec.training.cohort === "all" || parts > exactShapleyLimit)) {
    yield {
      path: ["contribution", "method"],
      message: `exact Shapley values need a cohort of at most ${exactShapleyLimit} parts: choose "gtg" or "truncated-monte-carlo"`,
    };
  }
  const { optimiser } = spec.training;
  if (optimiser.kind === "fedsgd" && spec.training.localEpochs !== 1) {
    yield { path: ["training", "localEpochs"], message: "fedsgd sends one gradient: it must be 1" };
  }
}

/** Settings that do not go into the numbers they are carried in, or make them meaningless. */
function* numbers({ privacy, training, aggregation }: JobSpec): Generator<Conflict> {
  const { mode, dp, paillier, secagg } = privacy;
  if (paillier !== undefined && training.maxWeight >= 2 ** (paillier.bits - 1)) {
    yield { path: ["training", "maxWeight"], message: `does not go into ${paillier.bits} bits: lower it` };
  }
  if (dp?.noise === "central" && aggregation.kind !== "mean") {
    yield {
      path: ["aggregation"],
      message: `central noise is sized for a mean, not for "${aggregation.kind}": choose "mean", or mode "secagg+dp" with distributed noise`,
    };
  }
  if (dp?.noise === "distributed" && mode === "dp" && aggregation.kind !== "mean") {
    yield {
      path: ["aggregation"],
      message: `an owner's share of the noise protects nothing but a mean, not "${aggregation.kind}": choose "mean", or mode "secagg+dp"`,
    };
  }
  if (dp !== undefined && !isAccountable(dp)) {
    yield { path: ["privacy", "dp"], message: "no finite epsilon follows: raise noiseMultiplier or delta" };
  }
  if (dp?.noise === "distributed" && secagg !== undefined) {
    const steps = (dp.clip / secagg.clip) * (2 ** (secagg.bits - 1) - 1) * Math.max(1, dp.noiseMultiplier);
    if (steps >= 2 ** 30) {
      yield {
        path: ["privacy", "dp", "clip"],
        message:
          "the noise does not go into 32 bits: lower it, the noise or secagg's bits, or raise secagg's clip",
      };
    }
  }
}

/** Whether one round with this noise has an epsilon at all, so that no agent fails to account for it. */
function isAccountable({ noiseMultiplier, delta }: NonNullable<JobSpec["privacy"]["dp"]>): boolean {
  try {
    return Number.isFinite(createAccountant({ noiseMultiplier, delta }).epsilonAfter(1));
  } catch {
    return false;
  }
}
