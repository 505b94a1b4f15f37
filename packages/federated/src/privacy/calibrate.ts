import { invalidInput } from "@sheaf/base";
import { type AccountantOptions, checkDelta, createAccountant } from "./accountant.ts";

export interface NoiseTarget extends Omit<AccountantOptions, "noiseMultiplier"> {
  readonly epsilon: number;
  /** Releases in all. */
  readonly steps: number;
}

const LARGEST = 1e6;

/**
 * The least noise multiplier (to 1e-9 relative, never too small) with which `steps` releases stay within
 * epsilon [PRIVACY.5]. `INVALID_INPUT` when the target is out of range or no multiplier up to 1e6 meets it.
 */
export function noiseMultiplierFor(target: NoiseTarget): number {
  const { epsilon, steps, ...options } = target;
  checkDelta(options.delta);
  if (!(epsilon > 0 && Number.isFinite(epsilon))) throw invalidInput("epsilon", `${epsilon} is not positive`);
  if (!(Number.isInteger(steps) && steps >= 1))
    throw invalidInput("steps", `${steps} is no positive integer`);
  const fits = (noiseMultiplier: number): boolean =>
    createAccountant({ ...options, noiseMultiplier }).epsilonAfter(steps) <= epsilon;
  let high = 1;
  while (!fits(high)) {
    high *= 2;
    if (high > LARGEST) {
      throw invalidInput(
        "epsilon",
        `${epsilon} is out of reach in ${steps} rounds`,
        "Raise epsilon or delta.",
      );
    }
  }
  let low = high / 2;
  while (low > 1e-3 && fits(low)) {
    high = low;
    low /= 2;
  }
  while (high - low > 1e-9 * high) {
    const middle = (low + high) / 2;
    if (fits(middle)) high = middle;
    else low = middle;
  }
  return high;
}
