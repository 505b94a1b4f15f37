import type { Hex } from "@sheaf/base";
import type { FoundLog, LogFilter, Receipt } from "../ports.ts";
import { isWanted, mayHoldLogs } from "./log-filter.ts";

/** What a search reads. */
export interface LogSource {
  /** Number of the newest block. */
  readonly head: number;
  readonly filterOf: (number: number) => Uint8Array | undefined;
  readonly receiptsOf: (number: number) => readonly Receipt[];
  readonly hashOf: (number: number) => Hex;
}

/** The logs that are asked for, in the order of the chain; a block is decoded only when its filter hits. */
export function findLogs(filter: LogFilter, source: LogSource): readonly FoundLog[] | "too-many" {
  const found: FoundLog[] = [];
  const last = Math.min(filter.toBlock, source.head);
  for (let number = filter.fromBlock; number <= last; number++) {
    const mentions = source.filterOf(number);
    if (mentions === undefined || !mayHoldLogs(mentions, filter)) continue;
    for (const log of logsOfBlock(number, source)) {
      if (!isWanted(log.log, filter)) continue;
      if (found.length === filter.limit) return "too-many";
      found.push(log);
    }
  }
  return found;
}

function* logsOfBlock(blockNumber: number, source: LogSource): Generator<FoundLog> {
  const blockHash = source.hashOf(blockNumber);
  let logIndex = 0;
  for (const [transactionIndex, { logs, transactionHash }] of source.receiptsOf(blockNumber).entries()) {
    for (const log of logs) {
      yield { log, blockNumber, blockHash, transactionHash, transactionIndex, logIndex };
      logIndex += 1;
    }
  }
}
