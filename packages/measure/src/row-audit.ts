import type { BlockEvent } from "./events.ts";
import type { Rejection, TransactionStatus } from "./transaction-row.ts";
import { outcome, type TransactionTable } from "./transaction-table.ts";

/** Two times of one event may differ so much by rounding. */
const roundingMs = 0.01;

/** What the rows of an arm say about themselves, physical transactions. */
export interface RowAudit {
  readonly counts: Readonly<Record<TransactionStatus, number>>;
  /** Committed, but not seen on every observed validator. */
  readonly committedNotOnAll: number;
  /** [LATENCY.2] Committed on all validators that were up, before one that was down had shown the block. */
  readonly committedWhileDown: number;
  /** [CLOCK.1] Rows with a commit before their own send, or thresholds out of order: a defect. */
  readonly outOfOrder: number;
  readonly rejections: readonly (Rejection & { readonly count: number })[];
}

/** Counts statuses and looks for rows that contradict themselves or the `blocks` that hold them. */
export function auditRows(table: TransactionTable, blocks: readonly BlockEvent[]): RowAudit {
  const { columns, length } = table;
  const counts = { committed: 0, failed: 0, rejected: 0, lost: 0, unsent: 0 };
  const refusals = table.rejections.map(() => 0);
  let committedNotOnAll = 0;
  let outOfOrder = 0;
  for (let row = 0; row < length; row++) {
    const status = table.status(row);
    counts[status]++;
    if (status === "committed" && Number.isNaN(columns.allMs[row])) committedNotOnAll++;
    if (status === "rejected") {
      const reason = (columns.rejection[row] as number) - 1;
      refusals[reason] = (refusals[reason] ?? 0) + 1;
    }
    if (contradicts(table, row)) outOfOrder++;
  }
  const rejections = table.rejections
    .map((rejection, index) => ({ ...rejection, count: refusals[index] ?? 0 }))
    .filter((rejection) => rejection.count > 0)
    .sort((a, b) => b.count - a.count);
  const committedWhileDown = countCommittedWhileDown(table, blocks);
  return { counts, committedNotOnAll, committedWhileDown, outOfOrder, rejections };
}

function countCommittedWhileDown(table: TransactionTable, blocks: readonly BlockEvent[]): number {
  const keyOf = (chain: number, block: number): string => `${chain}/${block}`;
  const lastSeen = new Map(
    blocks.map(({ chain, number, seenMs }) => [
      keyOf(chain, number),
      Math.max(...seenMs.map((ms) => ms ?? Number.POSITIVE_INFINITY)),
    ]),
  );
  const { columns, length } = table;
  let count = 0;
  for (let row = 0; row < length; row++) {
    if (columns.outcome[row] !== outcome.committed) continue;
    const last = lastSeen.get(keyOf(columns.chain[row] as number, columns.blockNumber[row] as number));
    if (last !== undefined && last - (columns.allMs[row] as number) > roundingMs) count++;
  }
  return count;
}

/** Comparisons with `NaN` are false, so an unknown time contradicts nothing. */
function contradicts({ columns }: TransactionTable, row: number): boolean {
  const sent = columns.sentMs[row] as number;
  const first = columns.firstMs[row] as number;
  const quorum = columns.quorumMs[row] as number;
  const all = columns.allMs[row] as number;
  return first < sent || quorum < first || all < quorum || sent < (columns.scheduledMs[row] as number);
}
