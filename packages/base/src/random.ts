import { createHash } from "node:crypto";
import { invariant } from "./errors.ts";

/**
 * Seeded randomness (xoshiro128**, Blackman and Vigna 2018): the same seed gives the same run on
 * every machine. For simulations and workloads only, never for keys or noise that must stay secret.
 */
export interface Random {
  /** Uniform in [0, 2^32). */
  uint32(): number;
  /** Uniform in [0, 1), 53 bits. */
  float(): number;
  /** Uniform integer in [0, bound). `bound` is an integer from 1 to 2^32, else `INVARIANT`. */
  int(bound: number): number;
  /** True with probability `p`. */
  chance(p: number): boolean;
  /** One element; `INVARIANT` when the list is empty. */
  pick<T>(items: readonly T[]): T;
  /** A shuffled copy (Fisher and Yates). */
  shuffle<T>(items: readonly T[]): T[];
  /** Exponentially distributed with the given mean. */
  exponential(mean: number): number;
  /** `length` bytes. */
  bytes(length: number): Uint8Array;
  /** An independent stream named `label`; does not advance this one. */
  fork(label: string): Random;
}

/** A stream for `seed`; any text or number is a seed. */
export function createRandom(seed: string | number): Random {
  const digest = createHash("sha256").update(String(seed)).digest();
  let a = digest.readUInt32LE(0);
  let b = digest.readUInt32LE(4);
  let c = digest.readUInt32LE(8);
  let d = digest.readUInt32LE(12) | 1;

  const rotate = (x: number, k: number): number => (x << k) | (x >>> (32 - k));

  function uint32(): number {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotate(d, 11);
    return result;
  }

  function float(): number {
    return ((uint32() >>> 5) * 2 ** 26 + (uint32() >>> 6)) / 2 ** 53;
  }

  function int(bound: number): number {
    invariant(Number.isInteger(bound) && bound >= 1 && bound <= 2 ** 32, `random integer below ${bound}`);
    const limit = 2 ** 32 - (2 ** 32 % bound);
    for (;;) {
      const value = uint32();
      if (value < limit) return value % bound;
    }
  }

  return {
    uint32,
    float,
    int,
    chance: (p) => float() < p,
    pick: (items) => items[int(items.length)] as (typeof items)[number],
    shuffle(items) {
      const out = [...items];
      for (let i = out.length - 1; i > 0; i--) {
        const j = int(i + 1);
        const held = out[i] as (typeof out)[number];
        out[i] = out[j] as (typeof out)[number];
        out[j] = held;
      }
      return out;
    },
    exponential: (mean) => -mean * Math.log(1 - float()),
    bytes(length) {
      const out = new Uint8Array(length);
      for (let i = 0; i < length; i++) out[i] = uint32() >>> 24;
      return out;
    },
    fork: (label) => createRandom(`${String(seed)}/${label}`),
  };
}
