import type { Clock, Millis } from "@sheaf/base";
import type { RpcClient, RpcOutcome } from "@sheaf/protocol";
import { createValidatorEntry, type ValidatorEntry } from "./validator-entry.ts";

/** First and later waits before a validator that failed is asked whether it answers again. */
const firstProbeMs: Millis = 100;
const probeMs: Millis = 1_000;

/** All entry points of one chain. A transaction goes to its home, or while that is away to the next one. */
export interface EntryPool {
  /** Queues a transaction; `home` is a validator of the chain. */
  enqueue(row: number, home: number): void;
  flush(): void;
  close(): void;
  /** How often a validator did not answer and its transactions went to another one. */
  readonly failovers: number;
}

export interface EntryPoolOptions {
  /** One client a validator; the pool closes them. */
  readonly clients: readonly RpcClient[];
  readonly rawHex: (row: number) => string;
  /** Home of a transaction. */
  readonly homeOf: (row: number) => number;
  readonly clock: Clock;
  readonly maxBatch: number;
  readonly connections: number;
}

export function createEntryPool(
  options: EntryPoolOptions,
  events: {
    sent(rows: readonly number[], ms: Millis): void;
    answered(row: number, outcome: RpcOutcome, ms: Millis): void;
  },
): EntryPool {
  const { clients, homeOf, clock } = options;
  const up = clients.map(() => true);
  let stranded: number[] = [];
  let failovers = 0;
  let closed = false;
  const entries: readonly ValidatorEntry[] = clients.map((client, validator) =>
    createValidatorEntry({ ...options, client }, { ...events, failed: (rows) => fail(validator, rows) }),
  );

  function enqueue(row: number, home: number): void {
    for (let step = 0; step < entries.length; step++) {
      const validator = (home + step) % entries.length;
      if (!up[validator]) continue;
      entries[validator]?.enqueue(row);
      return;
    }
    stranded.push(row);
  }

  /** What was under way has an unknown fate, so it is sent again: a node says "already known" to a copy. */
  function fail(validator: number, rows: readonly number[]): void {
    const back = [...rows, ...(entries[validator]?.drain() ?? [])].sort((a, b) => a - b);
    if (up[validator]) {
      up[validator] = false;
      failovers++;
      clock.schedule(firstProbeMs, () => void probe(validator));
    }
    for (const row of back) enqueue(row, homeOf(row));
    flush();
  }

  async function probe(validator: number): Promise<void> {
    if (closed) return;
    try {
      await clients[validator]?.call("eth_chainId", []);
    } catch {
      if (!closed) clock.schedule(probeMs, () => void probe(validator));
      return;
    }
    up[validator] = true;
    const rows = stranded;
    stranded = [];
    for (const row of rows) enqueue(row, homeOf(row));
    flush();
  }

  function flush(): void {
    for (const entry of entries) entry.flush();
  }

  return {
    enqueue,
    flush,
    close() {
      closed = true;
      for (const entry of entries) entry.close();
    },
    get failovers() {
      return failovers;
    },
  };
}
