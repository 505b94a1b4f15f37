import type { Millis } from "./units.ts";

/** Ends a scheduled call; harmless when it has already run. */
export type Cancel = () => void;

/** Time as a port: everything that waits or stamps asks one of these. */
export interface Clock {
  /** Monotonic milliseconds since an arbitrary origin. */
  now(): Millis;
  /** Milliseconds since the Unix epoch. */
  wallMs(): Millis;
  /** Calls `action` once, not before `delayMs` from now. */
  schedule(delayMs: Millis, action: () => void): Cancel;
}

/** The process's clock. `now` is `performance.now()` on the epoch of the process's start. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wallMs: () => Date.now(),
  schedule(delayMs, action) {
    const timer = setTimeout(action, Math.max(0, delayMs));
    return () => clearTimeout(timer);
  },
};

/** Resolves after `delayMs` on `clock`. */
export function sleep(delayMs: Millis, clock: Clock = systemClock): Promise<void> {
  return new Promise((resolve) => {
    clock.schedule(delayMs, resolve);
  });
}
