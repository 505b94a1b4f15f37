import { bytesToHex, type Hex } from "@sheaf/base";
import { type Address, keccak256 } from "@sheaf/protocol";
import type { Account, Log, StateReader } from "../ports.ts";
import { EMPTY_CODE_HASH } from "../state/account.ts";
import { wordOfBytes, wordToHex } from "./interpreter/words.ts";

/** Stands for every transaction. */
const ALWAYS = Number.POSITIVE_INFINITY;
/** Precompiles are always warm (EIP-2929). */
const PRECOMPILES: ReadonlySet<Address> = new Set(
  Array.from({ length: 9 }, (_, index): Address => `0x${"0".repeat(39)}${index + 1}`),
);

/** A storage slot as a block sees it. `warmIn` and `originalIn` name the transaction they hold for. */
export class SlotRecord {
  /** Value before the block. */
  readonly before: bigint;
  value: bigint;
  /** Value before the transaction `originalIn`. */
  original: bigint;
  originalIn = 0;
  warmIn = 0;

  constructor(before: bigint) {
    this.before = before;
    this.value = before;
    this.original = before;
  }
}

/** An account as a block sees it: read once from the head state, then changed in place. */
export class AccountRecord {
  readonly address: Address;
  /** The account before the block. */
  readonly before: Account;
  nonce: bigint;
  balance: bigint;
  codeHash: Hex;
  /** By slot number in hex, without leading zeros; most accounts have none. */
  slots: Map<string, SlotRecord> | undefined;
  warmIn: number;
  createdIn = 0;
  destroyedIn = 0;
  #word: bigint | undefined;

  constructor(address: Address, before: Account) {
    this.address = address;
    this.before = before;
    this.nonce = before.nonce;
    this.balance = before.balance;
    this.codeHash = before.codeHash;
    this.warmIn = PRECOMPILES.has(address) ? ALWAYS : 0;
  }

  /** The address as the EVM has it on its stack. */
  get word(): bigint {
    this.#word ??= BigInt(this.address);
    return this.#word;
  }

  get isEmpty(): boolean {
    return this.nonce === 0n && this.balance === 0n && this.codeHash === EMPTY_CODE_HASH;
  }
}

interface Mark {
  readonly undos: number;
  readonly logs: number;
  readonly refund: number;
}

/**
 * The state while a block (or a call) runs: what it read and wrote, over the head state, which it
 * never touches. Checkpoints cost nothing but a mark; a revert undoes one change after another.
 */
export class BlockState {
  readonly accounts = new Map<Address, AccountRecord>();
  readonly newCode = new Map<Hex, Uint8Array>();
  /** Serial number of the running transaction, from 1: warm and original values belong to one. */
  serial = 0;
  /** Gas to give back at the end of the transaction, before the cap. */
  refund = 0;
  /** Logs of the running transaction. */
  logs: Log[] = [];
  readonly #head: StateReader;
  readonly #undos: (() => void)[] = [];
  readonly #marks: Mark[] = [];
  readonly #transient = new Map<string, bigint>();

  constructor(head: StateReader) {
    this.#head = head;
  }

  account(address: Address): AccountRecord {
    let record = this.accounts.get(address);
    if (record === undefined) {
      record = new AccountRecord(address, this.#head.account(address));
      this.accounts.set(address, record);
    }
    return record;
  }

  /** The account at an EVM word; the upper 96 bits are ignored. */
  accountOfWord(word: bigint): AccountRecord {
    return this.account(`0x${BigInt.asUintN(160, word).toString(16).padStart(40, "0")}`);
  }

  code(codeHash: Hex): Uint8Array {
    return this.newCode.get(codeHash) ?? this.#head.code(codeHash);
  }

  slot(account: AccountRecord, key: bigint): SlotRecord {
    const name = key.toString(16);
    const known = account.slots?.get(name);
    if (known !== undefined) return known;
    const record = new SlotRecord(wordOfBytes(this.#head.storage(account.address, wordToHex(name))));
    account.slots ??= new Map();
    account.slots.set(name, record);
    return record;
  }

  /** The slot's value before the running transaction. */
  original(slot: SlotRecord): bigint {
    return slot.originalIn === this.serial ? slot.original : slot.value;
  }

  setSlot(slot: SlotRecord, value: bigint): void {
    if (slot.originalIn !== this.serial) {
      slot.originalIn = this.serial;
      slot.original = slot.value;
    }
    const previous = slot.value;
    this.#undos.push(() => {
      slot.value = previous;
    });
    slot.value = value;
  }

  setNonce(account: AccountRecord, nonce: bigint): void {
    const previous = account.nonce;
    this.#undos.push(() => {
      account.nonce = previous;
    });
    account.nonce = nonce;
  }

  setBalance(account: AccountRecord, balance: bigint): void {
    const previous = account.balance;
    if (previous === balance) return;
    this.#undos.push(() => {
      account.balance = previous;
    });
    account.balance = balance;
  }

  setCode(account: AccountRecord, code: Uint8Array): void {
    const previous = account.codeHash;
    this.#undos.push(() => {
      account.codeHash = previous;
    });
    account.codeHash = code.length === 0 ? EMPTY_CODE_HASH : bytesToHex(keccak256(code));
    if (code.length > 0) this.newCode.set(account.codeHash, code);
  }

  transient(account: AccountRecord, key: bigint): bigint {
    return this.#transient.get(account.address + key.toString(16)) ?? 0n;
  }

  setTransient(account: AccountRecord, key: bigint, value: bigint): void {
    const name = account.address + key.toString(16);
    const previous = this.#transient.get(name) ?? 0n;
    this.#undos.push(() => {
      this.#transient.set(name, previous);
    });
    this.#transient.set(name, value);
  }

  /** Warms an account or slot (EIP-2929); whether it was cold. */
  warm(record: AccountRecord | SlotRecord): boolean {
    const previous = record.warmIn;
    if (previous === this.serial || previous === ALWAYS) return false;
    this.#undos.push(() => {
      record.warmIn = previous;
    });
    record.warmIn = this.serial;
    return true;
  }

  /** Removes the account at the end of the transaction (EIP-6780). */
  destroy(account: AccountRecord): void {
    const previous = account.destroyedIn;
    this.#undos.push(() => {
      account.destroyedIn = previous;
    });
    account.destroyedIn = this.serial;
    this.#hasDestroyed = true;
  }

  #hasDestroyed = false;

  beginTransaction(): void {
    this.serial += 1;
    this.refund = 0;
    this.logs = [];
    this.#undos.length = 0;
    this.#marks.length = 0;
    this.#transient.clear();
  }

  /** Removes the accounts that the transaction destroyed: their storage was written by it alone. */
  endTransaction(): void {
    if (!this.#hasDestroyed) return;
    this.#hasDestroyed = false;
    for (const account of this.accounts.values()) {
      if (account.destroyedIn !== this.serial) continue;
      account.nonce = 0n;
      account.balance = 0n;
      account.codeHash = EMPTY_CODE_HASH;
      for (const slot of account.slots?.values() ?? []) slot.value = 0n;
    }
  }

  checkpoint(): void {
    this.#marks.push({ undos: this.#undos.length, logs: this.logs.length, refund: this.refund });
  }

  commit(): void {
    this.#marks.pop();
  }

  revert(): void {
    const mark = this.#marks.pop();
    if (mark === undefined) return;
    while (this.#undos.length > mark.undos) this.#undos.pop()?.();
    this.logs.length = mark.logs;
    this.refund = mark.refund;
  }
}
