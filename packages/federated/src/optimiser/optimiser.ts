import { z } from "zod";
import { requireFinite, requireShape } from "../data/errors.ts";

const serverLearningRate = z.number().positive().default(1);

export const optimiserSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("fedsgd"), serverLearningRate }),
  z.strictObject({ kind: z.literal("fedavg"), serverLearningRate }),
  z.strictObject({ kind: z.literal("fedprox"), serverLearningRate, mu: z.number().positive().default(0.01) }),
  z.strictObject({
    kind: z.literal("fedadam"),
    serverLearningRate: z.number().positive().default(0.01),
    beta1: z.number().min(0).max(0.999).default(0.9),
    beta2: z.number().min(0).max(0.99999).default(0.99),
    tau: z.number().positive().default(0.001),
  }),
]);

/**
 * How the mean update becomes the next model. `fedsgd` and `fedavg` (McMahan et al. 2017), `fedprox` (Li et al.
 * 2020; `mu` is for the owners): `w + rate * update`. `fedadam` (Reddi et al. 2021, without bias correction):
 * `m = beta1 m + (1 - beta1) update; v = beta2 v + (1 - beta2) update^2; w + rate * m / (sqrt(v) + tau)`.
 */
export type Optimiser = Readonly<z.infer<typeof optimiserSchema>>;

/** What the server keeps between rounds. */
export interface ServerState {
  readonly weights: Float32Array;
  /** FedAdam: `m` and `v`; else empty. */
  readonly optimiser: readonly Float32Array[];
  /** Rounds applied. */
  readonly round: number;
}

/** Round 0. FedAdam starts with `m = 0` and `v = tau^2`. `NOT_FINITE` for weights with NaN or infinities. */
export function initialServerState(weights: Float32Array, optimiser: Optimiser): ServerState {
  requireFinite("initial weights", weights);
  if (optimiser.kind !== "fedadam") return { weights, optimiser: [], round: 0 };
  const first = new Float32Array(weights.length);
  const second = new Float32Array(weights.length).fill(optimiser.tau ** 2);
  return { weights, optimiser: [first, second], round: 0 };
}

/**
 * The state after one round; nothing is changed in place. Additions, products and square roots of doubles
 * rounded to 32 bits when stored: the same bits on every machine, so that an arbiter can recompute it.
 * `WRONG_SHAPE` or `NOT_FINITE` when the update does not fit or anything is NaN or infinite.
 */
export function applyAggregate(
  state: ServerState,
  meanUpdate: Float32Array,
  optimiser: Optimiser,
): ServerState {
  requireShape("aggregate", state.weights.length, meanUpdate.length);
  requireFinite("aggregate", meanUpdate);
  const next =
    optimiser.kind === "fedadam" ? adam(state, meanUpdate, optimiser) : add(state, meanUpdate, optimiser);
  for (const vector of [next.weights, ...next.optimiser]) requireFinite("model after the aggregate", vector);
  return next;
}

function add(state: ServerState, update: Float32Array, { serverLearningRate }: Optimiser): ServerState {
  const weights = state.weights.map(
    (weight, index) => weight + serverLearningRate * (update[index] as number),
  );
  return { weights, optimiser: [], round: state.round + 1 };
}

function adam(
  state: ServerState,
  update: Float32Array,
  options: Optimiser & { kind: "fedadam" },
): ServerState {
  const { beta1, beta2, tau, serverLearningRate } = options;
  const [oldFirst, oldSecond] = state.optimiser;
  requireShape("moments of FedAdam", 2, state.optimiser.length);
  const first = update.map((value, index) => beta1 * (oldFirst?.[index] as number) + (1 - beta1) * value);
  const second = update.map(
    (value, index) => beta2 * (oldSecond?.[index] as number) + (1 - beta2) * value * value,
  );
  const weights = state.weights.map((weight, index) => {
    const scale = Math.sqrt(second[index] as number) + tau;
    return weight + (serverLearningRate * (first[index] as number)) / scale;
  });
  return { weights, optimiser: [first, second], round: state.round + 1 };
}
