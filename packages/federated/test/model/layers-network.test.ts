import * as tf from "@tensorflow/tfjs-core";
import { type LayersModel, layers, regularizers, sequential } from "@tensorflow/tfjs-layers";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { createTrainer, type Dataset, initBackend, type Trainer } from "../../src/index.ts";
import { blobs, difference, line, local, plus } from "../training/samples.ts";

// Arithmetic, slow where other work shares the machine.
vi.setConfig({ testTimeout: 60_000 });

const images = blobs(60, [6, 6, 2], 3);
const points = blobs(60, [5], 4);
const sequences = blobs(40, [4, 3], 3);

type Topology = Record<string, unknown>;

/** The topology, through text as from a file. */
function topologyOf(model: LayersModel): Topology {
  const json = JSON.parse(JSON.stringify(model.toJSON(null, false))) as Topology;
  model.dispose();
  return json;
}

const dense = (units: number, more: object = {}): ReturnType<typeof layers.dense> =>
  layers.dense({ units, ...more });

const topologies: Record<string, { data: Dataset; build: () => Parameters<typeof sequential>[0] }> = {
  "dense, ending in probabilities": {
    data: points,
    build: () => ({
      layers: [dense(8, { inputShape: [5], activation: "elu" }), dense(4), layers.softmax()],
    }),
  },
  "dropout and layer normalization": {
    data: points,
    build: () => ({
      layers: [
        dense(12, { inputShape: [5], activation: "relu" }),
        layers.layerNormalization(),
        layers.dropout({ rate: 0.3 }),
        dense(4, { activation: "softmax" }),
      ],
    }),
  },
  "separable and strided convolutions": {
    data: images,
    build: () => ({
      layers: [
        layers.separableConv2d({ filters: 4, kernelSize: 3, inputShape: [6, 6, 2], activation: "relu" }),
        layers.conv2d({ filters: 4, kernelSize: 2, strides: 2, activation: "relu" }),
        layers.globalAveragePooling2d({}),
        dense(3),
      ],
    }),
  },
  "dropout in an inner model and in a wrapper": {
    data: sequences,
    build: () => ({
      layers: [
        layers.timeDistributed({ layer: layers.dropout({ rate: 0.2 }), inputShape: [4, 3] }),
        layers.flatten(),
        sequential({ layers: [dense(9, { inputShape: [12] }), layers.dropout({ rate: 0.2 })] }),
        dense(3),
      ],
    }),
  },
  "a recurrent network": {
    data: sequences,
    build: () => ({
      layers: [layers.lstm({ units: 5, recurrentInitializer: "zeros", inputShape: [4, 3] }), dense(3)],
    }),
  },
};

const trainerFor = (model: Topology, data: Dataset): Promise<Trainer> =>
  createTrainer({ model: { kind: "layers", model }, task: data.task, shape: data.shape, seed: "w" });

beforeAll(async () => {
  await initBackend("wasm");
});

describe.each(Object.entries(topologies))("a LayersModel: %s", (_, { data, build }) => {
  it("trains on wasm, the same bits at each repetition, and leaves no tensors", async () => {
    const topology = topologyOf(sequential(build()));
    const trainer = await trainerFor(topology, data);
    const again = await trainerFor(topology, data);
    const weights = trainer.initialWeights();
    expect(again.initialWeights()).toStrictEqual(weights);
    const before = tf.memory().numTensors;
    const options = local({ epochs: 15, learningRate: 0.3 });
    const first = await trainer.train(weights, data, options);
    expect(await again.train(weights, data, options)).toStrictEqual(first);
    const [start, end] = [
      await trainer.evaluate(weights, data),
      await trainer.evaluate(plus(weights, first.update), data),
    ];
    expect(end.loss).toBeLessThan(0.8 * start.loss);
    expect(tf.memory().numTensors).toBe(before);
    trainer.dispose();
    again.dispose();
    expect(tf.memory().numTensors).toBe(before - 2 * (await parametersOf(topology, data)));
  });
});

async function parametersOf(topology: Topology, data: Dataset): Promise<number> {
  const before = tf.memory().numTensors;
  const trainer = await trainerFor(topology, data);
  const count = tf.memory().numTensors - before;
  trainer.dispose();
  return count;
}

it("may be used by several trainings at once", async () => {
  const trainer = await trainerFor(
    topologyOf(sequential({ layers: [dense(6, { inputShape: [5] }), dense(4)] })),
    points,
  );
  const weights = trainer.initialWeights();
  const alone = [];
  for (const seed of ["a", "b"]) alone.push(await trainer.train(weights, points, local({ seed })));
  const together = ["a", "b"].map((seed) => trainer.train(weights, points, local({ seed, yieldEvery: 1 })));
  expect(await Promise.all(together)).toStrictEqual(alone);
});

