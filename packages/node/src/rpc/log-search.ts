import { RPC_ERROR } from "@sheaf/protocol";
import type { FoundLog, Log } from "../ports.ts";
import type { RpcContext } from "./context.ts";
import type { BlockRef, LogQuery } from "./parameters.ts";
import { invalidParams, MAX_ANSWER_LENGTH, RESPONSE_TOO_LARGE, rpcFault, serverFault } from "./rpc-fault.ts";

/** JSON of a log without its data, characters at most. */
const LOG_LENGTH = 800;

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
    const found = view.logs.filter(({ log }) => logMatches(log, query));
    requireAnswerable(answerLength(found));
    return found;
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
  const found: FoundLog[] = [];
  let length = 0;
  // Block by block: no more is read into memory than is answered, and one block's logs.
  for (let number = fromBlock; number <= toBlock; number++) {
    const limit = limits.maxLogs - found.length;
    const next = store.logs({ fromBlock: number, toBlock: number, addresses, topics, limit });
    if (next === "too-many") {
      throw rpcFault(RPC_ERROR.limitExceeded, `query returned more than ${limits.maxLogs} results`);
    }
    length += answerLength(next);
    requireAnswerable(length);
    for (const each of next) found.push(each);
  }
  return found;
}

/** Characters that the JSON of logs takes, about. */
function answerLength(logs: readonly FoundLog[]): number {
  return logs.reduce((length, { log }) => length + LOG_LENGTH + 2 * log.data.length, 0);
}

function requireAnswerable(length: number): void {
  if (length <= MAX_ANSWER_LENGTH) return;
  throw rpcFault(RESPONSE_TOO_LARGE.code, RESPONSE_TOO_LARGE.message);
}

function heightOf(ref: BlockRef, head: number): number {
  return ref.kind === "number" ? ref.number : head;
}
