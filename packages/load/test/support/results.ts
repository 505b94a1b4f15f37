import { fileURLToPath } from "node:url";
import type { TransactionStatus, TransactionTable } from "@sheaf/measure";

/** The data set that ships with the examples. */
export const telemetryFile = fileURLToPath(
  new URL("../../../../examples/data/machine-telemetry.csv", import.meta.url),
);

/** How many rows ended how; statuses that did not occur are left out. */
export function countStatuses(table: TransactionTable): Partial<Record<TransactionStatus, number>> {
  const counts: Partial<Record<TransactionStatus, number>> = {};
  for (const { status } of table.rows()) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

/** Rows whose times contradict themselves: sent before scheduled, committed before sent, thresholds out of order. */
export function outOfOrder(table: TransactionTable): readonly number[] {
  const found: number[] = [];
  for (const { index, scheduledMs, sentMs, firstMs, quorumMs, allMs } of table.rows()) {
    const times = [scheduledMs, sentMs, firstMs, quorumMs, allMs].filter((time) => time !== null);
    if (times.some((time, i) => i > 0 && time < (times[i - 1] as number))) found.push(index);
  }
  return found;
}
