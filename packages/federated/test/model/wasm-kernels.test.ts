import { createRandom, type Random } from "@sheaf/base";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { initBackend } from "../../src/index.ts";

// Arithmetic, slow where other work shares the machine.
vi.setConfig({ testTimeout: 60_000 });

beforeAll(async () => {
  await initBackend("cpu");
  expect((await initBackend("wasm")).name).toBe("wasm");
});

/** The same computation on both backends; the tensors it makes are all gone afterwards. */
async function onBoth(compute: () => tf.Tensor): Promise<[number[], number[]]> {
  const results: number[][] = [];
  for (const name of ["wasm", "cpu"] as const) {
    await initBackend(name);
    const before = tf.memory().numTensors;
    results.push(Array.from(tf.tidy(() => compute().dataSync())));
    expect(tf.memory().numTensors).toBe(before);
  }
  return results as [number[], number[]];
}

function expectClose([actual, expected]: [number[], number[]]): void {
  expect(actual.length).toBe(expected.length);
  const size = Math.max(1, ...expected.map(Math.abs));
  const worst = actual.reduce(
    (most, value, index) => Math.max(most, Math.abs(value - (expected[index] ?? 0))),
    0,
  );
  expect(worst / size).toBeLessThan(1e-5);
}

const values = (random: Random, shape: readonly number[]): Float32Array =>
  Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 2 * random.float() - 1);

interface Convolution {
  readonly xShape: [number, number, number, number];
  readonly filterShape: [number, number, number, number];
  readonly strides: [number, number];
  readonly pad: "same" | "valid" | [[number, number], [number, number], [number, number], [number, number]];
}

function randomConvolution(random: Random): Convolution {
  const [kernelHeight, kernelWidth] = [1 + random.int(5), 1 + random.int(5)];
  const [channels, filters] = [1 + random.int(4), 1 + random.int(5)];
  const within = (kernel: number): [number, number] => [random.int(kernel), random.int(kernel)];
  return {
    xShape: [1 + random.int(4), kernelHeight + random.int(8), kernelWidth + random.int(8), channels],
    filterShape: [kernelHeight, kernelWidth, channels, filters],
    strides: random.chance(0.5) ? [1, 1] : [1 + random.int(3), 1 + random.int(3)],
    pad: random.pick(["same", "valid", [[0, 0], within(kernelHeight), within(kernelWidth), [0, 0]]] as const),
  };
}

describe("gradients of convolutions on the wasm backend", () => {
  const cases = Array.from({ length: 40 }, (_, seed) => ({ seed, ...randomConvolution(createRandom(seed)) }));

  it.each(cases)(
    "agree with the cpu backend: x [$xShape], filter [$filterShape], strides [$strides], pad $pad",
    async ({ seed, xShape, filterShape, strides, pad }) => {
      const random = createRandom(`values ${seed}`);
      const [xs, filters] = [values(random, xShape), values(random, filterShape)];
      const info = tf.backend_util.computeConv2DInfo(xShape, filterShape, strides, 1, pad);
      const dys = values(random, info.outShape);
      const convolve = (x: tf.Tensor4D, filter: tf.Tensor4D): tf.Tensor => tf.conv2d(x, filter, strides, pad);
      const gradient = (by: 0 | 1) => (): tf.Tensor => {
        const inputs = [tf.tensor4d(xs, xShape), tf.tensor4d(filters, filterShape)];
        const [dx, dFilter] = tf.grads((...args) => convolve(args[0] as tf.Tensor4D, args[1] as tf.Tensor4D))(
          inputs,
          tf.tensor(dys, info.outShape),
        );
        return (by === 0 ? dx : dFilter) as tf.Tensor;
      };
      expectClose(await onBoth(gradient(0)));
      expectClose(await onBoth(gradient(1)));
    },
  );
});

describe("gradients of maxima on the wasm backend", () => {
  it.each(Array.from({ length: 20 }, (_, seed) => seed))("agree with the cpu backend (%i)", async (seed) => {
    const random = createRandom(seed);
    const filter: [number, number] = [1 + random.int(3), 1 + random.int(3)];
    const strides: [number, number] = [1 + random.int(3), 1 + random.int(3)];
    const pad = random.pick(["same", "valid"] as const);
    const shape: [number, number, number, number] = [
      2,
      3 + random.int(6),
      3 + random.int(6),
      1 + random.int(4),
    ];
    // Few different values: windows with several maxima are among them.
    const xs = values(random, shape).map((value) => (seed % 2 === 0 ? value : Math.round(value)));
    const pool = (x: tf.Tensor): tf.Tensor => tf.maxPool(x as tf.Tensor4D, filter, strides, pad);
    const dys = values(random, tf.backend_util.computePool2DInfo(shape, filter, strides, 1, pad).outShape);
    const gradient = (): tf.Tensor => {
      const x = tf.tensor4d(xs, shape);
      return tf.grad(pool)(x, tf.tensor(dys, pool(x).shape));
    };
    expectClose(await onBoth(gradient));
  });
});

describe("products with transposed factors on the wasm backend", () => {
  it.each(Array.from({ length: 16 }, (_, seed) => seed))("agree with the cpu backend (%i)", async (seed) => {
    const random = createRandom(seed);
    const [rows, inner, columns] = [1 + random.int(20), 1 + random.int(20), 1 + random.int(20)];
    const batch = random.chance(0.5) ? [] : [1 + random.int(3)];
    const [transposeA, transposeB] = [seed % 2 === 0, seed % 4 < 2];
    const aShape = [...batch, ...(transposeA ? [inner, rows] : [rows, inner])];
    const bShape = [...batch, ...(transposeB ? [columns, inner] : [inner, columns])];
    const [a, b] = [values(random, aShape), values(random, bShape)];
    const both = await onBoth(() =>
      tf.matMul(tf.tensor(a, aShape), tf.tensor(b, bShape), transposeA, transposeB),
    );
    expectClose(both);
  });
});

describe("kernels that the wasm backend borrows", () => {
  it("give the gradient of a depthwise convolution, which it has no kernel for", async () => {
    const random = createRandom("depthwise");
    const [xShape, filterShape] = [
      [2, 6, 6, 3],
      [3, 3, 3, 2],
    ] as [[number, number, number, number], [number, number, number, number]];
    const [xs, filters] = [values(random, xShape), values(random, filterShape)];
    const gradient = (): tf.Tensor =>
      tf.grad((filter: tf.Tensor) =>
        tf.sum(tf.square(tf.depthwiseConv2d(tf.tensor4d(xs, xShape), filter as tf.Tensor4D, 1, "same"))),
      )(tf.tensor4d(filters, filterShape));
    expectClose(await onBoth(gradient));
  });
});
