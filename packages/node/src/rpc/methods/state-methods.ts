import { bytesToHex } from "@sheaf/base";
import { toQuantity } from "@sheaf/protocol";
import type { RpcContext } from "../context.ts";
import { type MethodTable, method } from "../method.ts";
import { aBlock, anAddress, aSlot, optional } from "../parameters.ts";

/** Accounts, code and storage, after the head block: no other state is kept. */
export function stateMethods({ chain, store, mempool }: RpcContext): MethodTable {
  const { state } = store;
  const aHead = (value: unknown) => {
    const ref = optional(aBlock)(value) ?? { kind: "head" as const };
    chain.requireHead(ref);
    return ref;
  };
  return {
    eth_getBalance: method([anAddress, aHead], ([address]) => toQuantity(state.account(address).balance)),
    eth_getTransactionCount: method([anAddress, aHead], ([address, block]) =>
      toQuantity(block.kind === "pending" ? mempool.pendingNonce(address) : state.account(address).nonce),
    ),
    eth_getCode: method([anAddress, aHead], ([address]) =>
      bytesToHex(state.code(state.account(address).codeHash)),
    ),
    eth_getStorageAt: method([anAddress, aSlot, aHead], ([address, slot]) =>
      bytesToHex(state.storage(address, slot)),
    ),
  };
}
