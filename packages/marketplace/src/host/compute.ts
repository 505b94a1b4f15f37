import { randomBytes } from "node:crypto";
import { bytesToHex, CodedError, createRandom, type Hex, hexToBytes, invalidInput } from "@sheaf/base";
import {
  addCiphertexts,
  ciphertextCount,
  createPaillierKeys,
  createTrainer,
  type Dataset,
  decodeCiphertexts,
  decodePaillierKey,
  decodePaillierSecret,
  decryptSum,
  encodeCiphertexts,
  encodePaillierKey,
  encodePaillierSecret,
  encryptVector,
  flipLabels,
  freeRide,
  isRejection,
  type Rejection,
  scaleUpdate,
  signFlip,
  type Trainer,
} from "@sheaf/federated";
import type { ComputeRequest, ComputeResult } from "../agents/ports.ts";
import { valueParts } from "../agents/round/value-parts.ts";
import type { JobSpec } from "../job-spec.ts";

/** Why a computation came to nothing, beside the codes of `@sheaf/federated`. */
export type ComputeErrorDetail =
  /** The agent was given no data set of this kind. */
  | { readonly code: "NO_DATA"; readonly kind: ComputeRequest["kind"] }
  /** Ciphertexts or keys are not what they should be; `reason` is the code of `@sheaf/federated`. */
  | { readonly code: "BAD_CIPHERTEXTS"; readonly reason: string };

/** For experiments: how an owner cheats. The agent's step does not know of it. */
export interface Adversary {
  readonly kind: "label-flip" | "sign-flip" | "scaling" | "free-rider";
  readonly factor?: number | undefined;
}

export interface ComputeOptions {
  /** An owner's samples, an analyst's validation set, or a consumer's test set. */
  readonly dataset?: Dataset | undefined;
  readonly adversary?: Adversary | undefined;
}

/** Performs what agents ask to be computed. */
export interface Compute {
  /** Fails with `NO_DATA`, `BAD_CIPHERTEXTS`, and the codes of training (`ABORTED`, `WRONG_SHAPE`, `NOT_FINITE`). */
  run(request: Exclude<ComputeRequest, { kind: "load" }>, signal: AbortSignal): Promise<ComputeResult>;
  close(): void;
}

/** Trainers kept for models that were used last. */
const TRAINERS = 4;
const DEFAULT_FACTOR = 10;

export function createCompute({ dataset, adversary }: ComputeOptions): Compute {
  const trainers = createTrainers();
  const samples = adversary?.kind === "label-flip" && dataset !== undefined ? flipLabels(dataset) : dataset;

  function data(kind: ComputeRequest["kind"]): Dataset {
    if (samples !== undefined) return samples;
    throw new CodedError<ComputeErrorDetail>(`there is no data to ${kind} on`, { code: "NO_DATA", kind });
  }

  async function train(
    { spec, weights, options }: Extract<ComputeRequest, { kind: "train" }>,
    signal: AbortSignal,
  ): Promise<ComputeResult> {
    const trainer = await trainers.of(spec);
    if (adversary?.kind === "free-rider") {
      const { loss } = await trainer.evaluate(weights, data("train"));
      const noise = {
        kind: "noise",
        deviation: adversary.factor ?? 1e-3,
        random: createRandom(options.seed),
      } as const;
      return {
        kind: "trained",
        update: freeRide(weights.length, noise),
        samples: data("train").count,
        loss,
        steps: 0,
      };
    }
    const { update, ...result } = await trainer.train(weights, data("train"), { ...options, signal });
    return { kind: "trained", ...result, update: distort(update, adversary) };
  }

  return {
    async run(request, signal) {
      switch (request.kind) {
        case "initialise":
          return { kind: "initialised", weights: (await trainers.of(request.spec)).initialWeights() };
        case "train":
          return train(request, signal);
        case "evaluate": {
          const trainer = await trainers.of(request.spec);
          const { loss, accuracy, rmse } = await trainer.evaluate(request.weights, data("evaluate"));
          return { kind: "evaluated", loss, accuracy, rmse };
        }
        case "value": {
          const trainer = await trainers.of(request.spec);
          return valueParts(request, async (weights) => {
            signal.throwIfAborted();
            return (await trainer.evaluate(weights, data("value"))).loss;
          });
        }
        default:
          return runPaillier(request);
      }
    },
    close: trainers.close,
  };
}

