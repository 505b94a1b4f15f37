import { bytesToHex, type Hex, hexToBytes, invalidInput } from "@sheaf/base";
import {
  type ExecutionDigest,
  type Genesis,
  genesisHash,
  type Header,
  keccak256,
  transactionsDigest,
} from "@sheaf/protocol";
import type { Account, StateChanges, StoredBlock } from "../ports.ts";
import { EMPTY_CODE_HASH, isEmptyAccount } from "./account.ts";
import { receiptsDigest } from "./receipt-encoding.ts";
import { stateDigest } from "./state-digest.ts";

const ZERO_HASH: Hex = `0x${"0".repeat(64)}`;
const ZERO_ADDRESS: Hex = `0x${"0".repeat(40)}`;

/**
 * Genesis as a change of the empty state [STATE.2]. Raises `INVALID_INPUT` for an account with storage
 * and no code: nothing could read it, and a contract created at its address would find it.
 */
export function genesisChanges(genesis: Genesis): StateChanges {
  const accounts: [Hex, Account][] = [];
  const storage: [Hex, Hex, Uint8Array][] = [];
  const code = new Map<Hex, Uint8Array>();
  for (const [key, entry] of Object.entries(genesis.alloc).sort(byKey)) {
    const address = key as Hex;
    const bytes = hexToBytes(entry.code as Hex);
    const codeHash = bytes.length === 0 ? EMPTY_CODE_HASH : bytesToHex(keccak256(bytes));
    const account: Account = { nonce: BigInt(entry.nonce), balance: BigInt(entry.balanceWei), codeHash };
    const slots = Object.entries(entry.storage).filter(([, value]) => value !== ZERO_HASH);
    if (slots.length > 0 && bytes.length === 0) {
      throw invalidInput(`genesis: alloc.${address}.storage`, "an account without code has no storage");
    }
    if (!isEmptyAccount(account)) accounts.push([address, account]);
    if (bytes.length > 0) code.set(codeHash, bytes);
    for (const [slot, value] of slots.sort(byKey)) {
      storage.push([address, slot as Hex, hexToBytes(value as Hex)]);
    }
  }
  return { accounts, storage, code: [...code].sort(byKey) };
}

/** Block 0: no transactions, and the genesis hash in place of its own [STATE.1]. */
export function genesisBlock(genesis: Genesis): StoredBlock {
  const nothing: ExecutionDigest = { stateDigest: ZERO_HASH, receiptsDigest: ZERO_HASH, gasUsed: 0n };
  const header: Header = {
    number: 0,
    parentHash: ZERO_HASH,
    timestampMs: genesis.timestampMs,
    proposer: ZERO_ADDRESS,
    transactionsDigest: transactionsDigest([]),
    transactionCount: 0,
    parentResult: nothing,
  };
  const hash = bytesToHex(genesisHash(genesis));
  return {
    block: { header, hash, transactions: [] },
    certificate: new Uint8Array(0),
    result: {
      stateDigest: stateDigest(hash, genesisChanges(genesis)),
      receiptsDigest: receiptsDigest([]),
      gasUsed: 0n,
    },
    sizeBytes: 0,
  };
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
