import { toQuantity } from "@sheaf/protocol";
import type { PoolLane, SenderTransaction } from "../../ports.ts";
import type { RpcContext } from "../context.ts";
import { pooledToJson } from "../formats.ts";
import { type MethodTable, method } from "../method.ts";
import { anAddress } from "../parameters.ts";
import { MAX_ANSWER_LENGTH } from "../rpc-fault.ts";

/** Transactions that `txpool_content` shows, at most: it is for looking, not for copying a pool. */
const MAX_SHOWN = 10_000;
/** JSON of a transaction without what varies in length, characters. */
const TRANSACTION_LENGTH = 900;

/** What waits in the pool, in the forms of Geth [RPC.11]. */
export function poolMethods({ mempool }: Pick<RpcContext, "mempool">): MethodTable {
  function content() {
    const pending: Record<string, unknown> = {};
    const queued: Record<string, unknown> = {};
    const room = fullRoom();
    for (const lane of mempool.lanes()) {
      if (lane.pending.length > 0) pending[lane.sender] = byNonce(lane.pending, room);
      if (lane.queued.length > 0) queued[lane.sender] = byNonce(lane.queued, room);
      if (room.transactions <= 0 || room.length <= 0) break;
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
      const room = fullRoom();
      return { pending: byNonce(pending, room), queued: byNonce(queued, room) };
    }),
  };
}

/** What may still be shown in one answer. */
interface Room {
  transactions: number;
  /** Characters. */
  length: number;
}

const fullRoom = (): Room => ({ transactions: MAX_SHOWN, length: MAX_ANSWER_LENGTH });

/** As much of a lane as there is room for, by nonce. */
function byNonce(lane: readonly SenderTransaction[], room: Room): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const each of lane) {
    if (room.transactions <= 0 || room.length <= 0) break;
    shown[String(each.transaction.nonce)] = pooledToJson(each);
    room.transactions -= 1;
    room.length -= TRANSACTION_LENGTH + 2 * each.transaction.raw.length;
  }
  return shown;
}
