import { toQuantity } from "@sheaf/protocol";
import type { RpcContext } from "../context.ts";
import { blockToJson, receiptToJson } from "../formats.ts";
import { type MethodTable, method, type Parameter } from "../method.ts";
import { aBlock, aBlockNumber, aBoolean, aCount, aHash, type BlockRef, optional } from "../parameters.ts";

const aBlockHash: Parameter<BlockRef> = (value) => ({ kind: "hash", hash: aHash(value) });

/** Blocks and what they hold. One that is not there is `null`. */
export function blockMethods({ chain, genesis }: RpcContext): MethodTable {
  const getBlock = (ref: Parameter<BlockRef>) =>
    method([ref, optional(aBoolean)], ([block, full]) => {
      const view = chain.find(block);
      return view === undefined ? null : blockToJson(view, genesis, full ?? false);
    });
  const getCount = (ref: Parameter<BlockRef>) =>
    method([ref], ([block]) => {
      const view = chain.find(block);
      return view === undefined ? null : toQuantity(view.stored.block.header.transactionCount);
    });
  const getUncleCount = (ref: Parameter<BlockRef>) =>
    method([ref], ([block]) => (chain.numberOf(block) === undefined ? null : "0x0"));
  const getUncle = (ref: Parameter<BlockRef>) => method([ref, aCount], () => null);

  return {
    eth_blockNumber: method([], () => toQuantity(chain.head.block.header.number)),
    eth_getBlockByNumber: getBlock(aBlockNumber),
    eth_getBlockByHash: getBlock(aBlockHash),
    eth_getBlockTransactionCountByNumber: getCount(aBlockNumber),
    eth_getBlockTransactionCountByHash: getCount(aBlockHash),
    eth_getBlockReceipts: method([aBlock], ([block]) => {
      const view = chain.find(block);
      return view === undefined ? null : view.receipts.map((_, index) => receiptToJson(view, index));
    }),
    eth_getUncleCountByBlockNumber: getUncleCount(aBlockNumber),
    eth_getUncleCountByBlockHash: getUncleCount(aBlockHash),
    eth_getUncleByBlockNumberAndIndex: getUncle(aBlockNumber),
    eth_getUncleByBlockHashAndIndex: getUncle(aBlockHash),
  };
}
