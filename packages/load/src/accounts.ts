import { createHash } from "node:crypto";
import { asBuffer, hexToBytes } from "@sheaf/base";
import { type Address, privateKeyToAddress } from "@sheaf/protocol";

/** The sender accounts of a run. Their keys follow from the seed: worth nothing outside a benchmark. */
export interface Accounts {
  readonly count: number;
  /** 32 bytes an account, one after another. */
  readonly privateKeys: Uint8Array;
  /** 20 bytes an account, one after another. */
  readonly addressBytes: Uint8Array;
  readonly addresses: readonly Address[];
}

/** `count` accounts for `seed`; account i is the same for any count. */
export function deriveAccounts(seed: string, count: number): Accounts {
  const privateKeys = new Uint8Array(count * 32);
  const addressBytes = new Uint8Array(count * 20);
  const addresses: Address[] = [];
  for (let i = 0; i < count; i++) {
    const key = createHash("sha256").update(`sheaf sender ${i} of ${seed}`).digest();
    const address = privateKeyToAddress(key);
    privateKeys.set(key, i * 32);
    addressBytes.set(hexToBytes(address), i * 20);
    addresses.push(address);
  }
  return { count, privateKeys, addressBytes, addresses };
}

/** The private key of one account: a view. */
export function privateKeyOf(accounts: Accounts, account: number): Uint8Array {
  return accounts.privateKeys.subarray(account * 32, account * 32 + 32);
}

/** The first four bytes of an account's address: uniform, since an address is a hash. */
export function accountHash(accounts: Accounts, account: number): number {
  return asBuffer(accounts.addressBytes).readUInt32BE(account * 20);
}
