import type { Clock, Millis } from "@sheaf/base";
import type { RpcClient, RpcOutcome } from "@sheaf/protocol";

/** What an entry reports. Times are the clock's own. */
export interface EntryEvents {
  /** A batch was handed to the operating system. */
  sent(rows: readonly number[], ms: Millis): void;
  /** The validator answered for one transaction. */
  answered(row: number, outcome: RpcOutcome, ms: Millis): void;
  /** A batch has no answer: its transactions may have arrived or not. */
  failed(rows: readonly number[]): void;
}

/** One validator as the way into its chain: a queue, sent in batches over kept-alive connections. */
export interface ValidatorEntry {
  enqueue(row: number): void;
  /** Sends what waits, as far as connections are free. */
  flush(): void;
  /** Takes back what waits. */
  drain(): readonly number[];
  close(): void;
}

export interface EntryOptions {
  readonly client: RpcClient;
  readonly rawHex: (row: number) => string;
  readonly clock: Clock;
  /** Transactions of a batch, at most. */
  readonly maxBatch: number;
  /** Batches under way at once, at most. */
  readonly connections: number;
}

export function createValidatorEntry(options: EntryOptions, events: EntryEvents): ValidatorEntry {
  const { client, rawHex, clock, maxBatch, connections } = options;
  let queue: number[] = [];
  let underWay = 0;
  let closed = false;

  async function send(rows: readonly number[]): Promise<void> {
    underWay++;
    const answer = client.sendRawBatch(rows.map(rawHex));
    events.sent(rows, clock.now());
    let outcomes: readonly RpcOutcome[];
    try {
      outcomes = await answer;
    } catch {
      underWay--;
      if (!closed) events.failed(rows);
      return;
    }
    underWay--;
    if (closed) return;
    const ms = clock.now();
    rows.forEach((row, i) => {
      events.answered(row, outcomes[i] as RpcOutcome, ms);
    });
    if (queue.length >= maxBatch) flush();
  }

  function flush(): void {
    while (queue.length > 0 && underWay < connections && !closed) {
      const rows = queue.length <= maxBatch ? queue : queue.slice(0, maxBatch);
      queue = queue.length <= maxBatch ? [] : queue.slice(maxBatch);
      void send(rows);
    }
  }

  return {
    enqueue(row) {
      queue.push(row);
    },
    flush,
    drain() {
      const rows = queue;
      queue = [];
      return rows;
    },
    close() {
      closed = true;
      client.close();
    },
  };
}
