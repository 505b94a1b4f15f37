import { describe, expect, it } from "vitest";
import { recomputeRound } from "../../../src/agents/round/recompute.ts";
import { decodeRoundTranscript } from "../../../src/agents/round/transcript.ts";
import { quantisationStep } from "../../../src/agents/round/vector-plan.ts";
import type { JobSpecInput } from "../../../src/job-spec.ts";
import { tinySpec } from "../../simulation/orders.ts";
import { aggregationErrors } from "../support/audit.ts";
import { factsOf, portsFor } from "../support/look.ts";
import { calls, events } from "../support/table.ts";
import { startTraining } from "../support/training.ts";

const groups = { secagg: { groupSize: 3, threshold: 0.6, bits: 18, clip: 1 } };
const sparse = { secagg: { neighbours: 4, threshold: 0.6, bits: 16, clip: 1 } };
const dp = { clip: 1, noiseMultiplier: 1.2, delta: 1e-5, epsilonBudget: 100 } as const;

const variants: readonly (readonly [string, number, Partial<JobSpecInput>])[] = [
  ["none, mean", 4, { privacy: { mode: "none" } }],
  ["none, krum, fedadam", 5, { privacy: { mode: "none" }, aggregation: { kind: "krum", byzantine: 1 } }],
  ["secagg, one group", 5, {}],
  [
    "secagg, groups of three, median",
    10,
    { privacy: { mode: "secagg", ...groups }, aggregation: { kind: "median" } },
  ],
  ["secagg, four neighbours", 9, { privacy: { mode: "secagg", ...sparse } }],
  ["dp, central noise", 4, { privacy: { mode: "dp", dp: { ...dp, noise: "central" } } }],
  ["dp, distributed noise", 4, { privacy: { mode: "dp", dp: { ...dp, noise: "distributed" } } }],
  [
    "secagg+dp, distributed noise",
    5,
    { privacy: { mode: "secagg+dp", dp: { ...dp, noise: "distributed" }, secagg: { threshold: 0.6 } } },
  ],
  [
    "secagg+dp, central noise, groups",
    6,
    { privacy: { mode: "secagg+dp", dp: { ...dp, noise: "central" }, ...groups } },
  ],
];

describe("a whole training, without faults", () => {
  it.each(variants)(
    "%s: every round is the plain sum, and can be computed again [PHASE.6] [PHASE.10] [PHASE.11]",
    async (_, owners, change) => {
      const spec = tinySpec("secagg", change);
      const training = await startTraining({ owners, spec });
      const { table, analyst } = training;
      expect(await table.run(() => calls(analyst, "deliver").length > 0)).toBe(true);
      const rounds = events(analyst, "round");
      expect(rounds.map(({ survivors }) => survivors.length)).toEqual([owners, owners]);
      const { secagg } = spec.privacy;
      const step = secagg === undefined ? 1e-6 : quantisationStep(secagg);
      for (const error of aggregationErrors(training)) expect(error).toBeLessThan(owners * step + 1e-5);

      const facts = factsOf(analyst, table);
      for (const closed of facts.rounds) {
        const bytes = analyst.saved.get(`bulk/1/${closed.round}`);
        const transcript = bytes && decodeRoundTranscript(bytes);
        expect(transcript).toBeDefined();
        if (transcript !== undefined) {
          expect(recomputeRound(portsFor(analyst), facts, closed, transcript)).toMatchObject({ holds: true });
        }
      }
    },
  );
});
