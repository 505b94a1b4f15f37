import type { Hex, Millis } from "@sheaf/base";
import {
  type Address,
  type Block,
  decodeBlock,
  type ExecutionDigest,
  type Genesis,
  transactionsDigest,
} from "@sheaf/protocol";
import type { StoredBlock } from "../ports.ts";
import type { BlockPeriods } from "./block-timing.ts";
import type { TransactionFaultInBlock } from "./check-transactions.ts";

/** How far a proposer's clock may be ahead of ours [BLOCK.4]. */
export const CLOCK_TOLERANCE_MS: Millis = 2_000;

/** Why a block is not valid (`specs/chain.md`). */
export type BlockFault =
  | "malformed"
  | "digest"
  | "number"
  | "parent"
  | "parent-result"
  | "proposer"
  | "timestamp-early"
  | "timestamp-ahead"
  | "size"
  | "count"
  | "transactions-digest"
  | TransactionFaultInBlock;

/** What a block is checked against. */
export interface BlockExpectation {
  readonly parent: StoredBlock;
  readonly digest: Hex;
  /** Who may have built it [BLOCK.5]. */
  readonly proposers: ReadonlySet<Address>;
  /** Own time, or `undefined` for a block that a quorum has prepared or committed [BLOCK.4]. */
  readonly nowMs: Millis | undefined;
}

/** The block that `payload` is, or what is wrong with it; its transactions are not looked into. */
export function checkBlock(
  payload: Uint8Array,
  expected: BlockExpectation,
  { limits, consensus }: Genesis,
): Block | BlockFault {
  if (payload.length > limits.blockBytes) return "size";
  const block = decodeBlock(payload);
  if (block === undefined) return "malformed";
  if (block.hash !== expected.digest) return "digest";
  const { header, transactions } = block;
  if (header.transactionCount !== transactions.length) return "count";
  if (transactions.length > limits.transactionsPerBlock) return "count";
  return checkLineage(block, expected) ?? checkTime(block, expected, consensus) ?? block;
}

/** Whether the header commits to transactions of these hashes [BLOCK.6]. */
export function namesTransactions(block: Block, hashes: readonly Hex[]): boolean {
  return block.header.transactionsDigest === transactionsDigest(hashes);
}

/** Whether both are the same outcome [STATE.3]. */
export function sameResult(a: ExecutionDigest, b: ExecutionDigest): boolean {
  return a.stateDigest === b.stateDigest && a.receiptsDigest === b.receiptsDigest && a.gasUsed === b.gasUsed;
}

function checkLineage({ header }: Block, { parent, proposers }: BlockExpectation): BlockFault | undefined {
  if (header.number !== parent.block.header.number + 1) return "number";
  if (header.parentHash !== parent.block.hash) return "parent";
  if (!proposers.has(header.proposer)) return "proposer";
  // [BLOCK.9]
  return sameResult(header.parentResult, parent.result) ? undefined : "parent-result";
}

function checkTime(
  { header }: Block,
  { parent, nowMs }: BlockExpectation,
  { blockPeriodMs }: BlockPeriods,
): BlockFault | undefined {
  if (header.timestampMs < parent.block.header.timestampMs + blockPeriodMs) return "timestamp-early";
  if (nowMs !== undefined && header.timestampMs > nowMs + CLOCK_TOLERANCE_MS) return "timestamp-ahead";
  return undefined;
}
