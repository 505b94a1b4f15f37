import { CodedError, invalidInput } from "@sheaf/base";

export type ClipErrorDetail = { readonly code: "UPDATE_NOT_FINITE" };

/** Rounding to 32-bit floats may lengthen a vector by this share at most. */
const ROUNDING = 2 ** -23;

/**
 * The whole update scaled down, if need be, to an L2 norm of at most `clip` [PRIVACY.1]; the norm is exact to
 * double precision and never above `clip` after rounding. `UPDATE_NOT_FINITE` for NaN or an infinity.
 */
export function clipL2(
  update: Float32Array,
  clip: number,
): { readonly clipped: Float32Array; readonly norm: number } {
  if (!(clip > 0 && Number.isFinite(clip))) throw invalidInput("clip", `${clip} is not positive`);
  const norm = l2Norm(update);
  if (!Number.isFinite(norm)) {
    throw new CodedError("the update holds NaN or an infinity", {
      code: "UPDATE_NOT_FINITE",
    } satisfies ClipErrorDetail);
  }
  if (norm <= clip) return { clipped: update.slice(), norm };
  const factor = (clip / norm) * (1 - ROUNDING);
  const clipped = new Float32Array(update.length);
  for (let i = 0; i < update.length; i++) clipped[i] = (update[i] as number) * factor;
  return { clipped, norm };
}

/** Euclidean norm. */
export function l2Norm(vector: Float32Array | Float64Array | Int32Array): number {
  let squares = 0;
  for (let i = 0; i < vector.length; i++) squares += (vector[i] as number) ** 2;
  return Math.sqrt(squares);
}
