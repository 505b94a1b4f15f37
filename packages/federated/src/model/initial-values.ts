import type { Random } from "@sheaf/base";
import { sampleSize } from "../data/dataset.ts";
import type { Activation } from "./activation.ts";

/** Limits of uniform initial weights: He et al. 2015 before a relu, Glorot and Bengio 2010 otherwise. */
export function initialLimit(activation: Activation, fanIn: number, fanOut: number): number {
  return Math.sqrt(6 / (activation === "relu" ? fanIn : fanIn + fanOut));
}

/** Values uniform in plus or minus `limit`, as many as `shape` has places. */
export function uniform(shape: readonly number[], limit: number, random: Random): Float32Array {
  return Float32Array.from({ length: sampleSize(shape) }, () => (2 * random.float() - 1) * limit);
}

/** All values, one array after another. */
export function concatFloats(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}
