import { bytesToHex, type Hex } from "@sheaf/base";
import type { BlockView } from "../chain-view.ts";
import type { RpcContext } from "../context.ts";
import { minedToJson, pooledToJson, receiptToJson } from "../formats.ts";
import { type MethodTable, method, type Parameter } from "../method.ts";
import { aBlockNumber, aCount, aHash, type BlockRef } from "../parameters.ts";

interface Place {
  readonly view: BlockView;
  readonly index: number;
}

const aBlockHash: Parameter<BlockRef> = (value) => ({ kind: "hash", hash: aHash(value) });

/** Transactions by hash or place, and their receipts. One that is not there is `null`. */
export function transactionMethods({ chain, store, mempool }: RpcContext): MethodTable {
  function placeOf(hash: Hex): Place | undefined {
    const location = store.location(hash);
    const view = location && chain.block(location.blockNumber);
    return view && location && { view, index: location.index };
  }

  function placeAt(block: BlockRef, index: number): Place | undefined {
    const view = chain.find(block);
    return view !== undefined && index < view.receipts.length ? { view, index } : undefined;
  }

  const mined = (place: Place | undefined) =>
    place === undefined ? null : minedToJson(place.view, place.index);
  const raw = (place: Place | undefined) =>
    place === undefined ? null : bytesToHex(place.view.stored.block.transactions[place.index] as Uint8Array);

  return {
    eth_getTransactionByHash: method([aHash], ([hash]) => {
      const pooled = mempool.get(hash);
      return pooled === undefined ? mined(placeOf(hash)) : pooledToJson(pooled);
    }),
    eth_getTransactionByBlockNumberAndIndex: method([aBlockNumber, aCount], ([block, index]) =>
      mined(placeAt(block, index)),
    ),
    eth_getTransactionByBlockHashAndIndex: method([aBlockHash, aCount], ([block, index]) =>
      mined(placeAt(block, index)),
    ),
    eth_getRawTransactionByHash: method([aHash], ([hash]) => {
      const pooled = mempool.get(hash);
      return pooled === undefined ? raw(placeOf(hash)) : bytesToHex(pooled.transaction.raw);
    }),
    eth_getTransactionReceipt: method([aHash], ([hash]) => {
      const place = placeOf(hash);
      return place === undefined ? null : receiptToJson(place.view, place.index);
    }),
  };
}
