import { createHash } from "node:crypto";
import { bytesToHex, type Hex, hexToBytes } from "@sheaf/base";
import type { StateChanges } from "../ports.ts";
import { ByteWriter } from "./byte-writer.ts";

const ACCOUNT_SET = 1;
const ACCOUNT_REMOVED = 2;
const SLOT_SET = 3;
const SLOT_CLEARED = 4;

/**
 * SHA-256 over the parent's digest and the block's net changes, sorted by key [STATE.2]. Code is not
 * in it: the code hash of the account that carries it is.
 */
export function stateDigest(parentDigest: Hex, changes: StateChanges): Hex {
  const hash = createHash("sha256").update(hexToBytes(parentDigest)).update(encodeChanges(changes));
  return bytesToHex(hash.digest());
}

function encodeChanges(changes: StateChanges): Uint8Array {
  const writer = new ByteWriter(64 + changes.accounts.length * 93 + changes.storage.length * 85);
  for (const [address, account] of changes.accounts) {
    writer.uint8(account === undefined ? ACCOUNT_REMOVED : ACCOUNT_SET);
    writer.hex(address);
    if (account === undefined) continue;
    writer.uint64(account.nonce);
    writer.uint256(account.balance);
    writer.hex(account.codeHash);
  }
  for (const [address, slot, value] of changes.storage) {
    writer.uint8(value === undefined ? SLOT_CLEARED : SLOT_SET);
    writer.hex(address);
    writer.hex(slot);
    if (value !== undefined) writer.bytes(value);
  }
  return writer.finish();
}
