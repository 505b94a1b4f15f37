import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Clock } from "@sheaf/base";
import type { ClockAudit } from "@sheaf/measure";

const timerMs = 10;

/** Begins an audit of the driver's clock and event loop [CLOCK.2]; the function returned ends it. */
export function auditClock(clock: Clock): () => ClockAudit {
  const delay = monitorEventLoopDelay({ resolution: timerMs });
  delay.enable();
  const startMs = clock.now();
  const startWallMs = clock.wallMs();
  return () => {
    delay.disable();
    return {
      source: "performance.now (monotonic)",
      resolutionMs: smallestStep(clock),
      driftMs: clock.now() - startMs - (clock.wallMs() - startWallMs),
      maxStallMs: Math.max(0, delay.max / 1e6 - timerMs),
    };
  };
}

function smallestStep(clock: Clock): number {
  let smallest = Number.POSITIVE_INFINITY;
  let last = clock.now();
  for (let i = 0; i < 10_000; i++) {
    const now = clock.now();
    if (now > last) smallest = Math.min(smallest, now - last);
    last = now;
  }
  return Number.isFinite(smallest) ? smallest : 0;
}
