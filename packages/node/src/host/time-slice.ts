import type { Clock, Millis } from "@sheaf/base";

/** Called between pieces of long work: a promise to await when other events should have their turn. */
export type Breathe = () => Promise<void> | undefined;

/** How long one piece of work may hold the event loop. */
const SLICE_MS: Millis = 4;

/** Breathes once every few milliseconds; `yieldTurn` lets the event loop turn. */
export function createBreathe(clock: Clock, yieldTurn: () => Promise<void>): Breathe {
  let sliceStartMs = clock.now();
  return () => {
    if (clock.now() - sliceStartMs < SLICE_MS) return undefined;
    return yieldTurn().then(() => {
      sliceStartMs = clock.now();
    });
  };
}
