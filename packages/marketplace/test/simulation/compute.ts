import { bytesToHex, hexToBytes, type Random } from "@sheaf/base";
import {
  addCiphertexts,
  ciphertextBytes,
  ciphertextCount,
  createPaillierKeys,
  type Dataset,
  decodeCiphertexts,
  decodePaillierKey,
  decodePaillierSecret,
  decryptSum,
  encodeCiphertexts,
  encodePaillierKey,
  encodePaillierSecret,
  encryptVector,
  isRejection,
  type PaillierKeys,
  type PaillierPublicKey,
} from "@sheaf/federated";
import type { ComputeRequest, ComputeResult } from "../../src/agents/ports.ts";
import { valueParts } from "../../src/agents/round/value-parts.ts";
import { evaluateSoftmax, initialWeights, trainSoftmax } from "./tiny-model.ts";

export interface ComputePorts {
  /** The agent's samples: training, validation or test set; `undefined` when it has none. */
  readonly data: Dataset | undefined;
  /** What was saved. */
  readonly store: ReadonlyMap<string, Uint8Array>;
  readonly random: Random;
}

/** A failure with a code, as a host reports it. */
export interface ComputeFailure {
  readonly failed: string;
}

let paillierKeys: Promise<PaillierKeys> | undefined;

/** Does what an agent asks for, with the real parts of `federated` and a tiny model. */
export async function compute(
  work: ComputeRequest,
  ports: ComputePorts,
): Promise<ComputeResult | ComputeFailure> {
  const { data, store, random } = ports;
  switch (work.kind) {
    case "initialise":
      return { kind: "initialised", weights: initialWeights(work.spec.seed) };
    case "train":
      return data === undefined
        ? { failed: "NO_DATA" }
        : { kind: "trained", ...trainSoftmax(work.weights, data, work.options) };
    case "evaluate":
      return data === undefined
        ? { failed: "NO_DATA" }
        : { kind: "evaluated", ...evaluateSoftmax(work.weights, data) };
    case "value":
      return data === undefined
        ? { failed: "NO_DATA" }
        : valueParts(work, async (weights) => evaluateSoftmax(weights, data).loss);
    case "load":
      return { kind: "loaded", value: store.get(work.key) };
    default:
      return paillier(work, random);
  }
}

type PaillierWork = Extract<ComputeRequest, { readonly kind: `paillier-${string}` }>;

async function paillier(work: PaillierWork, random: Random): Promise<ComputeResult | ComputeFailure> {
  switch (work.kind) {
    case "paillier-keys": {
      // Making a key takes seconds: all simulations of a process share one.
      paillierKeys ??= createPaillierKeys(work.bits);
      const keys = await paillierKeys;
      const n = bytesToHex(encodePaillierKey(keys.publicKey));
      return { kind: "paillier-keys", n, secret: encodePaillierSecret(keys) };
    }
    case "paillier-encrypt": {
      const key = publicKey(work.n);
      if (key === undefined) return { failed: "BAD_KEY" };
      const { bits, members, values } = work;
      const vector = await encryptVector(key, values, { bits, members }, (length) => random.bytes(length));
      return { kind: "encrypted", ciphertexts: encodeCiphertexts(key, vector) };
    }
    case "paillier-add": {
      const key = publicKey(work.n);
      if (key === undefined) return { failed: "BAD_KEY" };
      const vectors: bigint[][] = [];
      for (const bytes of work.ciphertexts) {
        const vector = decodeCiphertexts(key, bytes, Math.round(bytes.length / ciphertextBytes(key)));
        if (isRejection(vector)) return { failed: vector.rejected };
        vectors.push(vector);
      }
      const sum = addCiphertexts(key, vectors);
      return isRejection(sum)
        ? { failed: sum.rejected }
        : { kind: "added", ciphertexts: encodeCiphertexts(key, sum) };
    }
    case "paillier-decrypt": {
      const keys = decodePaillierSecret(work.secret);
      if (keys === undefined) return { failed: "BAD_KEY" };
      const { bits, members, count, contributors } = work;
      const packing = { bits, members };
      const expected = ciphertextCount(keys.publicKey.bits, count, packing);
      const ciphertexts = decodeCiphertexts(keys.publicKey, work.ciphertexts, expected);
      if (isRejection(ciphertexts)) return { failed: ciphertexts.rejected };
      const values = await decryptSum(keys, ciphertexts, packing, { contributors, dimension: count });
      return isRejection(values) ? { failed: values.rejected } : { kind: "decrypted", values };
    }
  }
}

function publicKey(n: `0x${string}`): PaillierPublicKey | undefined {
  return decodePaillierKey(hexToBytes(n));
}
