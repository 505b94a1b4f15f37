import type { TransactionStatus } from "./transaction-row.ts";
import { outcome, type TransactionTable } from "./transaction-table.ts";

/** Status numbers of `LogicalTransactions.status`, from the mildest to the one that decides. */
export const statusCode: Readonly<Record<TransactionStatus, number>> = {
  committed: 0,
  failed: 1,
  rejected: 2,
  lost: 3,
  unsent: 4,
};

/** Logical transactions as columns; times in ms, `NaN` when unknown. */
export interface LogicalTransactions {
  readonly count: number;
  /** Physical transactions for each logical one, on average. */
  readonly physicalPerLogical: number;
  /** The chain of the last required commit; of the first part where nothing was committed. */
  readonly chain: Uint16Array;
  readonly scheduledMs: Float64Array;
  readonly sentMs: Float64Array;
  readonly firstMs: Float64Array;
  readonly quorumMs: Float64Array;
  readonly allMs: Float64Array;
  readonly status: Uint8Array;
}

/**
 * [LOGICAL.1] A logical transaction counts once: from the first time that one of its parts was
 * scheduled to the last required commit. It is committed when all of its parts are; otherwise the
 * worst of their statuses is its status.
 */
export function logicalTransactions(table: TransactionTable): LogicalTransactions {
  const { columns } = table;
  const status = physicalStatus(table);
  const slots = slotOf(columns.logical);
  if (slots.count === table.length) return { ...columns, count: table.length, physicalPerLogical: 1, status };

  const times = (): Float64Array => new Float64Array(slots.count).fill(Number.NaN);
  const merged = {
    scheduledMs: times(),
    sentMs: times(),
    firstMs: times(),
    quorumMs: times(),
    allMs: times(),
  };
  const mergedStatus = new Uint8Array(slots.count);
  const chain = new Uint16Array(slots.count);
  for (let row = 0; row < table.length; row++) {
    const slot = slots.slot[row] as number;
    if (isLater(columns, row, merged, slot)) chain[slot] = columns.chain[row] as number;
    earliest(merged.scheduledMs, slot, columns.scheduledMs[row] as number);
    earliest(merged.sentMs, slot, columns.sentMs[row] as number);
    latest(merged.firstMs, slot, columns.firstMs[row] as number);
    latest(merged.quorumMs, slot, columns.quorumMs[row] as number);
    latest(merged.allMs, slot, columns.allMs[row] as number);
    mergedStatus[slot] = Math.max(mergedStatus[slot] as number, status[row] as number);
  }
  forgetIncomplete(table, slots.slot, merged);
  return {
    ...merged,
    count: slots.count,
    physicalPerLogical: table.length / slots.count,
    chain,
    status: mergedStatus,
  };
}

function physicalStatus({ columns, length }: TransactionTable): Uint8Array {
  const status = new Uint8Array(length);
  for (let row = 0; row < length; row++) {
    if (columns.outcome[row] === outcome.committed) status[row] = statusCode.committed;
    else if (columns.outcome[row] === outcome.failed) status[row] = statusCode.failed;
    else if (columns.rejection[row] !== 0) status[row] = statusCode.rejected;
    else status[row] = Number.isNaN(columns.sentMs[row]) ? statusCode.unsent : statusCode.lost;
  }
  return status;
}

function slotOf(logical: Uint32Array): { readonly slot: Uint32Array; readonly count: number } {
  const known = new Map<number, number>();
  const slot = new Uint32Array(logical.length);
  for (let row = 0; row < logical.length; row++) {
    const id = logical[row] as number;
    const at = known.get(id) ?? known.size;
    if (at === known.size) known.set(id, at);
    slot[row] = at;
  }
  return { slot, count: known.size };
}

/** Whether the row's commit is the last one so far, or the slot has none yet. */
function isLater(
  columns: TransactionTable["columns"],
  row: number,
  merged: Pick<LogicalTransactions, "scheduledMs" | "firstMs">,
  slot: number,
): boolean {
  const known = merged.firstMs[slot] as number;
  const own = columns.firstMs[row] as number;
  if (Number.isNaN(known)) return !Number.isNaN(own) || Number.isNaN(merged.scheduledMs[slot]);
  return own > known;
}

/** A commit time of the whole exists only where every part has one. */
function forgetIncomplete(
  { columns, length }: TransactionTable,
  slot: Uint32Array,
  merged: Pick<LogicalTransactions, "firstMs" | "quorumMs" | "allMs">,
): void {
  for (let row = 0; row < length; row++) {
    for (const name of ["firstMs", "quorumMs", "allMs"] as const) {
      if (Number.isNaN(columns[name][row])) merged[name][slot[row] as number] = Number.NaN;
    }
  }
}

/** Keeps the smaller of the two; `NaN` is no value. */
function earliest(column: Float64Array, slot: number, value: number): void {
  const known = column[slot] as number;
  if (value < known || Number.isNaN(known)) column[slot] = value;
}

/** Keeps the larger of the two; `NaN` is no value. */
function latest(column: Float64Array, slot: number, value: number): void {
  const known = column[slot] as number;
  if (value > known || Number.isNaN(known)) column[slot] = value;
}
