import type { Terms } from "../../src/chain/types.ts";
import { type JobSpec, type JobSpecInput, parseJobSpec } from "../../src/job-spec.ts";
import { CLASSES, FEATURES } from "./tiny-model.ts";

export type Mode = JobSpec["privacy"]["mode"];

/** Short periods: a market takes two or three minutes of virtual time. */
export const shortTerms: Terms = {
  offerSeconds: 20,
  recruitSeconds: 20,
  roundSeconds: 25,
  resumeSeconds: 15,
  disputeSeconds: 30,
  minRounds: 1,
  maxRounds: 2,
  minOwners: 3,
  maxOwners: 16,
};

/** For owners that take part in whatever there is. */
export const everyMode = ["none", "secagg", "dp", "secagg+dp", "paillier"] as const;

/** A job over the synthetic data in a privacy mode. */
export function tinySpec(mode: Mode, change: Partial<JobSpecInput> = {}): JobSpec {
  return parseJobSpec({
    version: 1,
    title: `simulated ${mode}`,
    task: { kind: "classification", classes: CLASSES },
    shape: [FEATURES],
    model: { kind: "softmax" },
    training: {
      optimiser: { kind: "fedavg" },
      rounds: 2,
      cohort: "all",
      localEpochs: 1,
      batchSize: 8,
      learningRate: { kind: "constant", initial: 0.2 },
      convergence: { tolerance: 0, patience: 10, minRounds: 1 },
      maxWeight: 64,
    },
    privacy: { mode, ...settings[mode] },
    aggregation: { kind: "mean" },
    contribution: { method: "participation" },
    phaseMs: { keys: 4_000, shares: 3_000, train: 4_000, confirm: 3_000, unmask: 3_000 },
    seed: "simulation",
    ...change,
  });
}

const secagg = { threshold: 0.6, neighbours: "all", groupSize: "cohort", bits: 16, clip: 2 } as const;
const dp = { clip: 1, noiseMultiplier: 1.5, delta: 1e-5, epsilonBudget: 50, noise: "distributed" } as const;

const settings: Record<Mode, Partial<JobSpecInput["privacy"]>> = {
  none: {},
  secagg: { secagg },
  dp: { dp: { ...dp, noise: "central" } },
  "secagg+dp": { secagg, dp },
  paillier: { paillier: { keyBits: 2048, n: "0x00", bits: 16, clip: 2 } },
};
