import { bytesToHex } from "@sheaf/base";
import type { BlockEvent, TransactionTable } from "@sheaf/measure";
import type { Plan } from "../plan.ts";
import type { Fillers } from "../sending/fillers.ts";
import type { LaneProgress } from "../sending/lane-progress.ts";
import type { ReadBlock } from "../watching/chain-watcher.ts";
import type { HashIndex } from "../watching/hash-index.ts";

/** Blocks of one chain, and the rows of our transactions that they hold. */
export interface Inclusions {
  /** Finds our transactions in a block. */
  read(block: ReadBlock): void;
  /** The rows of ours in a block that was read. */
  rowsOf(block: ReadBlock): Uint32Array;
  /** Writes a block's commit times, as far as they are known, to its rows. */
  commit(block: ReadBlock): void;
  /** Writes what is known of every block that has not reached all validators. */
  finish(): void;
  /** The blocks since the barrier, in order. */
  events(): readonly BlockEvent[];
  /** Gas of the transactions of blocks that hold ours alone, and how many there are. */
  gas(): { readonly gasUsed: number; readonly transactions: number };
}

interface Holding {
  readonly block: ReadBlock;
  /** Rows of ours, and whether each succeeded. */
  readonly rows: Uint32Array;
  readonly success: Uint8Array;
}

export function createInclusions(options: {
  readonly chain: number;
  readonly plan: Plan;
  readonly table: TransactionTable;
  readonly index: HashIndex;
  readonly progress: LaneProgress;
  readonly fillers: Fillers;
  readonly originMs: number;
}): Inclusions {
  const { chain, plan, table, index, progress, fillers, originMs } = options;
  const none = new Uint32Array(0);
  const holdings = new Map<number, Holding>();

  function find({ content }: ReadBlock): Pick<Holding, "rows" | "success"> {
    const rows: number[] = [];
    const success: number[] = [];
    for (let i = 0; i < content.transactions; i++) {
      const row = index.find(content.transactionHashes, i * 32);
      if (row !== undefined) {
        rows.push(row);
        success.push(content.statuses[i] as number);
        progress.included(plan.lane[row] as number);
        continue;
      }
      const filler = fillers.accountOf(bytesToHex(content.transactionHashes.subarray(i * 32, i * 32 + 32)));
      if (filler !== undefined) progress.included(chain * plan.accounts + filler);
    }
    return { rows: Uint32Array.from(rows), success: Uint8Array.from(success) };
  }

  function write({ block: { seen }, rows, success }: Holding): void {
    const { number, firstMs, quorumMs, allMs } = seen;
    const times = {
      firstMs: firstMs - originMs,
      quorumMs: quorumMs === null ? null : quorumMs - originMs,
      allMs: allMs === null ? null : allMs - originMs,
    };
    rows.forEach((row, i) => {
      table.included(row, { blockNumber: number, success: success[i] === 1, ...times });
    });
  }

  return {
    read(block) {
      const { transactionHashes: _, statuses: __, ...rest } = block.content;
      const content = { ...rest, transactionHashes: new Uint8Array(0), statuses: new Uint8Array(0) };
      holdings.set(block.seen.number, { block: { seen: block.seen, content }, ...find(block) });
    },
    rowsOf: ({ seen }) => holdings.get(seen.number)?.rows ?? none,
    commit({ seen }) {
      const holding = holdings.get(seen.number);
      if (holding !== undefined) write(holding);
    },
    finish() {
      for (const holding of holdings.values()) if (holding.block.seen.allMs === null) write(holding);
    },
    events: () =>
      [...holdings.values()]
        .filter(({ block }) => block.seen.firstMs >= originMs)
        .sort((a, b) => a.block.seen.number - b.block.seen.number)
        .map(({ block: { seen, content } }) => {
          const { transactionHashes: _, statuses: __, ...facts } = content;
          const seenMs = seen.seenMs.map((ms) => (ms === null ? null : ms - originMs));
          return { chain, ...facts, seenMs };
        }),
    gas() {
      let gasUsed = 0;
      let transactions = 0;
      for (const { block, rows } of holdings.values()) {
        if (rows.length === 0 || rows.length !== block.content.transactions) continue;
        gasUsed += block.content.gasUsed;
        transactions += rows.length;
      }
      return { gasUsed, transactions };
    },
  };
}
