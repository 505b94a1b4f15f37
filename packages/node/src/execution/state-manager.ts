import type { StateManagerInterface } from "@ethereumjs/common";
import { Account, type Address } from "@ethereumjs/util";
import { bigintToBytes, CodedError, hexToBytes } from "@sheaf/base";
import { EMPTY_CODE_HASH } from "../state/account.ts";
import type { BlockState } from "./block-state.ts";
import { hexOfAddress } from "./evm-address.ts";
import { wordOfBytes } from "./interpreter/words.ts";

const DONE = Promise.resolve();
const NO_BYTES = new Uint8Array(0);

/** `BlockState` as `@ethereumjs/evm` sees it. Every answer is at hand: nothing is waited for. */
export interface FlatStateManager extends StateManagerInterface {
  state: BlockState;
}

/** A state manager over `state`, which can be replaced between transactions. */
export function createStateManager(initial: BlockState): FlatStateManager {
  let state = initial;
  const record = (address: Address) => state.account(hexOfAddress(address));

  const code = (address: Address): Uint8Array => {
    const { codeHash } = record(address);
    return codeHash === EMPTY_CODE_HASH ? NO_BYTES : state.code(codeHash);
  };

  return {
    get state() {
      return state;
    },
    set state(next) {
      state = next;
    },
    async getAccount(address) {
      const { nonce, balance, codeHash, isEmpty } = record(address);
      if (isEmpty) return undefined;
      return new Account(
        nonce,
        balance,
        undefined,
        codeHash === EMPTY_CODE_HASH ? undefined : hexToBytes(codeHash),
      );
    },
    putAccount(address, account = new Account()) {
      const target = record(address);
      if (target.nonce !== account.nonce) state.setNonce(target, account.nonce);
      state.setBalance(target, account.balance);
      return DONE;
    },
    deleteAccount(address) {
      const target = record(address);
      state.setNonce(target, 0n);
      state.setBalance(target, 0n);
      state.setCode(target, NO_BYTES);
      return DONE;
    },
    modifyAccountFields(address, { nonce, balance }) {
      const target = record(address);
      if (nonce !== undefined) state.setNonce(target, nonce);
      if (balance !== undefined) state.setBalance(target, balance);
      return DONE;
    },
    putCode(address, bytes) {
      state.setCode(record(address), bytes);
      return DONE;
    },
    getCode: async (address) => code(address),
    getCodeSize: async (address) => code(address).length,
    getStorage: async (address, key) => bigintToBytes(state.slot(record(address), wordOfBytes(key)).value),
    putStorage(address, key, value) {
      const padded = new Uint8Array(32);
      padded.set(value, 32 - value.length);
      state.setSlot(state.slot(record(address), wordOfBytes(key)), wordOfBytes(padded));
      return DONE;
    },
    // An account that is created has no storage: genesis gives none to accounts without code, and only
    // accounts that one transaction made and destroyed are ever removed.
    clearStorage: () => DONE,
    checkpoint() {
      state.checkpoint();
      return DONE;
    },
    commit() {
      state.commit();
      return DONE;
    },
    revert() {
      state.revert();
      return DONE;
    },
    originalStorageCache: {
      get: async (address, key) =>
        bigintToBytes(state.original(state.slot(record(address), wordOfBytes(key)))),
      clear() {},
    },
    clearCaches() {},
    getStateRoot: () => Promise.reject(noRoot()),
    setStateRoot: () => Promise.reject(noRoot()),
    hasStateRoot: () => Promise.reject(noRoot()),
    shallowCopy() {
      throw noRoot();
    },
  };
}

function noRoot(): CodedError {
  return new CodedError("defect: the state has no Merkle root", {
    code: "INVARIANT",
    what: "state root asked for",
  });
}
