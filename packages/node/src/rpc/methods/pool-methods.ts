import { toQuantity } from "@sheaf/protocol";
import type { PoolLane, SenderTransaction } from "../../ports.ts";
import type { RpcContext } from "../context.ts";
import { pooledToJson } from "../formats.ts";
import { type MethodTable, method } from "../method.ts";
import { anAddress } from "../parameters.ts";

/** Transactions that `txpool_content` shows, at most: it is for looking, not for copying a pool. */
const MAX_SHOWN = 10_000;

/** What waits in the pool, in the forms of Geth [RPC.11]. */
export function poolMethods({ mempool }: Pick<RpcContext, "mempool">): MethodTable {
  const byNonce = (lane: readonly SenderTransaction[]) =>
    Object.fromEntries(lane.map((each) => [String(each.transaction.nonce), pooledToJson(each)]));

  function content() {
    const pending: Record<string, unknown> = {};
    const queued: Record<string, unknown> = {};
    let shown = 0;
    for (const lane of mempool.lanes()) {
      if (lane.pending.length > 0) pending[lane.sender] = byNonce(lane.pending);
      if (lane.queued.length > 0) queued[lane.sender] = byNonce(lane.queued);
      shown += lane.pending.length + lane.queued.length;
      if (shown >= MAX_SHOWN) break;
    }
    return { pending, queued };
  }

  function laneOf(sender: string): Pick<PoolLane, "pending" | "queued"> {
    for (const lane of mempool.lanes()) if (lane.sender === sender) return lane;
    return { pending: [], queued: [] };
  }

  return {
    txpool_status: method([], () => {
      const { pending, queued } = mempool.size;
      return { pending: toQuantity(pending), queued: toQuantity(queued) };
    }),
    txpool_content: method([], content),
    txpool_contentFrom: method([anAddress], ([sender]) => {
      const { pending, queued } = laneOf(sender);
      return { pending: byNonce(pending), queued: byNonce(queued) };
    }),
  };
}
