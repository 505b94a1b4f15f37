import { randomBytes } from "node:crypto";

/** Bytes from a cryptographic source; a seeded one only in simulations. */
export type Entropy = (length: number) => Uint8Array;

/** The process's source. */
export const systemEntropy: Entropy = (length) => randomBytes(length);

const CHUNK_WORDS = 8192;

/** Uniform 32-bit words, fetched 32 KiB at a time. */
export interface Words {
  next(): number;
  /** A uniform integer in [0, 2^128). */
  next128(): bigint;
}

export function createWords(entropy: Entropy): Words {
  let words = new Uint32Array(0);
  let position = 0;
  function next(): number {
    if (position === words.length) {
      words = new Uint32Array(CHUNK_WORDS);
      new Uint8Array(words.buffer).set(entropy(4 * CHUNK_WORDS));
      position = 0;
    }
    return words[position++] as number;
  }
  return {
    next,
    next128() {
      let value = 0n;
      for (let i = 0; i < 4; i++) value = (value << 32n) | BigInt(next());
      return value;
    },
  };
}
