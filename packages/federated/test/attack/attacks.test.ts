import { createRandom } from "@sheaf/base";
import { describe, expect, it, vi } from "vitest";
import {
  applyAggregate,
  checkDataset,
  createTrainer,
  type Dataset,
  flipLabels,
  freeRide,
  initialServerState,
  optimiserSchema,
  partition,
  scaleUpdate,
  signFlip,
} from "../../src/index.ts";
import { blobs, line, local } from "../training/samples.ts";

// Arithmetic, slow where other work shares the machine.
vi.setConfig({ testTimeout: 60_000 });

const optimiser = optimiserSchema.parse({ kind: "fedavg" });

/** Accuracy of softmax regression after ten rounds in which `attackers` of ten owners do not play by the rules. */
async function accuracyWith(
  attackers: number,
  spoil: { data?: (data: Dataset) => Dataset; update?: (update: Float32Array) => Float32Array },
): Promise<number> {
  const all = blobs(400, [6], 4);
  const trainer = await createTrainer({
    model: { kind: "softmax" },
    task: all.task,
    shape: all.shape,
    seed: "a",
  });
  const owners = partition(all, { kind: "iid" }, 10, createRandom("owners"));
  let state = initialServerState(trainer.initialWeights(), optimiser);
  for (let round = 1; round <= 10; round++) {
    const mean = new Float32Array(trainer.parameters);
    for (const [index, data] of owners.entries()) {
      const bad = index < attackers;
      const used = bad && spoil.data !== undefined ? spoil.data(data) : data;
      const { update } = await trainer.train(state.weights, used, local({ seed: `${round}/${index}` }));
      const sent = bad && spoil.update !== undefined ? spoil.update(update) : update;
      sent.forEach((value, at) => {
        mean[at] = (mean[at] as number) + value / owners.length;
      });
    }
    state = applyAggregate(state, mean, optimiser);
  }
  return (await trainer.evaluate(state.weights, all)).accuracy ?? 0;
}

describe("attacks on a plain mean", () => {
  it("do what they are named for: the honest model is good, the attacked ones are not", async () => {
    expect(await accuracyWith(0, {})).toBeGreaterThan(0.95);
    expect(await accuracyWith(8, { data: flipLabels })).toBeLessThan(0.3);
    expect(await accuracyWith(6, { update: signFlip })).toBeLessThan(0.3);
    expect(await accuracyWith(1, { update: (update) => scaleUpdate(update, -30) })).toBeLessThan(0.3);
  });

  it("of free riders cost little quality: what they cost is pay for nothing", async () => {
    const lazy = (update: Float32Array): Float32Array => freeRide(update.length, { kind: "zero" });
    expect(await accuracyWith(3, { update: lazy })).toBeGreaterThan(0.95);
  });
});

describe("flipped labels", () => {
  it("are classes still, and turn back", () => {
    const data = blobs(50, [2], 5);
    const flipped = flipLabels(data);
    checkDataset(flipped);
    expect(flipped.labels).toStrictEqual(data.labels.map((label) => 4 - label));
    expect(flipLabels(flipped)).toStrictEqual(data);
  });

  it("of a regression stay within the same range", () => {
    const data = line(50, [3, -2], 1);
    const { labels } = flipLabels(data);
    expect(Math.min(...labels)).toBeCloseTo(Math.min(...data.labels), 5);
    expect(Math.max(...labels)).toBeCloseTo(Math.max(...data.labels), 5);
    expect(labels.indexOf(Math.max(...labels))).toBe(data.labels.indexOf(Math.min(...data.labels)));
  });
});

describe("updates", () => {
  it("flipped twice are the same; scaled by two factors are scaled by their product", () => {
    const update = Float32Array.of(1, -2, 0.5);
    expect(signFlip(signFlip(update))).toStrictEqual(update);
    expect(scaleUpdate(scaleUpdate(update, 2), 4)).toStrictEqual(scaleUpdate(update, 8));
    expect(update).toStrictEqual(Float32Array.of(1, -2, 0.5));
  });

  it("of free riders: nothing, noise of the given deviation, or the last change", () => {
    expect(freeRide(3, { kind: "zero" })).toStrictEqual(new Float32Array(3));
    const noise = freeRide(10_000, { kind: "noise", deviation: 0.2, random: createRandom("noise") });
    const square = noise.reduce((sum, value) => sum + value * value, 0) / noise.length;
    expect(Math.sqrt(square)).toBeCloseTo(0.2, 2);
    const lastChange = Float32Array.of(1, 2);
    const stale = freeRide(2, { kind: "stale", lastChange });
    expect(stale).toStrictEqual(lastChange);
    expect(stale).not.toBe(lastChange);
    expect(() => freeRide(3, { kind: "stale", lastChange })).toThrow(
      expect.objectContaining({ code: "INVARIANT" }),
    );
  });
});
