import { createRandom, errorCode } from "@sheaf/base";
import { applyAggregate, type Dataset, initialServerState } from "@sheaf/federated";
import { afterEach, describe, expect, test } from "vitest";
import type { ComputeRequest, ComputeResult } from "../../src/agents/ports.ts";
import { type Adversary, type Compute, createCompute } from "../../src/host/compute.ts";
import { parseJobSpec } from "../../src/job-spec.ts";
import { FEATURES, PARAMETERS, syntheticData } from "../simulation/tiny-model.ts";

const SPEC = parseJobSpec({
  version: 1,
  title: "compute",
  task: { kind: "classification", classes: 3 },
  shape: [FEATURES],
  model: { kind: "softmax" },
  training: {
    optimiser: { kind: "fedavg" },
    rounds: 2,
    cohort: "all",
    localEpochs: 1,
    batchSize: 10,
    learningRate: { kind: "constant", initial: 0.1 },
    convergence: { tolerance: 0, patience: 10, minRounds: 1 },
  },
  privacy: { mode: "none" },
  aggregation: { kind: "mean" },
  contribution: { method: "leave-one-out" },
  phaseMs: { keys: 1_000, shares: 1_000, train: 1_000, confirm: 1_000, unmask: 1_000 },
  seed: "compute",
});

const DATA: Dataset = syntheticData(createRandom("compute"), 200);
const never = new AbortController().signal;
const open: Compute[] = [];
afterEach(() => {
  for (const compute of open.splice(0)) compute.close();
});

function opened(dataset?: Dataset, adversary?: Adversary): Compute {
  const compute = createCompute({ dataset, adversary });
  open.push(compute);
  return compute;
}

type Request = Exclude<ComputeRequest, { kind: "load" }>;

async function run<Kind extends ComputeResult["kind"]>(
  compute: Compute,
  request: Request,
  kind: Kind,
): Promise<Extract<ComputeResult, { kind: Kind }>> {
  const result = await compute.run(request, never);
  expect(result.kind).toBe(kind);
  return result as Extract<ComputeResult, { kind: Kind }>;
}

const initialise: Request = { kind: "initialise", spec: SPEC };
const train = (weights: Float32Array): Request => ({
  kind: "train",
  spec: SPEC,
  weights,
  options: { epochs: 5, batchSize: 10, learningRate: 0.1, seed: "s" },
});

