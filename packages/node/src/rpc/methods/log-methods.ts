import type { RpcContext } from "../context.ts";
import type { Filter } from "../filters.ts";
import { logToJson } from "../formats.ts";
import { logsBetween, searchLogs } from "../log-search.ts";
import { type MethodTable, method } from "../method.ts";
import { aLogQuery, aText, type LogQuery } from "../parameters.ts";
import { serverFault } from "../rpc-fault.ts";

/** Logs, and filters that are polled. */
export function logMethods(context: RpcContext): MethodTable {
  const { filters, store } = context;
  const headNumber = (): number => store.head.block.header.number;

  function changes(filter: Filter): readonly unknown[] {
    if (filter.kind !== "logs") {
      const { hashes } = filter;
      filter.hashes = [];
      return hashes;
    }
    const head = headNumber();
    const { query, lastBlock } = filter;
    const to = query.blocks.kind === "range" ? query.blocks.to : undefined;
    const end = to?.kind === "number" ? Math.min(to.number, head) : head;
    const found = logsBetween(context, query, lastBlock + 1, end).map(logToJson);
    filter.lastBlock = Math.max(lastBlock, head);
    return found;
  }

  /** Where a log filter begins: it tells of blocks after the head, unless it asks for some later ones only. */
  function firstOf({ blocks }: LogQuery): number {
    const head = headNumber();
    const from = blocks.kind === "range" && blocks.from.kind === "number" ? blocks.from.number : 0;
    return Math.max(head, from - 1);
  }

  return {
    eth_getLogs: method([aLogQuery], ([query]) => searchLogs(context, query).map(logToJson)),
    eth_newFilter: method([aLogQuery], ([query]) => {
      if (query.blocks.kind === "hash")
        throw serverFault("a filter cannot be about one block: use eth_getLogs");
      return filters.add({ kind: "logs", query, lastBlock: firstOf(query) });
    }),
    eth_newBlockFilter: method([], () => filters.add({ kind: "blocks", hashes: [] })),
    eth_newPendingTransactionFilter: method([], () => filters.add({ kind: "pending", hashes: [] })),
    eth_uninstallFilter: method([aText], ([id]) => filters.remove(id)),
    eth_getFilterChanges: method([aText], ([id]) => changes(filters.poll(id))),
    eth_getFilterLogs: method([aText], ([id]) => {
      const filter = filters.poll(id);
      if (filter.kind !== "logs") throw serverFault("filter not found");
      return searchLogs(context, filter.query).map(logToJson);
    }),
  };
}
