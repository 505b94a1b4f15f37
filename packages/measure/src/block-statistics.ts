import type { Millis, PerSecond } from "@sheaf/base";
import type { ArmRecord } from "./arm-record.ts";
import { commitTimes } from "./commit-times.ts";
import type { BlockEvent } from "./events.ts";
import { average, median } from "./statistics.ts";
import { inWindow, type SteadyWindow } from "./steady-window.ts";

/** The blocks of the steady window. Numbers are `null` when there is no block to tell from. */
export interface BlockStatistics {
  readonly blocks: number;
  readonly empty: number;
  /** Share of blocks that could not have held one more transaction [BOTTLENECK.2]. */
  readonly fullShare: number | null;
  readonly meanTransactions: number | null;
  readonly meanGasUsed: number | null;
  readonly meanSizeBytes: number | null;
  /** Between consecutive blocks of one chain, by when they were first seen. */
  readonly meanIntervalMs: Millis | null;
  readonly medianIntervalMs: Millis | null;
  /** Blocks decided after the first round. */
  readonly laterRounds: number;
  /** From the first validator that showed a block to the last. */
  readonly meanSpreadMs: Millis | null;
}

/**
 * [BOTTLENECK.2] A block is full when its limits left no room for one more transaction: by count, by the
 * gas that transactions ask for (what they used, where their limit is not known), or by bytes.
 */
export function isFull(
  block: BlockEvent,
  { limits, workload }: Pick<ArmRecord, "limits" | "workload">,
): boolean {
  const { maxTransactionsPerBlock, blockGasLimit, blockBytes } = limits;
  const { transactions } = block;
  if (maxTransactionsPerBlock !== null && transactions >= maxTransactionsPerBlock) return true;
  if (transactions === 0) return false;
  const gasLimit = blockGasLimit ?? block.gasLimit;
  const gasEach = workload.gasLimitPerTransaction ?? block.gasUsed / transactions;
  if (gasLimit > 0 && (transactions + 1) * gasEach > gasLimit) return true;
  const bytesEach = workload.transactionBytes ?? (block.sizeBytes ?? 0) / transactions;
  const bytes = block.sizeBytes ?? transactions * bytesEach;
  return bytes + bytesEach > (blockBytes ?? Number.POSITIVE_INFINITY);
}

/** The statistics of the blocks that were first seen in the window, on loaded chains. */
export function blockStatistics(
  blocks: readonly BlockEvent[],
  window: SteadyWindow,
  arm: ArmRecord,
): BlockStatistics {
  const inside = blocks.filter(
    (block) => arm.loadedChains.includes(block.chain) && inWindow(window, firstSeen(block)),
  );
  const intervals = arm.loadedChains.flatMap((chain) => intervalsOf(inside.filter((b) => b.chain === chain)));
  const sizes = inside.flatMap((block) => (block.sizeBytes === null ? [] : [block.sizeBytes]));
  const spreads = inside.flatMap((block) => {
    const { firstMs, allMs } = commitTimes(block.seenMs);
    return firstMs === null || allMs === null ? [] : [allMs - firstMs];
  });
  const full = inside.filter((block) => isFull(block, arm)).length;
  return {
    blocks: inside.length,
    empty: inside.filter((block) => block.transactions === 0).length,
    fullShare: inside.length === 0 ? null : full / inside.length,
    meanTransactions: orNull(average(inside.map((block) => block.transactions))),
    meanGasUsed: orNull(average(inside.map((block) => block.gasUsed))),
    meanSizeBytes: orNull(average(sizes)),
    meanIntervalMs: orNull(average(intervals)),
    medianIntervalMs: orNull(median(intervals)),
    laterRounds: inside.filter((block) => (block.round ?? 0) > 0).length,
    meanSpreadMs: orNull(average(spreads)),
  };
}

/** [EFFICIENCY.2] What the protocol limits of all loaded chains together allow; `null` if unlimited. */
export function protocolBound({ limits, workload, loadedChains }: ArmRecord): PerSecond | null {
  const fitting = (limit: number | null, each: number | null): number =>
    limit === null || each === null ? Number.POSITIVE_INFINITY : Math.floor(limit / each);
  const perBlock = Math.min(
    limits.maxTransactionsPerBlock ?? Number.POSITIVE_INFINITY,
    fitting(limits.blockGasLimit, workload.gasLimitPerTransaction ?? workload.gasPerTransaction),
    fitting(limits.blockBytes, workload.transactionBytes),
  );
  if (limits.blockPeriodMs === null || perBlock === Number.POSITIVE_INFINITY) return null;
  return (loadedChains.length * perBlock * 1000) / limits.blockPeriodMs;
}

function firstSeen(block: BlockEvent): number {
  return commitTimes(block.seenMs).firstMs ?? Number.NaN;
}

function intervalsOf(blocks: readonly BlockEvent[]): number[] {
  const ordered = [...blocks].sort((a, b) => a.number - b.number);
  return ordered.slice(1).flatMap((block, index) => {
    const before = ordered[index] as BlockEvent;
    return block.number === before.number + 1 ? [firstSeen(block) - firstSeen(before)] : [];
  });
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
