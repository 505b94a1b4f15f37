// A head state in maps: the executor's own cost, without a store's.

import { EMPTY_ACCOUNT } from "../dist/state/account.js";
import { genesisChanges } from "../dist/state/genesis-state.js";

const ZERO_WORD = new Uint8Array(32);

export function plainState(genesis) {
  const accounts = new Map();
  const slots = new Map();
  const codes = new Map();
  let version = 0;
  function apply({ accounts: changed, storage, code }) {
    version += 1;
    for (const [address, account] of changed) {
      if (account === undefined) accounts.delete(address);
      else accounts.set(address, account);
    }
    for (const [address, slot, value] of storage) slots.set(address + slot, value ?? ZERO_WORD);
    for (const [hash, bytes] of code) codes.set(hash, bytes);
  }
  apply(genesisChanges(genesis));
  const state = {
    get version() {
      return version;
    },
    account: (address) => accounts.get(address) ?? EMPTY_ACCOUNT,
    code: (hash) => codes.get(hash) ?? new Uint8Array(0),
    storage: (address, slot) => slots.get(address + slot) ?? ZERO_WORD,
  };
  return { state, apply };
}
