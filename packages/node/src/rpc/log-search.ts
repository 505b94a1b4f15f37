import { RPC_ERROR } from "@sheaf/protocol";
import type { FoundLog, Log } from "../ports.ts";
import type { RpcContext } from "./context.ts";
import type { BlockRef, LogQuery } from "./parameters.ts";
import { invalidParams, rpcFault, serverFault } from "./rpc-fault.ts";

/** Whether a log is one that the query asks for, wherever it stands. */
export function logMatches({ address, topics }: Log, query: Pick<LogQuery, "addresses" | "topics">): boolean {
  if (query.addresses.length > 0 && !query.addresses.includes(address)) return false;
  return query.topics.every((wanted, position) => {
    const topic = topics[position];
    return topic !== undefined && (wanted === undefined || wanted.includes(topic));
  });
}

/** The logs that a query asks for. Raises `RPC_FAULT` for an unknown block or more than is answered at once [RPC.8]. */
export function searchLogs(context: RpcContext, query: LogQuery): readonly FoundLog[] {
  if (query.blocks.kind === "hash") {
    const view = context.chain.find(query.blocks);
    if (view === undefined) throw serverFault("unknown block");
    return view.logs.filter(({ log }) => logMatches(log, query));
  }
  const head = context.store.head.block.header.number;
  const from = heightOf(query.blocks.from, head);
  const to = heightOf(query.blocks.to, head);
  if (from > to) throw invalidParams("invalid block range params");
  return logsBetween(context, query, from, Math.min(to, head));
}

/** The logs of blocks `fromBlock` to `toBlock`; none when the range is empty. */
export function logsBetween(
  { store, limits }: Pick<RpcContext, "store" | "limits">,
  { addresses, topics }: Pick<LogQuery, "addresses" | "topics">,
  fromBlock: number,
  toBlock: number,
): readonly FoundLog[] {
  if (fromBlock > toBlock) return [];
  if (toBlock - fromBlock >= limits.maxLogBlocks) {
    throw rpcFault(RPC_ERROR.limitExceeded, `query exceeds max block range ${limits.maxLogBlocks}`);
  }
  const found = store.logs({ fromBlock, toBlock, addresses, topics, limit: limits.maxLogs });
  if (found === "too-many") {
    throw rpcFault(RPC_ERROR.limitExceeded, `query returned more than ${limits.maxLogs} results`);
  }
  return found;
}

function heightOf(ref: BlockRef, head: number): number {
  return ref.kind === "number" ? ref.number : head;
}
