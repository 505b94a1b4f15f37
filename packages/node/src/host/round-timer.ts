import type { Cancel, Clock, Millis } from "@sheaf/base";

/** The one timer of consensus. Round 0 ends only after its proposal has been due for a round's time [BLOCK.3]. */
export interface RoundTimer {
  /** Replaces the timer before. */
  schedule(round: number, delayMs: Millis, onTimeout: () => void): void;
  /** Transactions wait now, so the proposal may be due sooner. */
  reconsider(): void;
  /** The proposal of round 0 is here: it is due no more. */
  proposed(): void;
  cancel(): void;
}

interface Armed {
  readonly round: number;
  readonly endsAtMs: Millis;
  /** When the round began, on the wall clock. */
  readonly beganAtMs: Millis;
  readonly onTimeout: () => void;
  proposedAtMs: Millis | undefined;
}

/** `proposalDueMs` is when a proposal is due in round 0, on the wall clock; `baseMs` how long round 0 lasts from then. */
export function createRoundTimer(clock: Clock, baseMs: Millis, proposalDueMs: () => Millis): RoundTimer {
  let armed: Armed | undefined;
  let cancelTimer: Cancel = () => {};

  function remainingMs({ round, endsAtMs, beganAtMs, proposedAtMs }: Armed): Millis {
    if (round > 0) return endsAtMs - clock.now();
    const dueMs = Math.min(proposalDueMs(), proposedAtMs ?? Number.POSITIVE_INFINITY);
    return baseMs + Math.max(dueMs, beganAtMs) - clock.wallMs();
  }

  function arm(timer: Armed): void {
    cancelTimer();
    cancelTimer = clock.schedule(remainingMs(timer), () => {
      if (remainingMs(timer) > 0) arm(timer);
      else {
        armed = undefined;
        timer.onTimeout();
      }
    });
  }

  return {
    schedule(round, delayMs, onTimeout) {
      const endsAtMs = clock.now() + delayMs;
      armed = { round, endsAtMs, beganAtMs: clock.wallMs(), onTimeout, proposedAtMs: undefined };
      arm(armed);
    },
    reconsider() {
      if (armed !== undefined) arm(armed);
    },
    proposed() {
      if (armed === undefined) return;
      armed.proposedAtMs ??= clock.wallMs();
      arm(armed);
    },
    cancel() {
      cancelTimer();
      armed = undefined;
    },
  };
}
