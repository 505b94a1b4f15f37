import type { Hex } from "@sheaf/base";
import type { Account, StateChanges, StateReader } from "../ports.ts";
import { EMPTY_ACCOUNT, EMPTY_CODE_HASH } from "../state/account.ts";
import { GenerationCache } from "../state/generation-cache.ts";
import type { ByteBatch, ByteStore } from "./byte-store.ts";
import { decodeAccount, encodeAccount } from "./encoding.ts";
import { accountKey, codeKey, slotKey } from "./keys.ts";

// Together some 60 MB when full; a generation cache holds twice its limit.
const ACCOUNTS = 50_000;
const SLOTS = 60_000;
const CODES = 64;

const NO_BYTES = new Uint8Array(0);
const ZERO_WORD = new Uint8Array(32);

/** The head state: what was asked for or written lately is in memory, the rest a read of the store away. */
export interface CachedState extends StateReader {
  /** Puts the changes of a block into a batch. */
  write(batch: ByteBatch, changes: StateChanges): void;
  /** Makes them the head state once the batch is written. */
  apply(changes: StateChanges): void;
}

export function createCachedState(store: ByteStore, initialVersion: number): CachedState {
  const accounts = new GenerationCache<Hex, Account>(ACCOUNTS);
  const slots = new GenerationCache<string, Uint8Array>(SLOTS);
  const codes = new GenerationCache<Hex, Uint8Array>(CODES);
  let version = initialVersion;

  function remembered<Key extends string, Value>(
    cache: GenerationCache<Key, Value>,
    key: Key,
    read: () => Value,
  ): Value {
    const known = cache.get(key);
    if (known !== undefined) return known;
    const value = read();
    cache.set(key, value);
    return value;
  }

  return {
    get version() {
      return version;
    },
    account: (address) =>
      remembered(accounts, address, () => {
        const bytes = store.get(accountKey(address));
        return bytes === undefined ? EMPTY_ACCOUNT : decodeAccount(bytes);
      }),
    storage: (address, slot) =>
      remembered(slots, address + slot, () => {
        const bytes = store.get(slotKey(address, slot));
        if (bytes === undefined) return ZERO_WORD;
        const word = new Uint8Array(32);
        word.set(bytes, 32 - bytes.length);
        return word;
      }),
    code: (codeHash) =>
      codeHash === EMPTY_CODE_HASH
        ? NO_BYTES
        : remembered(codes, codeHash, () => store.get(codeKey(codeHash)) ?? NO_BYTES),
    write(batch, changes) {
      for (const [address, account] of changes.accounts) {
        if (account === undefined) batch.remove(accountKey(address));
        else batch.put(accountKey(address), encodeAccount(account));
      }
      for (const [address, slot, value] of changes.storage) {
        if (value === undefined) batch.remove(slotKey(address, slot));
        else batch.put(slotKey(address, slot), withoutLeadingZeros(value));
      }
      for (const [hash, code] of changes.code) batch.put(codeKey(hash), code);
    },
    apply(changes) {
      version += 1;
      for (const [address, account] of changes.accounts) accounts.set(address, account ?? EMPTY_ACCOUNT);
      for (const [address, slot, value] of changes.storage) slots.set(address + slot, value ?? ZERO_WORD);
      for (const [hash, code] of changes.code) codes.set(hash, code);
    },
  };
}

function withoutLeadingZeros(word: Uint8Array): Uint8Array {
  let start = 0;
  while (word[start] === 0) start += 1;
  return word.subarray(start);
}
