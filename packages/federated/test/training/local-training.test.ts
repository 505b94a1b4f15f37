import { createRandom } from "@sheaf/base";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { createTrainer, type Dataset, initBackend, type Trainer } from "../../src/index.ts";
import { blobs, difference, line, local, plus } from "./samples.ts";

// Arithmetic, slow where other work shares the machine.
vi.setConfig({ testTimeout: 60_000 });

const points = blobs(100, [4], 3);
let trainer: Trainer;
let weights: Float32Array;

beforeAll(async () => {
  await initBackend("wasm");
  trainer = await createTrainer({
    model: { kind: "mlp", hidden: [6] },
    task: points.task,
    shape: points.shape,
    seed: "w",
  });
  weights = trainer.initialWeights();
});

describe("one step", () => {
  it("of linear regression with FedProx is what the formula says, sample by sample", async () => {
    const data = line(3, [2, -1], 0.5);
    const linear = await createTrainer({ model: { kind: "linear" }, task: data.task, shape: [2], seed: "w" });
    const start = linear.initialWeights();
    const [rate, mu] = [0.05, 0.7];
    const options = local({ epochs: 4, batchSize: 3, learningRate: rate, proximal: mu });
    const { update, loss, steps } = await linear.train(start, data, options);

    const now = Array.from(start);
    let firstLoss = 0;
    for (let epoch = 0; epoch < 4; epoch++) {
      const gradient = [0, 0, 0];
      for (let row = 0; row < 3; row++) {
        const x = [data.features[2 * row] as number, data.features[2 * row + 1] as number, 1];
        const error =
          x.reduce((sum, value, at) => sum + value * (now[at] as number), 0) - (data.labels[row] ?? 0);
        if (epoch === 0) firstLoss += error ** 2 / 3;
        for (let at = 0; at < 3; at++)
          gradient[at] = (gradient[at] ?? 0) + (2 / 3) * error * (x[at] as number);
      }
      for (let at = 0; at < 3; at++) {
        const drift = (now[at] as number) - (start[at] as number);
        now[at] = (now[at] as number) - rate * ((gradient[at] as number) + mu * drift);
      }
    }
    expect(
      difference(
        update,
        now.map((value, at) => value - (start[at] as number)),
      ),
    ).toBeLessThan(1e-5);
    expect(loss).toBeCloseTo(firstLoss, 6);
    expect(steps).toBe(4);
  });

  it("of FedSGD is one step of gradient descent on all samples, divided by the rate", async () => {
    const bySgd = await trainer.train(
      weights,
      points,
      local({ epochs: 1, batchSize: 100, learningRate: 0.01 }),
    );
    const gradient = await trainer.train(weights, points, local({ gradientOnly: true }));
    expect(
      difference(
        gradient.update,
        bySgd.update.map((value) => value / 0.01),
      ),
    ).toBeLessThan(1e-4);
    expect(gradient.loss).toBeCloseTo(bySgd.loss, 6);
    expect(gradient.loss).toBeCloseTo((await trainer.evaluate(weights, points)).loss, 6);
  });
});

it("has the same gradient however many samples a batch of FedSGD takes", async () => {
  const many = blobs(700, [4], 3);
  const { update, steps } = await trainer.train(weights, many, local({ gradientOnly: true }));
  const whole = await trainer.train(weights, many, local({ epochs: 1, batchSize: 700, learningRate: 1 }));
  expect(steps).toBe(3);
  expect(difference(update, whole.update)).toBeLessThan(1e-4);
});

it("stays nearer to the global model for a larger mu", async () => {
  const norms: number[] = [];
  for (const proximal of [0, 1, 8]) {
    const { update } = await trainer.train(weights, points, local({ epochs: 10, proximal }));
    norms.push(Math.hypot(...update));
  }
  expect(norms).toStrictEqual([...norms].sort((a, b) => b - a));
  expect(norms[2]).toBeLessThan(0.5 * (norms[0] as number));
});

it("gives the same update when other trainings run between its batches", async () => {
  const seeds = ["a", "b", "c"];
  const alone = [];
  for (const seed of seeds) alone.push(await trainer.train(weights, points, local({ seed })));
  const together = await Promise.all(
    seeds.map((seed) => trainer.train(weights, points, local({ seed, yieldEvery: 1 }))),
  );
  expect(together).toStrictEqual(alone);
});

it("gives way to the event loop", async () => {
  let turns = 0;
  const count = (): void => {
    turns += 1;
    timer = setImmediate(count);
  };
  let timer = setImmediate(count);
  const { steps } = await trainer.train(weights, points, local({ epochs: 10, yieldEvery: 4 }));
  clearImmediate(timer);
  expect(turns).toBeGreaterThanOrEqual(Math.floor(steps / 4) - 1);
});

