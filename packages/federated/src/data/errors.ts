import { CodedError } from "@sheaf/base";

/** What data, models and training raise beside `INVALID_INPUT`. */
export type TrainingErrorDetail =
  /** NaN or an infinity where a number was needed; `index` counts from 0 in the flat vector. */
  | { readonly code: "NOT_FINITE"; readonly what: string; readonly index: number }
  /** A vector or a dataset does not have the shape that the model or the task needs. */
  | {
      readonly code: "WRONG_SHAPE";
      readonly what: string;
      readonly expected: string;
      readonly actual: string;
    }
  /** The caller's signal ended the training. */
  | { readonly code: "ABORTED"; readonly what: string }
  /** No TensorFlow.js backend could be started. */
  | { readonly code: "NO_BACKEND"; readonly tried: readonly string[] };

/** Raises `NOT_FINITE` at the first NaN or infinity. */
export function requireFinite(what: string, values: Float32Array, advice?: string): void {
  // Models have many weights and each is looked at often: zero times a number is zero, and NaN otherwise.
  let probe = 0;
  for (let index = 0; index < values.length; index++) probe += 0 * (values[index] as number);
  if (probe === 0) return;
  const index = values.findIndex((value) => !Number.isFinite(value));
  const detail: TrainingErrorDetail = { code: "NOT_FINITE", what, index };
  throw new CodedError(
    `${what}: value ${index} is ${values[index]}`,
    detail,
    advice === undefined ? {} : { advice },
  );
}

/** Raises `WRONG_SHAPE` unless both are the same. */
export function requireShape(
  what: string,
  expected: readonly number[] | number | string,
  actual: readonly number[] | number | string,
): void {
  if (String(expected) === String(actual)) return;
  const detail: TrainingErrorDetail = {
    code: "WRONG_SHAPE",
    what,
    expected: String(expected),
    actual: String(actual),
  };
  throw new CodedError(`${what}: expected ${detail.expected}, got ${detail.actual}`, detail);
}