it("learns with its own regularizers", async () => {
  const factor = 0.5;
  const kernelRegularizer = regularizers.l2({ l2: factor });
  const [plain, decayed] = await Promise.all(
    [{}, { kernelRegularizer }].map((more) =>
      trainerFor(
        topologyOf(sequential({ layers: [dense(4, { inputShape: [5], useBias: false, ...more })] })),
        points,
      ),
    ),
  );
  const weights = (plain as Trainer).initialWeights();
  const options = local({ gradientOnly: true });
  const without = await (plain as Trainer).train(weights, points, options);
  const having = await (decayed as Trainer).train(weights, points, options);
  const decay = without.update.map((value, index) => value - 2 * factor * (weights[index] as number));
  expect(difference(having.update, decay)).toBeLessThan(1e-5);
});

describe("a model that cannot be trained is refused, with INVALID_INPUT that tells why", () => {
  const first = { inputShape: [5] };
  const models: [string, RegExp, () => Topology][] = [
    [
      "too few outputs",
      /puts out \[3\].*needs \[4\]/,
      () => topologyOf(sequential({ layers: [dense(3, first)] })),
    ],
    [
      "other samples",
      /takes samples of \[6\], they are \[5\]/,
      () => topologyOf(sequential({ layers: [dense(4, { inputShape: [6] })] })),
    ],
    [
      "batch normalization",
      /not trained by gradient/,
      () => topologyOf(sequential({ layers: [layers.batchNormalization(first), dense(4)] })),
    ],
    [
      "a frozen layer",
      /not trained by gradient/,
      () => topologyOf(sequential({ layers: [dense(4, { ...first, trainable: false })] })),
    ],
    [
      "noise",
      /GaussianNoise cannot be seeded/,
      () => topologyOf(sequential({ layers: [layers.gaussianNoise({ stddev: 1, ...first }), dense(4)] })),
    ],
    [
      "constraints",
      /kernel_constraint.*not supported/,
      () => topologyOf(sequential({ layers: [dense(4, { ...first, kernelConstraint: "nonNeg" })] })),
    ],
    [
      "no parameters",
      /has 0 parameters/,
      () =>
        topologyOf(
          sequential({
            layers: [
              layers.reshape({ targetShape: [5], ...first }),
              layers.activation({ activation: "relu" }),
            ],
          }),
        ),
    ],
    [
      "an unknown layer",
      /is not the topology/,
      () => ({
        class_name: "Sequential",
        config: { layers: [{ class_name: "Secret", config: {} }] },
      }),
    ],
    [
      "an enormous layer",
      /units.*above/,
      () => ({
        class_name: "Sequential",
        config: { layers: [{ class_name: "Dense", config: { units: 1e9, batch_input_shape: [null, 5] } }] },
      }),
    ],
    [
      "no shape of samples",
      /is not the topology/,
      () => ({
        class_name: "Sequential",
        config: { layers: [{ class_name: "Dense", config: { units: 4 } }] },
      }),
    ],
    ["nothing", /is not the topology/, () => ({})],
    ["a list", /is not the topology/, () => [] as unknown as Topology],
  ];

  it.each(models)("%s", async (_, message, build) => {
    const topology = build();
    const data =
      topology["class_name"] === undefined || message.source.includes("parameters")
        ? blobs(1, [5], 5)
        : points;
    const before = tf.memory().numTensors;
    const failure = trainerFor(topology, data);
    await expect(failure).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringMatching(message),
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  it("a regression that puts out classes", async () => {
    const topology = topologyOf(sequential({ layers: [dense(4, first)] }));
    await expect(trainerFor(topology, line(5, [1, 1, 1, 1, 1], 0))).rejects.toMatchObject({
      code: "INVALID_INPUT",
    });
  });
});

describe("a built-in model that does not fit is refused", () => {
  const refused: [string, Parameters<typeof createTrainer>[0]][] = [
    [
      "softmax for a regression",
      { model: { kind: "softmax" }, task: { kind: "regression" }, shape: [2], seed: "" },
    ],
    [
      "linear for classes",
      { model: { kind: "linear" }, task: { kind: "classification", classes: 2 }, shape: [2], seed: "" },
    ],
    [
      "cnn for rows",
      { model: { kind: "cnn", filters: [2], kernel: 3, dense: 2 }, task: points.task, shape: [5], seed: "" },
    ],
    ["samples without features", { model: { kind: "softmax" }, task: points.task, shape: [0], seed: "" }],
  ];

  it.each(refused)("%s", async (_, options) => {
    await expect(createTrainer(options)).rejects.toMatchObject({ code: "INVALID_INPUT" });
  });
});
