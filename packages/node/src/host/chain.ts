import { type Clock, CodedError, type ErrorDetail, invariant, type Millis } from "@sheaf/base";
import type { Logger } from "pino";
import type { ChainStore, ExecutedBlock, Executor, Mempool, NextWeights, StoredBlock } from "../ports.ts";
import type { Candidate } from "./build-block.ts";
import { sameResult } from "./check-block.ts";
import type { CommitTimes } from "./commit-times.ts";
import type { HostMetrics } from "./host-metrics.ts";

/** What ends a validator, beside the errors of its store. `main` turns the code into an exit code. */
export interface HostErrorDetail extends ErrorDetail {
  /** The quorum committed another result of `number` than this validator has [STATE.6] [BLOCK.9]. */
  readonly code: "DIVERGED";
  readonly number: number;
}

/** A block that is decided: what to execute, and why. */
export interface DecidedBlock {
  readonly candidate: Candidate;
  readonly certificate: Uint8Array;
  /** When the certificate was complete, on the wall clock. */
  readonly decidedAtMs: Millis;
}

/** Executes decided blocks upon the head and stores them, one after another. */
export interface Chain {
  /** Whether a block is being executed. */
  readonly busy: boolean;
  /** When the head last changed, on the monotonic clock; before the first block, at the start. */
  readonly headSinceMs: Millis;
  /**
   * Waits for its turn; `false` when another call has brought the same height meanwhile. Raises
   * `DIVERGED` and the errors of the store: the validator must then end.
   */
  append(decided: DecidedBlock): Promise<boolean>;
  /** Resolves when nothing is being appended. */
  settled(): Promise<void>;
}

export interface ChainPorts {
  readonly clock: Clock;
  readonly store: ChainStore;
  readonly executor: Executor;
  readonly mempool: Mempool;
  readonly metrics: HostMetrics;
  readonly commitTimes: CommitTimes;
  readonly log: Logger;
  /** A block is stored and readable. */
  readonly onHead: (head: StoredBlock) => void;
}

export function createChain(ports: ChainPorts): Chain {
  const { clock, store, executor, mempool, metrics, commitTimes, log } = ports;
  let waiting = 0;
  let last: Promise<void> = Promise.resolve();
  let headSinceMs = clock.now();

  async function execute({ block, transactions }: Candidate): Promise<ExecutedBlock> {
    const { number, timestampMs, proposer, parentHash } = block.header;
    const blockHash = (wanted: number) => store.blockHash(wanted);
    const context = { number, timestampMs, proposer, parentHash, blockHash };
    return executor.execute(context, transactions, store.head.result);
  }

  function logEpoch(number: number, { weights, fallback }: NextWeights): void {
    if (fallback === undefined) log.info({ number, weights }, "epoch ended");
    else log.warn({ number, weights, fallback }, "epoch ended, the next has the weights of genesis");
  }

  async function append({ candidate, certificate, decidedAtMs }: DecidedBlock): Promise<boolean> {
    const { block, transactions, payload } = candidate;
    const { number, parentResult } = block.header;
    if (number <= store.head.block.header.number) return false;
    invariant(number === store.head.block.header.number + 1, "blocks are appended to the head");
    if (!sameResult(parentResult, store.head.result)) {
      throw diverged(number - 1, { decided: parentResult, own: store.head.result });
    }
    const startedAtMs = clock.now();
    const executed = await execute(candidate);
    const executedAtMs = clock.now();
    const stored = { block, certificate, result: executed.result, sizeBytes: payload.length };
    await store.commit(stored, transactions, executed);
    headSinceMs = clock.now();
    mempool.onCommitted(transactions);
    const availableAtMs = clock.wallMs();
    commitTimes.add({ number, hash: block.hash, decidedAtMs, availableAtMs });
    const times = { executeMs: executedAtMs - startedAtMs, storeMs: headSinceMs - executedAtMs };
    metrics.committed(transactions.length, times);
    log.info({ number, hash: block.hash, transactions: transactions.length, ...times }, "block committed");
    if (executed.next !== undefined) logEpoch(number, executed.next);
    ports.onHead(stored);
    return true;
  }

  return {
    get busy() {
      return waiting > 0;
    },
    get headSinceMs() {
      return headSinceMs;
    },
    append(decided) {
      waiting += 1;
      const turn = last
        .then(() => append(decided))
        .finally(() => {
          waiting -= 1;
        });
      last = turn.then(
        () => {},
        () => {},
      );
      return turn;
    },
    settled: () => last,
  };
}

/** The error of a validator that stands alone with its results [STATE.6]. */
export function diverged(number: number, what: object): CodedError<HostErrorDetail> {
  return new CodedError(
    `the results of block ${number} differ from what the quorum committed: ${describe(what)}`,
    { code: "DIVERGED", number },
    { advice: "delete this validator's data folder and let it fetch the chain again" },
  );
}

function describe(what: object): string {
  return JSON.stringify(what, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value));
}
