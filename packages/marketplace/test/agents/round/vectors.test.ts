import { createRandom } from "@sheaf/base";
import { type DistributedNoise, l2Norm, thresholdFor } from "@sheaf/federated";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bitmapToBytes, bytesToBitmap, fromBitmap, toBitmap } from "../../../src/agents/round/bitmap.ts";
import { decodeSum } from "../../../src/agents/round/decode-sum.ts";
import { encodeInput } from "../../../src/agents/round/encode-input.ts";
import { bytesToFloats, bytesToInts, floatsToBytes } from "../../../src/agents/round/float-bytes.ts";
import {
  groupNoise,
  openNoiseShare,
  roundMechanism,
  smallestOpenCohort,
} from "../../../src/agents/round/noise.ts";
import {
  EXTRAS,
  quantisationStep,
  type VectorPlan,
  vectorPlan,
} from "../../../src/agents/round/vector-plan.ts";
import { toyIdentity } from "../../simulation/identities.ts";
import { tinySpec } from "../../simulation/orders.ts";

const random = createRandom("vectors");
const entropy = (length: number): Uint8Array => random.bytes(length);
const gaussian = (): number =>
  Math.sqrt(-2 * Math.log(1 - random.float())) * Math.cos(2 * Math.PI * random.float());

function sumOf(inputs: readonly Int32Array[]): Int32Array {
  const sum = new Int32Array(inputs[0]?.length ?? 0);
  for (const input of inputs)
    input.forEach((value, i) => {
      sum[i] = ((sum[i] as number) + value) | 0;
    });
  return sum;
}

/** Each survivor rounds by less than a step, scaled back by the greatest weight over all weights. */
function quantisationBound(plan: VectorPlan, survivors: number, weight: number): number {
  return (survivors * quantisationStep(plan.quantisation) * plan.maxWeight) / weight;
}

