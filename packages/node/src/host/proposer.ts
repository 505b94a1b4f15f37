import type { Cancel, Clock } from "@sheaf/base";
import type { Address, Genesis } from "@sheaf/protocol";
import type { Logger } from "pino";
import type { ChainStore, Mempool, SenderTransaction } from "../ports.ts";
import type { BlockChecker } from "./block-checker.ts";
import { blockDueMs, blockTimestampMs } from "./block-timing.ts";
import { buildBlock, type Candidate, fitTransactions } from "./build-block.ts";
import type { WaitingSince } from "./pool-watch.ts";

/** Builds blocks when it is this validator's turn and their time has come. */
export interface Proposer {
  /** Builds the block after the head for `round`, once, when it is due; a later request replaces this one. */
  request(round: number, onBuilt: (candidate: Candidate) => void): void;
  /** Forgets the request: the height is over. */
  cancel(): void;
}

export interface ProposerPorts {
  readonly clock: Clock;
  readonly store: Pick<ChainStore, "head">;
  readonly mempool: Mempool;
  readonly waitingSince: WaitingSince;
  readonly checker: BlockChecker;
  readonly log: Logger;
}

interface Request {
  readonly round: number;
  readonly onBuilt: (candidate: Candidate) => void;
}

export function createProposer(genesis: Genesis, address: Address, ports: ProposerPorts): Proposer {
  const { clock, store, mempool, waitingSince, checker, log } = ports;
  const { consensus, limits } = genesis;
  const gas = BigInt(limits.gasPerBlock);
  let wanted: Request | undefined;
  let cancelTimer: Cancel = () => {};

  mempool.onReady(() => {
    if (wanted !== undefined) buildWhenDue(wanted);
  });

  /** Later rounds do not wait for transactions: they have waited in round 0 [BLOCK.1]. */
  function dueMs(round: number): number {
    const parentMs = store.head.block.header.timestampMs;
    return blockDueMs(parentMs, consensus, round > 0 ? parentMs : waitingSince());
  }

  function buildWhenDue(request: Request): void {
    cancelTimer();
    const waitMs = dueMs(request.round) - clock.wallMs();
    if (waitMs > 0) {
      cancelTimer = clock.schedule(waitMs, () => buildWhenDue(request));
      return;
    }
    wanted = undefined;
    void build(request);
  }

  async function build(request: Request): Promise<void> {
    const parent = store.head;
    const timestampMs = blockTimestampMs(parent.block.header.timestampMs, consensus, clock.wallMs());
    const transactions = await select();
    request.onBuilt(buildBlock(parent, address, timestampMs, transactions));
  }

  async function select(): Promise<readonly SenderTransaction[]> {
    const { transactionsPerBlock, blockBytes } = limits;
    const selected = mempool.select({ transactions: transactionsPerBlock, gas, bytes: blockBytes });
    const fitting = fitTransactions(selected, blockBytes, store.head);
    const fault = await checker.checkTransactions(fitting);
    if (fault === undefined) return fitting;
    // A block that the others refuse would cost a round each time: an empty one keeps the chain going.
    log.error({ fault }, "the pool gave transactions that no block may hold");
    return [];
  }

  return {
    request(round, onBuilt) {
      wanted = { round, onBuilt };
      buildWhenDue(wanted);
    },
    cancel() {
      cancelTimer();
      wanted = undefined;
    },
  };
}
