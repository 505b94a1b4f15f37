import type { Clock, Millis } from "@sheaf/base";
import type { Arrivals } from "./arrivals.ts";
import type { Schedule, ScheduleSink } from "./schedule.ts";

/**
 * Submits transactions in order at their arrival times, whatever the network does. The clock is looked
 * at every `tickMs`; the scheduled time is the arrival's own, so a late tick shows as lag and never
 * shifts the schedule.
 */
export function createOpenLoop(
  options: {
    readonly count: number;
    readonly arrivals: Arrivals;
    readonly tickMs: Millis;
    readonly clock: Clock;
  },
  sink: ScheduleSink,
): Schedule {
  const { count, arrivals, tickMs, clock } = options;
  let next = 0;
  let startMs = 0;
  let dueMs = 0;
  let stopped = false;

  function tick(): void {
    if (stopped) return;
    const now = clock.now();
    const before = next;
    while (next < count && dueMs <= now) {
      sink.submit(next++, dueMs);
      dueMs = startMs + arrivals();
    }
    if (next > before) sink.flush();
    if (next < count) clock.schedule(Math.max(tickMs, dueMs - clock.now()), tick);
  }

  return {
    start() {
      startMs = clock.now();
      dueMs = startMs + arrivals();
      tick();
    },
    settled() {
      // an open loop does not wait for anything
    },
    stop() {
      stopped = true;
    },
    get finished() {
      return next >= count;
    },
  };
}
