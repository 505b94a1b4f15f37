import { describe, expect, it } from "vitest";
import { encodeJobSpec, type JobSpecInput, jobSpecOnChain, parseJobSpec } from "../src/job-spec.ts";
import { tinySpec } from "./simulation/orders.ts";

const base = tinySpec("secagg");
const dp = { clip: 1, noiseMultiplier: 1, delta: 1e-5, epsilonBudget: 10, noise: "central" } as const;
const groups = { groupSize: 3 } as const;

function refused(change: Partial<JobSpecInput>): string {
  try {
    parseJobSpec({ ...base, ...change }, "job.json");
  } catch (error) {
    return error instanceof Error ? error.message : "";
  }
  return "accepted";
}

describe("job specifications [AGENT.2]", () => {
  it("fills in defaults, and goes through the text on chain unchanged", () => {
    const spec = parseJobSpec({ ...base, privacy: { mode: "secagg", secagg: {} } });
    expect(spec.privacy.secagg).toEqual({
      threshold: 2 / 3,
      neighbours: "all",
      groupSize: "cohort",
      bits: 16,
      clip: 1,
    });
    expect(spec.training.optimiser).toEqual({ kind: "fedavg", serverLearningRate: 1 });
    expect(jobSpecOnChain(encodeJobSpec(spec))).toEqual(spec);
  });

  const conflicts: readonly (readonly [string, Partial<JobSpecInput>])[] = [
    ["privacy.secagg", { privacy: { mode: "secagg" } }],
    ["privacy.dp", { privacy: { mode: "secagg+dp", secagg: {} } }],
    ["privacy.secagg", { privacy: { mode: "none", secagg: {} } }],
    ["privacy.dp", { privacy: { mode: "secagg", secagg: {}, dp } }],
    ["privacy.paillier", { privacy: { mode: "paillier" } }],
    ["aggregation", { aggregation: { kind: "krum", byzantine: 1 } }],
    [
      "aggregation",
      {
        aggregation: { kind: "median" },
        training: { ...base.training, cohort: 8 },
        privacy: { mode: "secagg", secagg: groups },
      },
    ],
    ["aggregation", { aggregation: { kind: "median" }, privacy: { mode: "dp", dp } }],
    ["contribution.method", { contribution: { method: "gtg" } }],
    ["contribution.method", { contribution: { method: "shapley" }, privacy: { mode: "none" } }],
    [
      "training.localEpochs",
      { training: { ...base.training, optimiser: { kind: "fedsgd" }, localEpochs: 2 } },
    ],
    [
      "training.maxWeight",
      {
        privacy: { mode: "paillier", paillier: { keyBits: 2048, n: "0xab", bits: 8 } },
        training: { ...base.training, maxWeight: 128 },
      },
    ],
  ];
  it.each(conflicts)("what contradicts itself is refused with its field: %s", (field, change) => {
    expect(refused(change)).toMatch(new RegExp(`^job.json: ${field.replaceAll(".", "\\.")}: `));
  });

  it.each([
    [
      "median over nine owners in groups of three",
      {
        aggregation: { kind: "median" },
        training: { ...base.training, cohort: 9 },
        privacy: { mode: "secagg", secagg: groups },
      },
    ],
    ["Krum over single updates", { aggregation: { kind: "krum", byzantine: 1 }, privacy: { mode: "none" } }],
    ["values of groups", { contribution: { method: "gtg" }, privacy: { mode: "secagg", secagg: groups } }],
    [
      "exact values of twelve",
      {
        contribution: { method: "shapley" },
        privacy: { mode: "none" },
        training: { ...base.training, cohort: 12 },
      },
    ],
    [
      "a mean with the owners' own noise",
      { aggregation: { kind: "mean" }, privacy: { mode: "dp", dp: { ...dp, noise: "distributed" } } },
    ],
  ] as const)("what goes together is accepted: %s", (_, change) => {
    expect(refused(change)).toBe("accepted");
  });

  it.each([
    ["shares of noise protect a mean only", "aggregation", { aggregation: { kind: "median" } }, {}],
    ["noise without a finite epsilon", "privacy.dp", {}, { noiseMultiplier: 1e-300 }],
  ] as const)("%s [PHASE.7]", (_, field, change, noise) => {
    const privacy = { mode: "dp", dp: { ...dp, noise: "distributed", ...noise } } as const;
    expect(refused({ ...change, privacy })).toMatch(new RegExp(`^job.json: ${field}: `));
  });

  it("noise that does not go into 32 bits is refused where it is written [PHASE.7]", () => {
    const wide = { ...dp, noise: "distributed", clip: 1e6 } as const;
    const privacy = { mode: "secagg+dp", dp: wide, secagg: { bits: 24, clip: 1e-3 } } as const;
    expect(refused({ privacy })).toMatch(/^job.json: privacy.dp.clip: /);
  });

  const malformed: readonly (readonly [string, Record<string, unknown>])[] = [
    ["version", { version: 2 }],
    ["", { unknown: 1 }],
    ["shape", { shape: [] }],
    ["privacy.secagg.threshold", { privacy: { mode: "secagg", secagg: { threshold: 0.5 } } }],
    ["privacy.secagg.groupSize", { privacy: { mode: "secagg", secagg: { groupSize: 2 } } }],
    ["training.cohort", { training: { ...base.training, cohort: 2 } }],
    ["phaseMs.keys", { phaseMs: { ...base.phaseMs, keys: 0 } }],
    ["title", { title: "" }],
  ];
  it.each(malformed)("what is malformed is refused with its field: %s", (field, change) => {
    expect(refused(change as Partial<JobSpecInput>)).toMatch(
      field === "" ? /^job.json: / : new RegExp(`^job.json: ${field}`),
    );
  });

  it("text that is no specification counts as none; a text too long is refused", () => {
    for (const text of ["", "{}", "null", "{", JSON.stringify({ ...base, version: 7 })]) {
      expect(jobSpecOnChain(text)).toBeUndefined();
    }
    const model = { kind: "layers", model: { text: "x".repeat(25_000) } } as const;
    expect(() => encodeJobSpec(parseJobSpec({ ...base, model }))).toThrow(
      expect.objectContaining({ code: "INVALID_INPUT" }),
    );
  });
});
