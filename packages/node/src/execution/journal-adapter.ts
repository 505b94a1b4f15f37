import type { EVM } from "@ethereumjs/evm";
import { bytesToHex } from "@sheaf/base";
import type { FlatStateManager } from "./state-manager.ts";

/**
 * The library's journal over `BlockState`, which keeps warm accounts and undoes changes by itself. Only
 * what message calls use is there; the library's own journal keeps its sets in hex strings once more.
 */
export function createJournal(manager: FlatStateManager): EVM["journal"] {
  const journal: Pick<
    EVM["journal"],
    "putAccount" | "deleteAccount" | "checkpoint" | "commit" | "revert" | "addWarmedAddress"
  > = {
    putAccount: (address, account) => manager.putAccount(address, account),
    deleteAccount: (address) => manager.deleteAccount(address),
    checkpoint: () => manager.checkpoint(),
    commit: () => manager.commit(),
    revert: () => manager.revert(),
    addWarmedAddress(address) {
      manager.state.warm(manager.state.account(bytesToHex(address)));
    },
  };
  return journal as EVM["journal"];
}
