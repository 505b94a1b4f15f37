import { type Clock, systemClock } from "./clock.ts";
import { type BaseErrorDetail, CodedError } from "./errors.ts";
import type { Millis } from "./units.ts";

/**
 * Settles as `work` does, or fails with `DEADLINE` after `limitMs`. Every phase of a run passes
 * through here: nothing hangs. `work` itself is not stopped; its owner tears it down.
 */
export async function withDeadline<T>(
  phase: string,
  limitMs: Millis,
  work: Promise<T>,
  clock: Clock = systemClock,
): Promise<T> {
  let cancel = (): void => {};
  const expired = new Promise<never>((_, reject) => {
    cancel = clock.schedule(limitMs, () => {
      const detail: BaseErrorDetail = { code: "DEADLINE", phase, limitMs };
      reject(new CodedError(`${phase} did not finish within ${limitMs / 1000} s`, detail));
    });
  });
  try {
    return await Promise.race([work, expired]);
  } finally {
    cancel();
  }
}
