import { type Address, signTransaction, type TransactionFields } from "@sheaf/protocol";
import type { Account, StateReader } from "../../src/ports.ts";
import { EMPTY_ACCOUNT } from "../../src/state/account.ts";
import type { TestAccount } from "./genesis.ts";

/** Accounts that a test sets by hand, read as a state without contracts. */
export function accountState(): {
  readonly state: StateReader;
  set(address: Address, account: Partial<Account>): void;
} {
  const accounts = new Map<Address, Account>();
  const read = (address: Address): Account => accounts.get(address) ?? EMPTY_ACCOUNT;
  return {
    state: { version: 0, account: read, code: () => new Uint8Array(0), storage: () => new Uint8Array(32) },
    set: (address, account) => void accounts.set(address, { ...read(address), ...account }),
  };
}

/** Fields of a plain transfer on chain 1337; `fields` overrides. */
export function transfer(fields: Partial<TransactionFields> = {}): TransactionFields {
  return {
    type: 2,
    chainId: 1337n,
    nonce: 0n,
    gasLimit: 21_000n,
    maxFeePerGas: 0n,
    maxPriorityFeePerGas: 0n,
    to: `0x${"11".repeat(20)}`,
    value: 0n,
    data: new Uint8Array(0),
    accessList: [],
    ...fields,
  };
}

/** A transfer signed by `account`, ready to send. */
export function signedTransfer(account: TestAccount, fields: Partial<TransactionFields> = {}): Uint8Array {
  return signTransaction(transfer(fields), account.key);
}
