import type { Millis, PerSecond } from "@sheaf/base";
import type { ArmRecord } from "./arm-record.ts";
import { rankValue } from "./statistics.ts";
import type { TransactionTable } from "./transaction-table.ts";

/** [OFFERED.2] An open loop that sends less than this share of what was scheduled is not one. */
export const leastAchievedShare = 0.99;
/** [OFFERED.2] The lateness of one timer, allowed at the end of the schedule. */
const timerGraceMs = 50;

/** What was scheduled, what was sent, and how late. */
export interface OfferedLoad {
  /** Physical transactions. */
  readonly scheduled: number;
  readonly sent: number;
  /** Over the time of the schedule; `null` in windowed mode, where the network sets the rate. */
  readonly offeredPerSecond: PerSecond | null;
  readonly achievedPerSecond: PerSecond | null;
  /** Sent in time / scheduled; 1 in windowed mode. */
  readonly achievedShare: number;
  /** Sent minus scheduled, milliseconds: what a stalled sender adds. `null` when nothing was sent. */
  readonly lagMs: {
    readonly mean: Millis;
    readonly p50: Millis;
    readonly p99: Millis;
    readonly max: Millis;
  } | null;
}

/** [OFFERED.1] Offered is what was scheduled, achieved is what was sent by the end of the schedule. */
export function offeredLoad({ columns, length }: TransactionTable, arm: ArmRecord): OfferedLoad {
  let scheduled = 0;
  let sent = 0;
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  const lags = new Float64Array(length);
  for (let row = 0; row < length; row++) {
    const due = columns.scheduledMs[row] as number;
    if (Number.isNaN(due)) continue;
    scheduled++;
    if (due < first) first = due;
    if (due > last) last = due;
    const at = columns.sentMs[row] as number;
    if (!Number.isNaN(at)) lags[sent++] = at - due;
  }
  const lagMs = describeLag(lags.subarray(0, sent));
  const seconds = (last - first) / 1000;
  if (arm.mode.kind === "windowed" || !(seconds > 0)) {
    return { scheduled, sent, offeredPerSecond: null, achievedPerSecond: null, achievedShare: 1, lagMs };
  }
  let inTime = 0;
  for (let row = 0; row < length; row++) {
    if (!Number.isNaN(columns.scheduledMs[row]) && (columns.sentMs[row] as number) <= last + timerGraceMs)
      inTime++;
  }
  return {
    scheduled,
    sent,
    offeredPerSecond: scheduled / seconds,
    achievedPerSecond: inTime / seconds,
    achievedShare: inTime / scheduled,
    lagMs,
  };
}

function describeLag(lags: Float64Array): OfferedLoad["lagMs"] {
  if (lags.length === 0) return null;
  lags.sort();
  let sum = 0;
  for (const lag of lags) sum += lag;
  return {
    mean: sum / lags.length,
    p50: rankValue(lags, 50),
    p99: rankValue(lags, 99),
    max: rankValue(lags, 100),
  };
}
