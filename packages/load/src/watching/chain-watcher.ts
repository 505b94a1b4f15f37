import { type Clock, type Millis, sleep, withDeadline } from "@sheaf/base";
import type { Threshold } from "@sheaf/measure";
import type { RpcClient } from "@sheaf/protocol";
import type { LoadChain } from "../load-options.ts";
import { createBlockBoard, type SeenBlock } from "./block-board.ts";
import { type BlockContent, createBlockReader } from "./block-content.ts";
import { type HeadWatcher, watchHeads } from "./watch-heads.ts";

const readRetryMs: Millis = 100;
/** A validator that has not given a block after so long is left for the next one. */
const readPatienceMs: Millis = 2_000;

/** A block whose content was read. */
export interface ReadBlock {
  readonly seen: SeenBlock;
  readonly content: BlockContent;
}

export interface ChainWatcherEvents {
  /** A block was read: once a block, at the first validator that showed it. */
  read(block: ReadBlock): void;
  /** A block that was read has reached a threshold. */
  reached(block: ReadBlock, threshold: Threshold): void;
  /** Something about the observation that a reader of the results must know. */
  warn(code: string, message: string): void;
}

/** Every validator's view of one chain. */
export interface ChainWatcher {
  /** Resolves when every validator has shown its head. Blocks up to the highest of them are not reported. */
  readonly ready: Promise<void>;
  /** Declares a validator down or up again. */
  setDown(validator: number, down: boolean): void;
  /** Highest block that a validator has shown. */
  headOf(validator: number): number;
  /** Blocks seen, and not read yet. */
  readonly unread: number;
  close(): void;
}

/** Watches a chain with one client a validator; the caller closes them. */
export function watchChain(
  chain: LoadChain,
  clients: readonly RpcClient[],
  quorum: number,
  clock: Clock,
  events: ChainWatcherEvents,
): ChainWatcher {
  const read = createBlockReader();
  const contents = new Map<SeenBlock, BlockContent>();
  const unread = new Set<SeenBlock>();
  const hashes = new Map<number, string>();
  const down = clients.map(() => false);
  let board: ReturnType<typeof createBlockBoard> | undefined;
  let forked = false;
  let closed = false;

  const watchers: readonly HeadWatcher[] = chain.validators.map((endpoint, validator) =>
    watchHeads(endpoint, clients[validator] as RpcClient, clock, {
      head: (number, hash, ms) => onHead(validator, number, hash, ms),
      polling: (reason) =>
        events.warn("HEADS_POLLED", `${chain.name}: heads of validator ${validator} are polled: ${reason}`),
    }),
  );

  function onHead(validator: number, number: number, hash: string | undefined, ms: Millis): void {
    if (hash !== undefined) checkFork(validator, number, hash);
    board?.headSeen(validator, number, ms);
  }

  function checkFork(validator: number, number: number, hash: string): void {
    const known = hashes.get(number);
    hashes.set(number, known ?? hash);
    hashes.delete(number - 1_000);
    if (known === undefined || known === hash || forked) return;
    forked = true;
    events.warn(
      "FORK",
      `${chain.name}: validator ${validator} shows another block ${number} than the first one did`,
    );
  }

  async function readBlock(seen: SeenBlock, shownBy: number): Promise<void> {
    unread.add(seen);
    for (let attempt = 0; !closed; attempt++) {
      const validator = (shownBy + attempt) % clients.length;
      if (attempt === 0 || seen.seenMs[validator] !== null) {
        const reading = read(clients[validator] as RpcClient, seen.number);
        const content = await withDeadline("reading a block", readPatienceMs, reading, clock).catch(
          () => undefined,
        );
        if (content !== undefined) return onRead(seen, content);
      }
      await sleep(readRetryMs, clock);
    }
  }

  function onRead(seen: SeenBlock, content: BlockContent): void {
    if (closed) return;
    unread.delete(seen);
    contents.set(seen, content);
    events.read({ seen, content });
    reach(seen, "first");
    if (seen.quorumMs !== null) reach(seen, "quorum");
    if (seen.allMs !== null) reach(seen, "all");
  }

  function reach(seen: SeenBlock, threshold: Threshold): void {
    const content = contents.get(seen);
    if (content === undefined || closed) return;
    if (threshold === "all") contents.delete(seen);
    events.reached({ seen, content }, threshold);
  }

  const ready = Promise.all(watchers.map((watcher) => watcher.ready)).then((heads) => {
    board = createBlockBoard(
      { validators: clients.length, quorum, base: Math.max(...heads) },
      {
        first: (seen, validator) => void readBlock(seen, validator),
        quorum: (seen) => reach(seen, "quorum"),
        all: (seen) => reach(seen, "all"),
      },
    );
  });

  return {
    ready,
    setDown(validator, isDown) {
      if (board === undefined || down[validator] === isDown) return;
      down[validator] = isDown;
      if (isDown) board.down(validator, clock.now());
      else board.up(validator);
    },
    headOf: (validator) => board?.headOf(validator) ?? 0,
    get unread() {
      return unread.size;
    },
    close() {
      closed = true;
      for (const watcher of watchers) watcher.close();
    },
  };
}
