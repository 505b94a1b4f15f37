import { bytesToHex, type Hex } from "@sheaf/base";
import { keccak256 } from "@sheaf/protocol";
import type { Account } from "../ports.ts";

/** Keccak-256 of no bytes: the code hash of an account without code. */
export const EMPTY_CODE_HASH: Hex = bytesToHex(keccak256(new Uint8Array(0)));

/** What a missing account reads as. */
export const EMPTY_ACCOUNT: Account = { nonce: 0n, balance: 0n, codeHash: EMPTY_CODE_HASH };

/** Whether an account is empty in the sense of EIP-161; empty accounts are not kept [STATE.10]. */
export function isEmptyAccount(account: Account): boolean {
  return account.nonce === 0n && account.balance === 0n && account.codeHash === EMPTY_CODE_HASH;
}
