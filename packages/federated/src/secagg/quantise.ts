import { invalidInput } from "@sheaf/base";
import { reject } from "./round.ts";
import type { Rejection } from "./types.ts";
import { bytesToWords } from "./words.ts";

/** Fixed point: steps of `clip / (2^(bits-1) - 1)`, so that `clip` is the largest value of `bits` bits. */
export interface Quantisation {
  /** Coordinates beyond are cut to it and counted. Positive and finite. */
  readonly clip: number;
  /** Bits of a value with its sign, 2 to 31. */
  readonly bits: number;
}

export interface Quantised {
  readonly values: Int32Array;
  /** Coordinates that were cut to the clip. */
  readonly saturated: number;
}

const CHUNK_WORDS = 16_384;

/**
 * Steps of a vector, rounded up with the probability of the rest: the mean over many is unbiased, and each value
 * is less than one step from the clipped one [SECAGG.14]. `random` gives unpredictable bytes, four for each coordinate.
 * `NOT_FINITE` for a NaN or an infinity; `INVALID_INPUT` for parameters out of range.
 */
export function quantise(
  vector: Float32Array,
  quantisation: Quantisation,
  random: (length: number) => Uint8Array,
): Quantised | Rejection {
  checkQuantisation(quantisation);
  const { clip } = quantisation;
  const largest = largestStep(quantisation.bits);
  const values = new Int32Array(vector.length);
  let saturated = 0;
  for (let start = 0; start < vector.length; start += CHUNK_WORDS) {
    const end = Math.min(start + CHUNK_WORDS, vector.length);
    const words = bytesToWords(random(4 * (end - start)));
    for (let i = start; i < end; i++) {
      const value = vector[i] as number;
      const magnitude = Math.abs(value);
      if (!(magnitude < Number.POSITIVE_INFINITY)) return reject("NOT_FINITE");
      if (magnitude > clip) {
        saturated++;
        values[i] = value > 0 ? largest : -largest;
        continue;
      }
      const scaled = (value / clip) * largest;
      const floor = Math.floor(scaled);
      const up = (words[i - start] as number) < (scaled - floor) * 2 ** 32 ? 1 : 0;
      values[i] = Math.max(-largest, Math.min(largest, floor + up));
    }
  }
  return { values, saturated };
}

/** The vector of a sum of steps; divide by the survivors, or by the sum of weights, for a mean. */
export function dequantise(sum: Int32Array, quantisation: Quantisation): Float32Array {
  checkQuantisation(quantisation);
  const step = quantisation.clip / largestStep(quantisation.bits);
  return Float32Array.from(sum, (value) => value * step);
}

/**
 * Whether the sum over `members` of values of `bits` bits, each with noise of at most `noiseBound` steps, stays
 * inside 32 bits: members * (2^(bits-1) - 1 + noiseBound) < 2^31 [SECAGG.15].
 */
export function checkHeadroom(members: number, bits: number, noiseBound = 0): boolean {
  return members * (largestStep(bits) + noiseBound) < 2 ** 31;
}

function largestStep(bits: number): number {
  return 2 ** (bits - 1) - 1;
}

function checkQuantisation({ clip, bits }: Quantisation): void {
  if (!(clip > 0 && clip < Number.POSITIVE_INFINITY))
    throw invalidInput("clip", "must be positive and finite");
  if (!Number.isInteger(bits) || bits < 2 || bits > 31)
    throw invalidInput("bits", "must be a whole number from 2 to 31");
}