describe("what is masked, and what is opened [PHASE.6]", () => {
  it.each([
    ["sixteen bits", 16, 64, 5],
    ["eight bits", 8, 64, 3],
    ["twenty-four bits, 256 owners", 24, 4096, 256],
  ] as const)(
    "%s: the mean is within its bound of the plain one, losses and weights come through",
    (_, bits, maxWeight, owners) => {
      const base = tinySpec("secagg");
      const spec = tinySpec("secagg", {
        privacy: { mode: "secagg", secagg: { bits, clip: 0.5 } },
        training: { ...base.training, maxWeight },
      });
      const plan = vectorPlan(spec, 40, owners);
      const results = Array.from({ length: owners }, (__, index) => ({
        update: Float32Array.from({ length: 40 }, () => 0.3 * gaussian()),
        samples: 1 + ((index * 37) % (2 * maxWeight)),
        loss: index === 0 ? 1e9 : 0.1 * index,
      }));
      const inputs = results.map((result) => {
        const input = encodeInput(plan, result, entropy);
        if ("rejected" in input) throw new TypeError(input.rejected);
        return input;
      });
      expect(inputs[0]?.values.length).toBe(40 + EXTRAS);
      const part = decodeSum(
        plan,
        sumOf(inputs.map(({ values }) => values)),
        Array.from({ length: owners }, (__, i) => i),
      );
      if ("rejected" in part) throw new TypeError(part.rejected);
      const weights = results.map(({ samples }) => Math.min(maxWeight, samples));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      expect(part.weight).toBe(total);
      const bound = quantisationBound(plan, owners, total) + 1e-6;
      for (let i = 0; i < 40; i++) {
        const plain =
          results.reduce(
            (sum, { update }, owner) =>
              sum + Math.max(-0.5, Math.min(0.5, update[i] as number)) * (weights[owner] as number),
            0,
          ) / total;
        expect(Math.abs((part.mean[i] as number) - plain)).toBeLessThanOrEqual(bound);
      }
      const loss =
        results.reduce((sum, each, owner) => sum + Math.min(32, each.loss) * (weights[owner] as number), 0) /
        total;
      expect(Math.abs((part.loss as number) - loss)).toBeLessThanOrEqual(
        (0.5 * owners) / plan.lossScale / total + 1e-9,
      );
      const saturated = results.reduce(
        (sum, { update }) => sum + update.filter((value) => Math.abs(value) > 0.5).length,
        0,
      );
      expect(part.saturated).toBe(saturated);
    },
  );

  it("an owner with a broken update sends nothing", () => {
    const plan = vectorPlan(tinySpec("secagg"), 3, 5);
    const result = { update: Float32Array.of(1, Number.NaN, 0), samples: 3, loss: 1 };
    expect(encodeInput(plan, result, entropy)).toEqual({ rejected: "NOT_FINITE" });
    expect(encodeInput(plan, { ...result, update: new Float32Array(2) }, entropy)).toEqual({
      rejected: "WRONG_LENGTH",
    });
    expect(encodeInput(plan, { ...result, update: new Float32Array(3), loss: Number.NaN }, entropy)).toEqual({
      rejected: "NOT_FINITE",
    });
  });

  it("weights that cannot be the members' make the sum nothing [PHASE.9]", () => {
    const plan = vectorPlan(tinySpec("secagg"), 2, 4);
    for (const weight of [-1, 0, 3, 4 * 64 + 1, 2 ** 31 - 1]) {
      expect(decodeSum(plan, Int32Array.of(1, 1, weight, 0, 0), [0, 1, 2, 3])).toEqual({
        rejected: "BAD_WEIGHT",
      });
    }
    expect(decodeSum(plan, Int32Array.of(1, 1, 4, 0, 0), [0, 1, 2, 3])).toMatchObject({ weight: 4 });
  });

  it("paillier: every number goes into its bits", () => {
    const base = tinySpec("paillier");
    const spec = tinySpec("paillier", { training: { ...base.training, maxWeight: 1024 } });
    const plan = vectorPlan(spec, 5, 20);
    const input = encodeInput(
      plan,
      { update: new Float32Array(5).fill(9), samples: 5000, loss: 99 },
      entropy,
    );
    if ("rejected" in input) throw new TypeError(input.rejected);
    for (const value of input.values) expect(Math.abs(value)).toBeLessThanOrEqual(2 ** 15 - 1);
  });
});

