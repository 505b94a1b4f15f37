import { bytesToHex, concatBytes, hexToBytes, utf8 } from "@sheaf/base";
import { type Address, type Genesis, keccak256 } from "@sheaf/protocol";
import type { NextWeights } from "../ports.ts";
import { wordToHex } from "./interpreter/words.ts";

const SELECTOR = keccak256(utf8("proposerWeights(uint256)")).subarray(0, 4);
/** Weights are below this [EPOCH.4]. */
const WEIGHT_LIMIT = 2n ** 48n;

/** Call data of `proposerWeights(uint256 epoch)` [EPOCH.3]. */
export function weightsQuestion(epoch: number): Uint8Array {
  return concatBytes(SELECTOR, hexToBytes(wordToHex(epoch.toString(16))));
}

/**
 * The weights of genesis' validators by what the contract answered, `undefined` when its call failed;
 * those of genesis when the answer does not count [EPOCH.4] [EPOCH.5].
 */
export function weightsByAnswer({ validators }: Genesis, answer: Uint8Array | undefined): NextWeights {
  const given = answer === undefined ? "the call failed" : readWeights(answer);
  if (typeof given !== "string") {
    const weights = validators.map(({ address }) => given.get(address) ?? 0);
    if (weights.some((weight) => weight > 0)) return { weights, fallback: undefined };
  }
  const fallback = typeof given === "string" ? given : "no validator has weight";
  return { weights: validators.map(({ weight }) => weight), fallback };
}

/** `(address[] miners, uint256[] weights)` in exactly the ABI's encoding, or what is wrong with it [EPOCH.4]. */
export function readWeights(answer: Uint8Array): ReadonlyMap<Address, number> | string {
  const words = wordsOf(answer);
  const count = Math.floor((words.length - 4) / 2);
  const head = [64n, 32n * BigInt(count + 3), BigInt(count)];
  const isPair = words.length === 4 + 2 * count && words[3 + count] === BigInt(count);
  if (!isPair || head.some((each, index) => words[index] !== each)) return "the answer is malformed";
  const weights = new Map<Address, number>();
  for (let index = 0; index < count; index++) {
    const miner = words[3 + index] as bigint;
    const weight = words[4 + count + index] as bigint;
    if (miner >= 2n ** 160n) return "the answer is malformed";
    if (weight >= WEIGHT_LIMIT) return "a weight is 2^48 or more";
    weights.set(`0x${miner.toString(16).padStart(40, "0")}`, Number(weight));
  }
  return weights.size === count ? weights : "a miner is named twice";
}

/** Empty for what is not whole words. */
function wordsOf(bytes: Uint8Array): readonly bigint[] {
  if (bytes.length % 32 !== 0) return [];
  return Array.from({ length: bytes.length / 32 }, (_, index) =>
    BigInt(bytesToHex(bytes.subarray(index * 32, index * 32 + 32))),
  );
}
