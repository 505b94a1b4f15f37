import { type Clock, CodedError, type Hex, type Millis, sleep } from "@sheaf/base";
import { parseQuantity, RPC_ERROR, toQuantity } from "@sheaf/protocol";
import type { MarketAddresses } from "./contracts.ts";
import { decodeEvent, type RpcLog } from "./decode-event.ts";
import { type PatientRpc, rpcErrorOf } from "./rpc.ts";
import type { ChainBlock, ChainEvent } from "./types.ts";

export interface FollowOptions {
  /** The first block that counts. To go on after an end, the last one handed over plus one. */
  readonly fromBlock: number;
  /** Default 200 ms. */
  readonly pollMs?: Millis;
  /**
   * Is given every block with events, and the newest block whenever there is a newer one; in order, each once, the
   * next when the promise has settled. `head` is the newest block when it was asked for. What it throws ends it all.
   */
  readonly listener: (block: ChainBlock, head: number) => Promise<void> | void;
  /** The endpoint does not answer, or not with sense. It is asked again. */
  readonly onTrouble?: (error: unknown) => void;
}

export interface Following {
  /** Resolves when the listener is not called any more. */
  stop(): Promise<void>;
  /** Settles at the end: resolves after `stop`, rejects with what the listener threw. */
  readonly done: Promise<void>;
}

export interface FollowPorts {
  readonly rpc: PatientRpc;
  readonly clock: Clock;
  readonly addresses: MarketAddresses;
}

/** Blocks asked about at once, at most; fewer when the node finds them too many. */
const longestSpan = 5_000;
/** Pause after trouble, beyond the patience of a request. */
const troublePauseMs: Millis = 1_000;

/**
 * Follows the events of a market. Blocks are final on the chains this runs on: what was handed over is never taken
 * back. A node that is behind, as after a restart, is waited for.
 */
export function followEvents({ rpc, clock, addresses }: FollowPorts, options: FollowOptions): Following {
  const pollMs = options.pollMs ?? 200;
  let next = options.fromBlock;
  let span = longestSpan;
  let stopped = false;

  const readHead = async (): Promise<number> => Number(parseQuantity(await rpc.call("eth_blockNumber", [])));

  async function readLogs(from: number, to: number): Promise<readonly RpcLog[]> {
    const filter = {
      fromBlock: toQuantity(from),
      toBlock: toQuantity(to),
      address: Object.values(addresses),
    };
    return (await rpc.call("eth_getLogs", [filter])) as readonly RpcLog[];
  }

  async function readBlock(number: number, events: readonly ChainEvent[]): Promise<ChainBlock> {
    const block = (await rpc.call("eth_getBlockByNumber", [toQuantity(number), false])) as RawBlock | null;
    const seconds = parseQuantity(block?.timestamp);
    const other = events.find(({ blockHash }) => blockHash !== block?.hash);
    if (block === null || seconds === undefined || other !== undefined) {
      throw new CodedError(`block ${number} is not the one of its logs`, { code: "BLOCK_MISSING", number });
    }
    const timestampMs = Number(parseQuantity(block.timestampMs) ?? seconds * 1000n);
    return { number, hash: block.hash, timestampMs, events };
  }

  /** What there is to hand over of blocks `next` to `head`, or of the first of them; and where that ends. */
  async function collect(
    head: number,
  ): Promise<{ readonly blocks: readonly ChainBlock[]; readonly to: number }> {
    for (;;) {
      const to = Math.min(head, next + span - 1);
      try {
        const events = groupByBlock(await readLogs(next, to), addresses);
        if (to === head && !events.has(head)) events.set(head, []);
        const blocks: ChainBlock[] = [];
        for (const [number, found] of events) blocks.push(await readBlock(number, found));
        span = Math.min(2 * span, longestSpan);
        return { blocks, to };
      } catch (error) {
        if (span === 1 || rpcErrorOf(error)?.code !== RPC_ERROR.limitExceeded) throw error;
        span = Math.max(1, Math.floor(span / 4));
      }
    }
  }

  async function advance(): Promise<boolean> {
    const head = await readHead();
    if (head < next) return false;
    const { blocks, to } = await collect(head);
    for (const block of blocks) {
      if (stopped) return false;
      await handOver(block, head);
      next = block.number + 1;
    }
    next = to + 1;
    return to < head;
  }

  async function handOver(block: ChainBlock, head: number): Promise<void> {
    try {
      await options.listener(block, head);
    } catch (cause) {
      throw new ListenerFailure(cause);
    }
  }

  async function run(): Promise<void> {
    while (!stopped) {
      try {
        if (!(await advance())) await sleep(pollMs, clock);
      } catch (error) {
        if (error instanceof ListenerFailure) throw error.cause;
        if (stopped) return;
        options.onTrouble?.(error);
        await sleep(troublePauseMs, clock);
      }
    }
  }

  const done = run();
  done.catch(() => {}); // whoever waits for `done` is told
  return {
    async stop() {
      stopped = true;
      await done.catch(() => {}); // `done` itself tells
    },
    done,
  };
}

interface RawBlock {
  readonly hash: Hex;
  readonly timestamp: string;
  readonly timestampMs?: string;
}

/** Passes through the handling of trouble with the endpoint. */
class ListenerFailure {
  readonly cause: unknown;
  constructor(cause: unknown) {
    this.cause = cause;
  }
}

/** By block number, rising; within a block in the order of the chain. */
function groupByBlock(logs: readonly RpcLog[], addresses: MarketAddresses): Map<number, ChainEvent[]> {
  const events = logs.flatMap((log) => decodeEvent(log, addresses) ?? []);
  events.sort((a, b) => a.blockNumber - b.blockNumber || a.logIndex - b.logIndex);
  const blocks = new Map<number, ChainEvent[]>();
  for (const event of events) {
    const block = blocks.get(event.blockNumber);
    if (block === undefined) blocks.set(event.blockNumber, [event]);
    else block.push(event);
  }
  return blocks;
}
