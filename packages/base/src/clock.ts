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

/** The longest delay that `setTimeout` keeps to; above it fires at once. */
const MAX_TIMER_MS: Millis = 2 ** 31 - 1;

/** The process's clock. `now` is `performance.now()` on the epoch of the process's start. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wallMs: () => Date.now(),
  schedule(delayMs, action) {
    const due = performance.now() + Math.max(0, delayMs);
    let timer: NodeJS.Timeout;
    const arm = (leftMs: Millis): void => {
      timer = setTimeout(run, Math.min(Math.ceil(leftMs), MAX_TIMER_MS));
    };
    // Timers count whole milliseconds and may fire a fraction of one early.
    const run = (): void => {
      const leftMs = due - performance.now();
      if (leftMs > 0) arm(leftMs);
      else action();
    };
    arm(delayMs);
    return () => clearTimeout(timer);
  },
};

/** Resolves after `delayMs` on `clock`. */
export function sleep(delayMs: Millis, clock: Clock = systemClock): Promise<void> {
  return new Promise((resolve) => {
    clock.schedule(delayMs, resolve);
  });
}
