import * as tf from "@tensorflow/tfjs-core";
import { models } from "@tensorflow/tfjs-layers";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { createTrainer, type Dataset, initBackend, type ModelSpec, type Trainer } from "../../src/index.ts";
import { blobs, difference, line, local, plus } from "./samples.ts";

// Arithmetic, slow where other work shares the machine.
vi.setConfig({ testTimeout: 60_000 });

const images = blobs(60, [6, 7, 2], 3);
const points = blobs(60, [5], 4);
const targets = line(60, [0.5, -1, 2], 0.25);

interface Case {
  readonly name: string;
  readonly model: ModelSpec;
  readonly data: Dataset;
}

const cases: Case[] = [
  { name: "softmax", model: { kind: "softmax" }, data: points },
  { name: "softmax of images", model: { kind: "softmax" }, data: images },
  { name: "linear", model: { kind: "linear" }, data: targets },
  { name: "mlp", model: { kind: "mlp", hidden: [7, 5] }, data: points },
  { name: "mlp, tanh", model: { kind: "mlp", hidden: [6], activation: "tanh" }, data: images },
  { name: "mlp, sigmoid", model: { kind: "mlp", hidden: [6], activation: "sigmoid" }, data: targets },
  { name: "cnn", model: { kind: "cnn", filters: [3], kernel: 3, dense: 6 }, data: images },
  { name: "cnn, two blocks", model: { kind: "cnn", filters: [3, 4], kernel: 4, dense: 6 }, data: images },
];

const trainerFor = (model: ModelSpec, data: Dataset, seed = "weights"): Promise<Trainer> =>
  createTrainer({ model, task: data.task, shape: data.shape, seed });

beforeAll(async () => {
  await initBackend("wasm");
});

describe.each(cases)("$name", ({ model, data }) => {
  it("learns, the same bits at each repetition and other bits for another seed", async () => {
    const [trainer, again, other] = [
      await trainerFor(model, data),
      await trainerFor(model, data),
      await trainerFor(model, data, "other"),
    ];
    const weights = trainer.initialWeights();
    expect(weights).toHaveLength(trainer.parameters);
    expect(again.initialWeights()).toStrictEqual(weights);
    expect(other.initialWeights()).not.toStrictEqual(weights);

    const first = await trainer.train(weights, data, local({ epochs: 12 }));
    expect(first).toMatchObject({ samples: 60, steps: 12 * 8 });
    expect(await again.train(weights, data, local({ epochs: 12 }))).toStrictEqual(first);
    const reordered = await trainer.train(weights, data, local({ epochs: 12, seed: "another" }));
    expect(reordered.update).not.toStrictEqual(first.update);

    const before = await trainer.evaluate(weights, data);
    const after = await trainer.evaluate(plus(weights, first.update), data);
    expect(after.loss).toBeLessThan(0.5 * before.loss);
    expect(weights).toStrictEqual(trainer.initialWeights());
  });

  it("has the gradients that TensorFlow.js's tape finds for the same LayersModel", async () => {
    const trainer = await trainerFor(model, data);
    const weights = trainer.initialWeights().map((weight) => weight + 0.01);
    const saved = await trainer.toLayersModel(weights);
    const taped = await trainerFor(
      { kind: "layers", model: saved.modelTopology as Record<string, unknown> },
      data,
    );
    const { update, loss, samples } = await trainer.train(weights, data, local({ gradientOnly: true }));
    const byTape = await taped.train(new Float32Array(saved.weightData), data, local({ gradientOnly: true }));
    const moved = new Float32Array((await trainer.toLayersModel(plus(weights, update))).weightData);
    const expected = plus(new Float32Array(saved.weightData), byTape.update);
    expect(difference(moved, expected)).toBeLessThan(2e-6);
    expect(loss).toBeCloseTo(byTape.loss, 5);
    expect(samples).toBe(byTape.samples);
    taped.dispose();
  });

  it("gives the same on the cpu backend, up to rounding", async () => {
    const trainer = await trainerFor(model, data);
    const weights = trainer.initialWeights();
    const wasm = await trainer.train(weights, data, local());
    await initBackend("cpu");
    const cpu = await trainer.train(weights, data, local());
    await initBackend("wasm");
    expect(difference(wasm.update, cpu.update)).toBeLessThan(1e-4);
  });

  it("saves a LayersModel that predicts as it does", async () => {
    const trainer = await trainerFor(model, data);
    const weights = trainer.initialWeights();
    const { modelTopology, weightSpecs, weightData } = await trainer.toLayersModel(weights);
    const loaded = await models.modelFromJSON(structuredClone(modelTopology) as never);
    loaded.loadWeights(tf.io.decodeWeights(weightData, weightSpecs));
    const outputs = loaded.predict(tf.tensor(data.features, [data.count, ...data.shape])) as tf.Tensor;
    const { loss, accuracy } = await trainer.evaluate(weights, data);
    expect(lossOf(outputs, data)).toBeCloseTo(loss, 5);
    if (accuracy !== null) {
      const right = tf
        .argMax(outputs, 1)
        .dataSync()
        .filter((value, row) => value === data.labels[row]).length;
      expect(right / data.count).toBe(accuracy);
    }
    loaded.dispose();
    outputs.dispose();
  });

  it("leaves no tensors behind", async () => {
    const trainer = await trainerFor(model, data);
    const weights = trainer.initialWeights();
    const before = tf.memory().numTensors;
    await trainer.train(weights, data, local({ proximal: 0.1 }));
    await trainer.train(weights, data, local({ gradientOnly: true }));
    await trainer.evaluate(weights, data);
    await trainer.toLayersModel(weights);
    await expect(trainer.train(weights, data, local({ learningRate: 3e38 }))).rejects.toMatchObject({
      code: "NOT_FINITE",
    });
    expect(tf.memory().numTensors).toBe(before);
    trainer.dispose();
  });
});

/** Mean loss of probabilities or values, in plain numbers. */
function lossOf(outputs: tf.Tensor, { task, labels, count }: Dataset): number {
  const values = outputs.dataSync();
  const losses = Array.from(labels, (label, row) =>
    task.kind === "regression"
      ? ((values[row] as number) - label) ** 2
      : -Math.log(values[row * task.classes + label] as number),
  );
  return losses.reduce((sum, loss) => sum + loss, 0) / count;
}