describe("computing", () => {
  test("begins, trains and evaluates a model, the same each time", async () => {
    const compute = opened(DATA);
    const { weights } = await run(compute, initialise, "initialised");
    expect(weights).toHaveLength(PARAMETERS);
    const first = await run(compute, train(weights), "trained");
    expect(first).toMatchObject({ samples: 200, steps: 100 });
    expect((await run(opened(DATA), train(weights), "trained")).update).toEqual(first.update);
    const { weights: trained } = applyAggregate(
      initialServerState(weights, SPEC.training.optimiser),
      first.update,
      SPEC.training.optimiser,
    );
    const before = await run(compute, { kind: "evaluate", spec: SPEC, weights }, "evaluated");
    const after = await run(compute, { kind: "evaluate", spec: SPEC, weights: trained }, "evaluated");
    expect(after.loss).toBeLessThan(before.loss);
    expect(after.accuracy).toBeGreaterThan(0.6);
  });

  test("values parts by what they take off the loss", async () => {
    const compute = opened(DATA);
    const { weights } = await run(compute, initialise, "initialised");
    const { update } = await run(compute, train(weights), "trained");
    const state = initialServerState(weights, SPEC.training.optimiser);
    const parts = [update, update.map((value) => -value), update].map((mean) => ({ mean, weight: 10 }));
    const { scores } = await run(compute, { kind: "value", spec: SPEC, state, parts, seed: "s" }, "valued");
    expect(scores[0]).toBeGreaterThan(0);
    expect(scores[1]).toBeLessThan(0);
    expect(scores[2]).toBeCloseTo(scores[0] ?? Number.NaN, 6);
  });

  test("without data, on data of another shape, or aborted fails with a code", async () => {
    const { weights } = await run(opened(), initialise, "initialised");
    const code = (compute: Compute, request: Request, signal = never): Promise<string | undefined> =>
      compute.run(request, signal).then(() => "done", errorCode);
    expect(await code(opened(), train(weights))).toBe("NO_DATA");
    expect(await code(opened(), { kind: "evaluate", spec: SPEC, weights })).toBe("NO_DATA");
    const other: Dataset = { ...DATA, shape: [2, 2] };
    expect(await code(opened(other), train(weights))).toBe("WRONG_SHAPE");
    expect(await code(opened(DATA), train(weights.subarray(1)))).toBe("WRONG_SHAPE");
    expect(await code(opened(DATA), train(weights.map(() => Number.NaN)))).toBe("NOT_FINITE");
    expect(await code(opened(DATA), train(weights), AbortSignal.abort())).toBe("ABORTED");
  });

  test("leaves the event loop its turns, so that an abort in the middle is heard", async () => {
    const { weights } = await run(opened(), initialise, "initialised");
    const controller = new AbortController();
    const request: Request = {
      kind: "train",
      spec: SPEC,
      weights,
      options: { epochs: 1_000_000, batchSize: 1, learningRate: 1e-6, seed: "s" },
    };
    const outcome = opened(DATA)
      .run(request, controller.signal)
      .then(() => "done", errorCode);
    setTimeout(() => controller.abort(), 100);
    expect(await outcome).toBe("ABORTED");
  });

  test("adds encrypted vectors, and refuses what is none", { timeout: 60_000 }, async () => {
    const compute = opened();
    const { n, secret } = await run(compute, { kind: "paillier-keys", bits: 1024 }, "paillier-keys");
    const packing = { bits: 16, members: 3 };
    const vectors = [Int32Array.of(1, -2, 3), Int32Array.of(100, 200, -300), Int32Array.of(-7, 0, 7)];
    const ciphertexts: Uint8Array[] = [];
    for (const values of vectors)
      ciphertexts.push(
        (await run(compute, { kind: "paillier-encrypt", n, values, ...packing }, "encrypted")).ciphertexts,
      );
    const sum = (await run(compute, { kind: "paillier-add", n, ciphertexts }, "added")).ciphertexts;
    const decrypt = { kind: "paillier-decrypt", secret, count: 3, contributors: 3, ...packing } as const;
    expect((await run(compute, { ...decrypt, ciphertexts: sum }, "decrypted")).values).toEqual(
      Int32Array.of(94, 198, -290),
    );
    const code = (request: Request): Promise<string | undefined> =>
      compute.run(request, never).then(() => "done", errorCode);
    expect(await code({ ...decrypt, ciphertexts: sum.subarray(1) })).toBe("BAD_CIPHERTEXTS");
    expect(await code({ ...decrypt, ciphertexts: sum, secret: secret.subarray(2) })).toBe("BAD_CIPHERTEXTS");
    expect(await code({ kind: "paillier-add", n, ciphertexts: [sum, new Uint8Array(sum.length)] })).toBe(
      "BAD_CIPHERTEXTS",
    );
    expect(await code({ kind: "paillier-add", n, ciphertexts: [sum.subarray(3)] })).toBe("BAD_CIPHERTEXTS");
  });
});

describe("an adversary of an experiment", () => {
  test("distorts what it trains, each in its way", async () => {
    const { weights } = await run(opened(), initialise, "initialised");
    const of = async (adversary?: Adversary) => run(opened(DATA, adversary), train(weights), "trained");
    const honest = await of();
    const close = (a: Float32Array, b: Float32Array): void => {
      for (const [index, value] of a.entries()) expect(value).toBeCloseTo(b[index] ?? Number.NaN, 5);
    };
    close(
      (await of({ kind: "sign-flip" })).update,
      honest.update.map((value) => -value),
    );
    close(
      (await of({ kind: "scaling", factor: 4 })).update,
      honest.update.map((value) => 4 * value),
    );
    const flipped = await of({ kind: "label-flip" });
    expect(flipped.update).not.toEqual(honest.update);
    const rider = await of({ kind: "free-rider" });
    expect(rider).toMatchObject({ samples: 200, steps: 0 });
    expect(Math.max(...rider.update.map(Math.abs))).toBeLessThan(0.01);
    expect(rider.update.some((value) => value !== 0)).toBe(true);
  });
});