describe("noise [PHASE.7]", () => {
  const spec = tinySpec("secagg+dp");
  const members = [1, 2, 3, 4, 5, 6].map((index) => toyIdentity(index).address).sort();
  const group = {
    context: "x",
    modelHash: new Uint8Array(32),
    members,
    threshold: thresholdFor(0.6, 6, "all"),
    neighbours: "all",
    dimension: 203,
  } as const;
  const plan = vectorPlan(spec, 200, 6);
  const noise = groupNoise(spec, plan, group) as DistributedNoise;

  it("weights are one; loss and saturation stay at home; the norm is within the clip before the noise", () => {
    const update = Float32Array.from({ length: 200 }, () => 3 * gaussian());
    const quiet = vectorPlan(tinySpec("secagg+dp"), 200, 6);
    const input = encodeInput(quiet, { update, samples: 900, loss: 2 }, entropy);
    if ("rejected" in input) throw new TypeError(input.rejected);
    expect([...input.values.slice(200)]).toEqual([1, 0, 0]);
    expect(l2Norm(input.plain)).toBeLessThanOrEqual(1);
  });

  it("central noise is sized for the clip: rounding does not take an update beyond it", () => {
    const coarse = { ...vectorPlan(tinySpec("secagg+dp"), 200, 6), quantisation: { bits: 8, clip: 1 } };
    const steps = (coarse.normClip ?? 0) / quantisationStep(coarse.quantisation);
    for (let draw = 0; draw < 20; draw++) {
      const update = Float32Array.from({ length: 200 }, () => 3 * gaussian());
      const input = encodeInput(coarse, { update, samples: 1, loss: 0 }, entropy);
      if ("rejected" in input) throw new TypeError(input.rejected);
      expect(l2Norm(input.values.slice(0, 200))).toBeLessThanOrEqual(steps);
    }
  });

  it("noise that the steps cannot carry is a code, not an exception [PHASE.7]", () => {
    const fine = { ...plan, quantisation: { bits: 24, clip: 1e-12 } };
    expect(groupNoise(spec, fine, group)).toBe("impossible");
  });

  it("as many owners as are ever summed add what was asked for", () => {
    const smallest = 4;
    expect(noise.shareSigma ** 2 * smallest).toBeGreaterThanOrEqual(
      (1.5 / quantisationStep(plan.quantisation)) ** 2 * 0.999,
    );
    const zero = { update: new Float32Array(200), samples: 1, loss: 0 };
    let squares = 0;
    for (let draw = 0; draw < 40; draw++) {
      const input = encodeInput(plan, zero, entropy, noise);
      if ("rejected" in input) throw new TypeError(input.rejected);
      squares += l2Norm(input.values.slice(0, 200)) ** 2;
    }
    const sigma = Math.sqrt(squares / (40 * 200));
    expect(sigma / noise.shareSigma).toBeGreaterThan(0.95);
    expect(sigma / noise.shareSigma).toBeLessThan(1.05);
  });

  it("every round in whose cohort an owner is counts in full", () => {
    expect(roundMechanism(spec, noise)).toEqual({
      noiseMultiplier: noise.noiseMultiplier,
      deviation: noise.deviation,
    });
    expect(roundMechanism(tinySpec("dp"))).toEqual({ noiseMultiplier: 1.5 });
    expect(roundMechanism(tinySpec("secagg"))).toBeUndefined();
  });

  it("in the open, two thirds of the cohort add what was asked for", () => {
    const distributed = tinySpec("dp", {
      privacy: {
        mode: "dp",
        dp: { clip: 2, noiseMultiplier: 3, delta: 1e-5, epsilonBudget: 9, noise: "distributed" },
      },
    });
    expect(smallestOpenCohort(distributed, 10)).toBe(7);
    expect(openNoiseShare(distributed, 7)).toBeCloseTo(6 / Math.sqrt(7), 10);
    expect(openNoiseShare(tinySpec("dp"), 7)).toBeUndefined();
    expect(smallestOpenCohort(tinySpec("none"), 10)).toBe(3);
  });
});

describe("bitmaps and bytes", () => {
  const owners = Array.from({ length: 256 }, (_, index) => toyIdentity(index).address);

  it("a bitmap is the members in the owners' order, and no others [PHASE.2]", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 255 })), (places) => {
        const members = places.map((place) => owners[place] as `0x${string}`);
        const bitmap = toBitmap(owners, members);
        const expected = [...places].sort((a, b) => a - b).map((place) => owners[place]);
        expect(fromBitmap(owners, bitmap)).toEqual(expected);
        expect(bytesToBitmap(bitmapToBytes(bitmap))).toBe(bitmap);
      }),
      { numRuns: 50 },
    );
    expect(fromBitmap(owners.slice(0, 3), 8n)).toBeUndefined();
    expect(toBitmap(owners.slice(0, 3), [owners[5] as `0x${string}`])).toBe(0n);
  });

  it("floats and integers come back from bytes at any place in memory, or not at all [AGENT.4]", () => {
    const values = Float32Array.of(1, -2.5, 3e-30);
    const shifted = new Uint8Array(13);
    shifted.set(floatsToBytes(values), 1);
    expect(bytesToFloats(shifted.subarray(1), 3)).toEqual(values);
    expect(bytesToFloats(shifted, 3)).toBeUndefined();
    expect(bytesToFloats(floatsToBytes(Float32Array.of(Number.NaN)), 1)).toBeUndefined();
    expect(bytesToInts(floatsToBytes(values), 3)?.length).toBe(3);
    expect(bytesToInts(floatsToBytes(values), 2)).toBeUndefined();
  });
});
