import { type Hex, hexToBytes } from "@sheaf/base";
import type { Address } from "@sheaf/protocol";
import type { Account, StateChanges, StateReader } from "../ports.ts";
import { isEmptyAccount } from "../state/account.ts";
import type { AccountRecord, BlockState } from "./block-state.ts";
import { wordToHex } from "./interpreter/words.ts";

/**
 * The net changes of a block, sorted by key [STATE.2]: keys whose last value differs from the value
 * before the block. Empty accounts count as missing [STATE.10].
 */
export function stateChanges(state: BlockState, head: StateReader): StateChanges {
  const accounts: [Address, Account | undefined][] = [];
  const storage: [Address, Hex, Uint8Array | undefined][] = [];
  const code: [Hex, Uint8Array][] = [];
  const touched = [...state.accounts.values()].sort((a, b) => (a.address < b.address ? -1 : 1));
  for (const record of touched) {
    if (hasChanged(record)) {
      const { nonce, balance, codeHash } = record;
      accounts.push([record.address, record.isEmpty ? undefined : { nonce, balance, codeHash }]);
    }
    for (const [slot, value] of changedSlots(record)) {
      storage.push([
        record.address,
        slot,
        value === 0n ? undefined : hexToBytes(wordToHex(value.toString(16))),
      ]);
    }
  }
  for (const [hash, bytes] of [...state.newCode].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (head.code(hash).length === 0) code.push([hash, bytes]);
  }
  return { accounts, storage, code };
}

function hasChanged({ nonce, balance, codeHash, before }: AccountRecord): boolean {
  if (nonce === before.nonce && balance === before.balance && codeHash === before.codeHash) return false;
  return !(isEmptyAccount({ nonce, balance, codeHash }) && isEmptyAccount(before));
}

function changedSlots(record: AccountRecord): (readonly [Hex, bigint])[] {
  const changed: (readonly [Hex, bigint])[] = [];
  if (record.slots === undefined) return changed;
  for (const [name, slot] of record.slots) {
    if (slot.value !== slot.before) changed.push([wordToHex(name), slot.value]);
  }
  return changed.sort(([a], [b]) => (a < b ? -1 : 1));
}
