import {
  type ComparisonRow,
  type PartitionMethod,
  type SweepOptions,
  type SweepPoint,
  sweep,
} from "@sheaf/game";
import {
  type CoalitionMethod,
  type CoalitionRecord,
  type CoalitionSweep,
  type Estimate,
  estimateOf,
  type MethodEstimates,
  type OverSeeds,
} from "@sheaf/measure";
import { plural } from "@sheaf/reports";
import type { Progress } from "../terminal/progress.ts";
import { drawScenario, scenarioOptionsOf } from "./build-game.ts";
import type { CoalitionExperiment, Sweep } from "./coalition-file.ts";
import { formationOptions } from "./formation-options.ts";

type ComparisonRecord = CoalitionRecord["comparison"];

const METHODS: Readonly<Record<PartitionMethod, CoalitionMethod>> = {
  "merge-split": "merge-and-split",
  singletons: "singletons",
  grand: "grand",
  random: "random",
  "best-sum": "best-sum",
  "best-min": "best-min",
};

const LABELS: Readonly<Record<Sweep["parameter"], readonly [label: string, unit: string]>> = {
  miners: ["number of miners", ""],
  rewardTokens: ["reward R", "tokens an epoch"],
  aloneTokens: ["reward R, as the mean award of a miner alone", "tokens an epoch"],
  linkTokens: ["cost of a link", "tokens an epoch"],
  kilometreTokens: ["cost of distance", "tokens an epoch and km"],
  synergy: ["synergy exponent", ""],
  workersPerMiner: ["workers of a miner", ""],
  workersPerKm2: ["density of workers", "a km²"],
  minersPerKm2: ["density of miners", "a km²"],
  reachKm: ["reach of a miner", "km"],
};

export const FAIRNESS =
  "Jain's index of the gains over being alone, those below zero as zero: 1 when all gain the same, 1/n when one gains all; none when nobody gains. Over seeds, the mean is of those that have one.";

/** The alternatives in the run's own scenario. */
export function alternativeRows(rows: readonly ComparisonRow[]): ComparisonRecord["alternatives"] {
  return rows.map(({ method, partition, measures }) => ({
    name: METHODS[method],
    partition: partition.map((members) => [...members]),
    coalitions: measures.coalitions,
    sum: measures.sum,
    minimum: measures.min,
    meanGain: measures.meanGain,
    fairness: measures.fairness,
  }));
}

/**
 * The same over seeds, and each sweep. Ends early, with what is whole until then, when `signal` is raised; other work
 * of the process goes on between two scenarios.
 */
export async function compareOverSeeds(
  { game, formation, comparison: { seeds, sweeps } }: CoalitionExperiment,
  { progress, signal }: { readonly progress: Progress; readonly signal: AbortSignal },
): Promise<Pick<ComparisonRecord, "overSeeds" | "sweeps" | "seeds">> {
  if (game.kind !== "sensing" || seeds === 0) return { overSeeds: null, sweeps: [], seeds: null };
  const scenario = scenarioOptionsOf(game);
  const own: SweepOptions = { parameter: "miners", values: [game.miners], seeds, scenario };
  const plans = [own, ...sweeps.map((plan): SweepOptions => ({ ...plan, seeds, scenario }))];
  const total = plans.reduce((sum, { values }) => sum + seeds * values.length, 0);
  const phase = progress.phase("comparing over seeds", total);
  let done = 0;
  const results: (readonly SweepPoint[])[] = [];
  for (const plan of plans) {
    const points: SweepPoint[] = [];
    for (const point of sweep({ ...plan, draw: drawScenario, formation: formationOptions(formation) })) {
      if (signal.aborted) break;
      points.push(point);
      done += 1;
      phase.update(done, `${LABELS[plan.parameter][0]} ${point.value}`);
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    if (signal.aborted) break;
    results.push(points);
  }
  phase.finish(signal.aborted ? "interrupted" : plural(done, "scenario"));
  const [first, ...rest] = results;
  return {
    overSeeds: first === undefined ? null : (overSeedsOf(first)[0]?.rows ?? null),
    sweeps: rest.map((points, index) => toSweep(sweeps[index] as Sweep, points)),
    seeds: first === undefined ? null : seeds === 1 ? "1" : `1 to ${seeds}`,
  };
}

function toSweep({ parameter }: Sweep, points: readonly SweepPoint[]): CoalitionSweep {
  const [label, unit] = LABELS[parameter];
  return {
    parameter: { name: parameter, label, unit },
    points: overSeedsOf(points)
      .map(({ value, rows }) => ({ value, ...rows }))
      .sort((a, b) => a.value - b.value),
  };
}

/** By value: every method's means over the seeds. */
function overSeedsOf(points: readonly SweepPoint[]): { readonly value: number; readonly rows: OverSeeds }[] {
  return [...new Set(points.map(({ value }) => value))].map((value) => {
    const own = points.filter((point) => point.value === value);
    const methods = [...new Set(own.flatMap((point) => point.methods.map(({ method }) => method)))];
    const measured = own.flatMap((point) => point.methods);
    return {
      value,
      rows: { seeds: own.length, rows: methods.map((method) => estimatesOf(method, measured)) },
    };
  });
}

function estimatesOf(method: PartitionMethod, measured: SweepPoint["methods"]): MethodEstimates {
  const own = measured.filter((each) => each.method === method).map(({ measures }) => measures);
  const estimate = (figures: readonly number[]): Estimate => estimateOf(figures) as Estimate;
  return {
    name: METHODS[method],
    coalitions: estimate(own.map(({ coalitions }) => coalitions)),
    sum: estimate(own.map(({ sum }) => sum)),
    minimum: estimate(own.map(({ min }) => min)),
    meanGain: estimate(own.map(({ meanGain }) => meanGain)),
    fairness: estimateOf(own.flatMap(({ fairness }) => (fairness === null ? [] : [fairness]))),
  };
}
