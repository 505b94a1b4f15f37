import { createHash } from "node:crypto";
import { createRandom } from "@sheaf/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  applyAggregate,
  decodeServerState,
  encodeServerState,
  initialServerState,
  type Optimiser,
  optimiserSchema,
  type ServerState,
} from "../../src/index.ts";

const random = createRandom("optimiser");
const vector = (length: number): Float32Array => Float32Array.from({ length }, () => 2 * random.float() - 1);
const parse = (input: object): Optimiser => optimiserSchema.parse(input);

function rounds(optimiser: Optimiser, weights: Float32Array, updates: readonly Float32Array[]): ServerState {
  return updates.reduce(
    (state, update) => applyAggregate(state, update, optimiser),
    initialServerState(weights, optimiser),
  );
}

describe("the server's step", () => {
  it.each(["fedsgd", "fedavg", "fedprox"])(
    "of %s adds the update times the rate, rounded once to 32 bits",
    (kind) => {
      const [weights, update] = [vector(50), vector(50)];
      const next = rounds(parse({ kind, serverLearningRate: 0.3 }), weights, [update]);
      const expected = weights.map((weight, index) => Math.fround(weight + 0.3 * (update[index] as number)));
      expect(next).toStrictEqual({ weights: expected, optimiser: [], round: 1 });
    },
  );

  it("of FedAvg at rate 1 reaches the mean of the owners' models", () => {
    const weights = Float32Array.of(0.5, -1);
    expect(rounds(parse({ kind: "fedavg" }), weights, [Float32Array.of(0.25, 2)]).weights).toStrictEqual(
      Float32Array.of(0.75, 1),
    );
  });

  it("of FedAdam is the published recursion, with v starting at tau squared", () => {
    const [rate, beta1, beta2, tau] = [0.05, 0.9, 0.99, 0.01];
    const optimiser = parse({ kind: "fedadam", serverLearningRate: rate, beta1, beta2, tau });
    const updates = [0.4, -0.1, 0.3].map((value) => Float32Array.of(value));
    let [m, v, w] = [0, tau ** 2, 1];
    for (const [update] of updates as unknown as [number][]) {
      m = beta1 * m + (1 - beta1) * update;
      v = beta2 * v + (1 - beta2) * update ** 2;
      w += (rate * m) / (Math.sqrt(v) + tau);
    }
    const state = rounds(optimiser, Float32Array.of(1), updates);
    expect(state.weights[0]).toBeCloseTo(w, 6);
    expect(state.optimiser.map(([value]) => value)).toStrictEqual([
      expect.closeTo(m, 6),
      expect.closeTo(v, 7),
    ]);
    expect(state.round).toBe(3);
  });

  it("has the same bits on every machine", () => {
    const inputs = [0, 1, 2, 3].map((at) =>
      Float32Array.from(
        { length: 100 },
        (_, index) => ((7_919 * index + 104_729 * at) % 10_007) / 10_007 - 0.5,
      ),
    );
    const digests = ["fedavg", "fedadam"].map((kind) => {
      const state = rounds(
        parse({ kind, serverLearningRate: 0.7 }),
        inputs[0] as Float32Array,
        inputs.slice(1),
      );
      return createHash("sha256").update(encodeServerState(state)).digest("hex");
    });
    expect(digests).toStrictEqual([
      "60c3a73a632cde37dab3de6ff1034c0cf2a63787e7362cf8b7d3fe1c1462ce1e",
      "6060894afd8c4d1419f5ed64fd5c7dded09b027ae5d67a4fe04b1655ee14813f",
    ]);
  });

  it("changes nothing in place", () => {
    const optimiser = parse({ kind: "fedadam" });
    const state = initialServerState(vector(5), optimiser);
    const before = encodeServerState(state);
    const update = vector(5);
    const copy = update.slice();
    applyAggregate(state, update, optimiser);
    expect(encodeServerState(state)).toStrictEqual(before);
    expect(update).toStrictEqual(copy);
  });

  it.each([
    ["a longer update", Float32Array.of(1, 2, 3), "WRONG_SHAPE"],
    ["NaN", Float32Array.of(1, Number.NaN), "NOT_FINITE"],
    ["an infinity", Float32Array.of(Number.NEGATIVE_INFINITY, 1), "NOT_FINITE"],
    ["an overflow", Float32Array.of(3e38, 0), "NOT_FINITE"],
  ])("refuses %s", (_, update, code) => {
    const optimiser = parse({ kind: "fedavg" });
    const state = initialServerState(Float32Array.of(3e38, 0), optimiser);
    expect(() => applyAggregate(state, update, optimiser)).toThrow(expect.objectContaining({ code }));
  });

  it("refuses initial weights that are no numbers, and a state of another optimiser", () => {
    expect(() => initialServerState(Float32Array.of(Number.NaN), parse({ kind: "fedavg" }))).toThrow(
      expect.objectContaining({ code: "NOT_FINITE" }),
    );
    const state = initialServerState(vector(2), parse({ kind: "fedavg" }));
    expect(() => applyAggregate(state, vector(2), parse({ kind: "fedadam" }))).toThrow(
      expect.objectContaining({ code: "WRONG_SHAPE" }),
    );
  });
});

describe("the state as bytes", () => {
  const floats = fc.float32Array({ minLength: 1, maxLength: 20, noNaN: true, noDefaultInfinity: true });

  it("comes back with the same bits, the sign of zero among them", () => {
    const states = fc.tuple(floats, fc.nat(2), fc.nat(2 ** 32 - 1)).map(([weights, vectors, round]) => ({
      weights,
      optimiser: Array.from({ length: vectors }, () => weights.slice()),
      round,
    }));
    fc.assert(
      fc.property(states, (state) => {
        const bytes = encodeServerState(state);
        const decoded = decodeServerState(bytes);
        expect(decoded).toStrictEqual(state);
        expect(encodeServerState(decoded as ServerState)).toStrictEqual(bytes);
      }),
    );
  });

  it("is undefined for bytes that were cut, lengthened, or hold NaN or infinities", () => {
    const bytes = encodeServerState({ weights: vector(4), optimiser: [vector(4)], round: 3 });
    for (let length = 0; length < bytes.length; length++) {
      expect(decodeServerState(bytes.subarray(0, length))).toBeUndefined();
    }
    expect(decodeServerState(Uint8Array.from([...bytes, 0]))).toBeUndefined();
    expect(decodeServerState(bytes.with(0, 0))).toBeUndefined();
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const spoilt = bytes.slice();
      new DataView(spoilt.buffer).setFloat32(spoilt.length - 4, value, true);
      expect(decodeServerState(spoilt)).toBeUndefined();
    }
  });

  it("never fails, whatever the bytes", () => {
    const bytes = encodeServerState({ weights: vector(3), optimiser: [], round: 1 });
    const mutation = fc
      .tuple(fc.nat(bytes.length - 1), fc.nat(255))
      .map(([at, value]) => bytes.with(at, value));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 64 }), mutation), (input) => {
        const state = decodeServerState(input);
        if (state !== undefined) expect(encodeServerState(state)).toStrictEqual(input);
      }),
      { numRuns: 500 },
    );
  });
});

it("knows no optimiser and no field but its own", () => {
  expect(optimiserSchema.safeParse({ kind: "adagrad" }).success).toBe(false);
  expect(optimiserSchema.safeParse({ kind: "fedavg", mu: 1 }).success).toBe(false);
  expect(optimiserSchema.parse({ kind: "fedprox" })).toStrictEqual({
    kind: "fedprox",
    serverLearningRate: 1,
    mu: 0.01,
  });
});