it("ends with ABORTED on the caller's signal, and leaves no tensors", async () => {
  const before = tf.memory().numTensors;
  const controller = new AbortController();
  setImmediate(() => controller.abort());
  const options = local({ epochs: 100_000, yieldEvery: 1, signal: controller.signal });
  await expect(trainer.train(weights, points, options)).rejects.toMatchObject({ code: "ABORTED" });
  await expect(
    trainer.train(weights, points, local({ signal: AbortSignal.abort(), gradientOnly: true })),
  ).rejects.toMatchObject({ code: "ABORTED" });
  expect(tf.memory().numTensors).toBe(before);
});

describe("what does not fit is refused", () => {
  const random = createRandom("bad");
  const spoilt = (values: Float32Array, value: number): Float32Array => {
    const copy = values.slice();
    copy[random.int(copy.length)] = value;
    return copy;
  };
  const bad: [string, string, () => { weights?: Float32Array; data?: Dataset }][] = [
    [
      "NaN among the features",
      "NOT_FINITE",
      () => ({ data: { ...points, features: spoilt(points.features, NaN) } }),
    ],
    [
      "an infinite label",
      "NOT_FINITE",
      () => ({ data: { ...points, labels: spoilt(points.labels, Infinity) } }),
    ],
    ["NaN among the weights", "NOT_FINITE", () => ({ weights: spoilt(weights, NaN) })],
    ["an infinite weight", "NOT_FINITE", () => ({ weights: spoilt(weights, -Infinity) })],
    ["too few weights", "WRONG_SHAPE", () => ({ weights: weights.subarray(1) })],
    ["samples of another shape", "WRONG_SHAPE", () => ({ data: blobs(10, [5], 3) })],
    ["another number of classes", "WRONG_SHAPE", () => ({ data: blobs(10, [4], 4) })],
    ["another task", "WRONG_SHAPE", () => ({ data: line(10, [1, 1, 1, 1], 0) })],
    [
      "features that are cut off",
      "WRONG_SHAPE",
      () => ({ data: { ...points, features: points.features.subarray(4) } }),
    ],
    [
      "a label out of range",
      "INVALID_INPUT",
      () => ({ data: { ...points, labels: spoilt(points.labels, 3) } }),
    ],
    [
      "a label between classes",
      "INVALID_INPUT",
      () => ({ data: { ...points, labels: spoilt(points.labels, 0.5) } }),
    ],
    ["no samples", "INVALID_INPUT", () => ({ data: blobs(0, [4], 3) })],
  ];

  it.each(bad)("%s: %s", async (_, code, change) => {
    const used = { weights, data: points, ...change() };
    await expect(trainer.train(used.weights, used.data, local())).rejects.toMatchObject({ code });
    await expect(trainer.evaluate(used.weights, used.data)).rejects.toMatchObject({ code });
  });

  it.each([{ epochs: 0 }, { batchSize: 1.5 }, { learningRate: 0 }, { learningRate: NaN }, { proximal: -1 }])(
    "options %o",
    async (options) => {
      await expect(trainer.train(weights, points, local(options))).rejects.toMatchObject({
        code: "INVALID_INPUT",
      });
    },
  );
});

it("evaluates: the confusion matrix counts every sample once, the accuracy is its diagonal", async () => {
  const { update } = await trainer.train(weights, points, local({ epochs: 20 }));
  const { accuracy, confusion, rmse } = await trainer.evaluate(plus(weights, update), points);
  const rows = confusion?.map((row) => row.reduce((a, b) => a + b)) ?? [];
  expect(rows).toStrictEqual(
    [0, 1, 2].map((label) => points.labels.filter((value) => value === label).length),
  );
  expect(accuracy).toBe([0, 1, 2].reduce((sum, label) => sum + (confusion?.[label]?.[label] ?? 0), 0) / 100);
  expect(rmse).toBeNull();
});

it("evaluates a regression by the root of the mean squared error", async () => {
  const data = line(600, [2, -1], 0.5);
  const linear = await createTrainer({ model: { kind: "linear" }, task: data.task, shape: [2], seed: "w" });
  const zero = new Float32Array(linear.parameters);
  const { rmse, accuracy, loss } = await linear.evaluate(zero, data);
  const expected = Math.sqrt(data.labels.reduce((sum, label) => sum + label ** 2, 0) / 600);
  expect(rmse).toBeCloseTo(expected, 6);
  expect(loss).toBeCloseTo(expected ** 2, 6);
  expect(accuracy).toBeNull();
});
