import { randomBytes } from "node:crypto";
import { bytesToHex, type Clock, type Hex, type Millis } from "@sheaf/base";
import { RPC_ERROR } from "@sheaf/protocol";
import type { Mempool } from "../ports.ts";
import type { LogQuery } from "./parameters.ts";
import { rpcFault, serverFault } from "./rpc-fault.ts";

/** A filter that a client polls. */
export type Filter =
  | { readonly kind: "logs"; readonly query: LogQuery; lastBlock: number }
  | { readonly kind: "blocks" | "pending"; hashes: Hex[] };

/** The filters of all clients. One that is not polled for five minutes is gone [RPC.9]. */
export interface Filters {
  /** Raises `RPC_FAULT` when there are too many. */
  add(filter: Filter): Hex;
  /** Raises `RPC_FAULT` ("filter not found"). */
  poll(id: string): Filter;
  remove(id: string): boolean;
  onHead(hash: Hex): void;
}

const EXPIRY_MS: Millis = 5 * 60_000;
const MAX_FILTERS = 1_000;
/** Hashes kept for one filter between two polls; older ones are dropped. */
const MAX_HASHES = 10_000;

export function createFilters(clock: Clock, mempool: Pick<Mempool, "onAdmitted">): Filters {
  const filters = new Map<string, { readonly filter: Filter; polledAtMs: Millis }>();

  function collect(kind: "blocks" | "pending", hash: Hex): void {
    for (const { filter } of filters.values()) {
      if (filter.kind !== kind) continue;
      filter.hashes.push(hash);
      if (filter.hashes.length >= 2 * MAX_HASHES) filter.hashes = filter.hashes.slice(-MAX_HASHES);
    }
  }

  function removeExpired(): void {
    const oldest = clock.now() - EXPIRY_MS;
    for (const [id, { polledAtMs }] of filters) if (polledAtMs < oldest) filters.delete(id);
  }

  mempool.onAdmitted(({ transaction }) => collect("pending", transaction.hash));

  return {
    add(filter) {
      removeExpired();
      if (filters.size >= MAX_FILTERS) throw rpcFault(RPC_ERROR.limitExceeded, "too many filters");
      const id = bytesToHex(randomBytes(16));
      filters.set(id, { filter, polledAtMs: clock.now() });
      return id;
    },
    poll(id) {
      removeExpired();
      const entry = filters.get(id);
      if (entry === undefined) throw serverFault("filter not found");
      entry.polledAtMs = clock.now();
      return entry.filter;
    },
    remove: (id) => filters.delete(id),
    onHead: (hash) => collect("blocks", hash),
  };
}
