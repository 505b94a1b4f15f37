import type { Clock, Millis } from "@sheaf/base";
import type { TransactionTable } from "@sheaf/measure";
import type { RpcClient, RpcOutcome } from "@sheaf/protocol";
import type { Plan } from "../plan.ts";
import { createEntryPool } from "./entry-pool.ts";
import { createHeldLanes } from "./held-lanes.ts";
import { classifyRefusal, toRejection } from "./refusal.ts";

/** How a transaction that was sent again was answered: `new` means that it had been lost. */
export type ResendAnswer = "new" | "known" | "refused";

/** The way of a chain's transactions into it: lanes in order, batches, retries, failover. */
export interface ChainSender {
  /** Sends a transaction, as soon as its lane is not held. */
  submit(row: number): void;
  /** Sends what is queued and what is due again; to be called every few milliseconds. */
  flush(): void;
  /** Sends a transaction once more, to the validator `offset` after its home. */
  resend(row: number, offset: number, onAnswer: (answer: ResendAnswer) => void): void;
  /** Whether refused transactions of the lane wait for another try. */
  isHeld(lane: number): boolean;
  /** Transactions of the lane that were handed over, at least once. */
  handedOver(lane: number): number;
  close(): void;
  readonly counts: SendCounts;
}

/** What happened beside plain sending. */
export interface SendCounts {
  readonly batches: number;
  /** Refusals for lack of room, each followed by another try. */
  readonly busyRefusals: number;
  readonly failovers: number;
}

export interface ChainSenderOptions {
  readonly plan: Plan;
  readonly table: TransactionTable;
  readonly rawHex: (row: number) => string;
  /** One client a validator. */
  readonly clients: readonly RpcClient[];
  readonly clock: Clock;
  /** The clock's time of the start barrier. */
  readonly originMs: Millis;
  readonly maxBatch: number;
  readonly connections: number;
  /** A transaction was refused for good; `stale` if its nonce is used up all the same. */
  readonly onRejected: (row: number, reason: "stale" | "final") => void;
}

export function createChainSender(options: ChainSenderOptions): ChainSender {
  const { plan, table, clients, clock, originMs, onRejected } = options;
  const handed = new Uint32Array(plan.chains * plan.accounts);
  /** Rows that were under way when their validator failed, or are sent again: a copy may have arrived. */
  const copied = new Set<number>();
  const resends = new Map<number, (answer: ResendAnswer) => void>();
  let batches = 0;
  let busyRefusals = 0;

  const laneOf = (row: number): number => plan.lane[row] as number;
  const homeOf = (row: number): number => plan.laneEntry[laneOf(row)] as number;
  const pool = createEntryPool({ ...options, homeOf }, { sent, answered });
  const held = createHeldLanes(clock, (row) => pool.enqueue(row, homeOf(row)));

  function sent(rows: readonly number[], ms: Millis): void {
    batches++;
    for (const row of rows) {
      const lane = laneOf(row);
      const sequence = plan.sequence[row] as number;
      if (sequence < (handed[lane] as number)) copied.add(row);
      else handed[lane] = sequence + 1;
      table.sent(row, ms - originMs);
    }
  }

  function answered(row: number, outcome: RpcOutcome, ms: Millis): void {
    const kind = outcome.ok ? "new" : classifyRefusal(outcome.error);
    const resend = resends.get(row);
    if (kind === "new" || kind === "known") table.accepted(row, ms - originMs);
    if (resend !== undefined) {
      resends.delete(row);
      resend(kind === "new" || kind === "known" ? kind : "refused");
      return;
    }
    if (outcome.ok || kind === "known" || (kind === "stale" && copied.has(row))) {
      held.passed(laneOf(row), row);
      return;
    }
    table.rejected(row, ms - originMs, toRejection(outcome.error));
    if (kind === "busy") {
      busyRefusals++;
      held.refused(laneOf(row), row);
      return;
    }
    held.passed(laneOf(row), row);
    onRejected(row, kind === "stale" ? "stale" : "final");
  }

  return {
    submit(row) {
      if (!held.keep(laneOf(row), row)) pool.enqueue(row, homeOf(row));
    },
    flush() {
      held.retryDue();
      pool.flush();
    },
    resend(row, offset, onAnswer) {
      resends.set(row, onAnswer);
      pool.enqueue(row, (homeOf(row) + offset) % clients.length);
    },
    isHeld: held.isHeld,
    handedOver: (lane) => handed[lane] as number,
    close: pool.close,
    get counts() {
      return { batches, busyRefusals, failovers: pool.failovers };
    },
  };
}
