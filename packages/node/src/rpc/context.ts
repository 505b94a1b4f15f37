import type { Clock } from "@sheaf/base";
import type { Address, Genesis, NodeConfig } from "@sheaf/protocol";
import type { ChainStore, Executor, Mempool, NodeStatus } from "../ports.ts";
import type { CallQueue } from "./call-queue.ts";
import type { ChainView } from "./chain-view.ts";
import type { Filters } from "./filters.ts";

/** The validator behind the RPC. */
export interface RpcNode {
  readonly genesis: Genesis;
  readonly validator: Address;
  /** Version of the program. */
  readonly version: string;
  readonly durability: NodeConfig["durability"];
  readonly store: ChainStore;
  readonly executor: Executor;
  readonly mempool: Mempool;
  /** Read anew with every call. */
  readonly status: NodeStatus;
  readonly clock: Clock;
}

/** All that methods work on. */
export interface RpcContext extends RpcNode {
  readonly limits: NodeConfig["rpc"];
  readonly chain: ChainView;
  readonly calls: CallQueue;
  readonly filters: Filters;
}
