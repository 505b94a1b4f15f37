import type { Millis } from "@sheaf/base";

/** Decides when each transaction is due. It never looks at answers; a window looks at commits alone. */
export interface Schedule {
  start(): void;
  /** `count` transactions of a chain ended: committed at the threshold of the run, or refused for good. */
  settled(chain: number, count: number): void;
  /** Nothing is due any more. */
  stop(): void;
  /** Whether every transaction has been submitted. */
  readonly finished: boolean;
}

/** Where a schedule hands its transactions over. */
export interface ScheduleSink {
  /** A transaction is due; `scheduledMs` is on the clock's own origin. */
  submit(row: number, scheduledMs: Millis): void;
  /** Called after each burst of `submit`. */
  flush(): void;
}