function distort(update: Float32Array, adversary: Adversary | undefined): Float32Array {
  if (adversary?.kind === "sign-flip") return signFlip(update);
  if (adversary?.kind === "scaling") return scaleUpdate(update, adversary.factor ?? DEFAULT_FACTOR);
  return update;
}

/** One trainer for each model, made when it is first needed. */
function createTrainers(): { of(spec: JobSpec): Promise<Trainer>; close(): void } {
  const made = new Map<string, Promise<Trainer>>();
  const dispose = (trainer: Promise<Trainer>): void => {
    trainer.then((each) => each.dispose()).catch(() => {});
  };
  return {
    of({ model, task, shape, seed }) {
      const key = JSON.stringify([model, task, shape, seed]);
      const trainer = made.get(key) ?? createTrainer({ model, task, shape, seed });
      // The one used last comes last; a failure is not kept.
      made.delete(key);
      made.set(key, trainer);
      trainer.catch(() => made.delete(key));
      for (const [oldest, unused] of made) {
        if (made.size <= TRAINERS) break;
        made.delete(oldest);
        dispose(unused);
      }
      return trainer;
    },
    close() {
      for (const trainer of made.values()) dispose(trainer);
      made.clear();
    },
  };
}

type PaillierRequest = Extract<ComputeRequest, { kind: `paillier-${string}` }>;

async function runPaillier(request: PaillierRequest): Promise<ComputeResult> {
  switch (request.kind) {
    case "paillier-keys": {
      const keys = await createPaillierKeys(request.bits);
      const n = bytesToHex(encodePaillierKey(keys.publicKey));
      return { kind: "paillier-keys", n, secret: encodePaillierSecret(keys) };
    }
    case "paillier-encrypt": {
      const key = publicKey(request.n);
      const packing = { bits: request.bits, members: request.members };
      const entropy = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
      const ciphertexts = await encryptVector(key, request.values, packing, entropy);
      return { kind: "encrypted", ciphertexts: encodeCiphertexts(key, ciphertexts) };
    }
    case "paillier-add": {
      const key = publicKey(request.n);
      const vectors = request.ciphertexts.map((bytes) =>
        sound(decodeCiphertexts(key, bytes, Math.floor(bytes.length / (key.bits / 4)))),
      );
      return { kind: "added", ciphertexts: encodeCiphertexts(key, sound(addCiphertexts(key, vectors))) };
    }
    case "paillier-decrypt": {
      const keys = decodePaillierSecret(request.secret);
      if (keys === undefined) throw badCiphertexts("SECRET");
      const { bits, members, count, contributors } = request;
      const packing = { bits, members };
      const length = ciphertextCount(keys.publicKey.bits, count, packing);
      const ciphertexts = sound(decodeCiphertexts(keys.publicKey, request.ciphertexts, length));
      const sum = { contributors, dimension: count };
      return { kind: "decrypted", values: sound(await decryptSum(keys, ciphertexts, packing, sum)) };
    }
  }
}

function publicKey(n: Hex) {
  const key = decodePaillierKey(hexToBytes(n));
  if (key === undefined) throw invalidInput("paillier key", "is no modulus of a known size");
  return key;
}

function sound<T extends object>(value: T | Rejection): T {
  if (isRejection(value)) throw badCiphertexts(value.rejected);
  return value as T;
}

function badCiphertexts(reason: string): CodedError<ComputeErrorDetail> {
  return new CodedError(`the ciphertexts are refused: ${reason}`, { code: "BAD_CIPHERTEXTS", reason });
}
