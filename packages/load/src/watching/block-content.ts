import { asBuffer, CodedError, type Hex, hexToBytes } from "@sheaf/base";
import type { BlockEvent } from "@sheaf/measure";
import {
  parseQuantity,
  RPC_ERROR,
  type RpcClient,
  type RpcErrorDetail,
  type RpcOutcome,
  rpcMalformed,
  type SheafBlockOutcomes,
  toQuantity,
} from "@sheaf/protocol";

/** A block as its reader needs it: what a `BlockEvent` says, the transactions and how they ended. */
export interface BlockContent extends Omit<BlockEvent, "chain" | "seenMs"> {
  /** 32 bytes a transaction, in order. */
  readonly transactionHashes: Uint8Array;
  /** One byte a transaction: 1 succeeded, 0 reverted. */
  readonly statuses: Uint8Array;
}

/** Reads a block at one validator; `undefined` when it is not there yet. */
export type ReadBlock = (client: RpcClient, number: number) => Promise<BlockContent | undefined>;

/**
 * A reader that asks for `sheaf_getBlockOutcomes`, the form with the least bytes, and once an endpoint
 * has said that it does not know it, for the block and its receipts. Raises what `RpcClient` raises.
 */
export function createBlockReader(): ReadBlock {
  let standard = false;
  return async (client, number) => {
    if (!standard) {
      try {
        const found = await client.call("sheaf_getBlockOutcomes", [toQuantity(number)]);
        return found === null ? undefined : fromOutcomes(found);
      } catch (error) {
        if (!isUnknownMethod(error)) throw error;
        standard = true;
      }
    }
    return readStandard(client, number);
  };
}

function fromOutcomes(found: SheafBlockOutcomes): BlockContent {
  const transactionHashes = hexToBytes(found.transactionHashes);
  return {
    number: found.number,
    hash: found.hash,
    transactions: transactionHashes.length / 32,
    gasUsed: found.gasUsed,
    gasLimit: found.gasLimit,
    timestampMs: found.timestampMs,
    proposer: found.proposer,
    round: found.round,
    sizeBytes: found.sizeBytes,
    transactionHashes,
    statuses: hexToBytes(found.statuses),
  };
}

interface StandardBlock {
  readonly hash: string;
  readonly gasUsed: string;
  readonly gasLimit: string;
  readonly timestamp: string;
  readonly miner?: string;
  readonly size?: string;
  readonly transactions: readonly Hex[];
}

async function readStandard(client: RpcClient, number: number): Promise<BlockContent | undefined> {
  const at = toQuantity(number);
  const outcomes = await client.batch([
    { method: "eth_getBlockByNumber", params: [at, false] },
    { method: "eth_getBlockReceipts", params: [at] },
  ]);
  const block = resultOf(outcomes[0], client) as StandardBlock | null;
  if (block === null) return undefined;
  const receipts =
    outcomes[1]?.ok === true
      ? (outcomes[1].result as readonly { readonly status: string }[] | null)
      : await readReceipts(client, block.transactions);
  if (receipts === null || receipts.length !== block.transactions.length) return undefined;
  const transactionHashes = new Uint8Array(block.transactions.length * 32);
  block.transactions.forEach((hash, i) => {
    asBuffer(transactionHashes).write(hash.slice(2), i * 32, "hex");
  });
  return {
    number,
    hash: block.hash,
    transactions: block.transactions.length,
    gasUsed: quantity(block.gasUsed),
    gasLimit: quantity(block.gasLimit),
    timestampMs: quantity(block.timestamp) * 1_000,
    proposer: block.miner ?? null,
    round: null,
    sizeBytes: block.size === undefined ? null : quantity(block.size),
    transactionHashes,
    statuses: Uint8Array.from(receipts, (receipt) => quantity(receipt.status)),
  };
}

/** Receipts one by one, for endpoints without `eth_getBlockReceipts`. */
async function readReceipts(
  client: RpcClient,
  hashes: readonly Hex[],
): Promise<readonly { readonly status: string }[] | null> {
  const outcomes = await client.batch(
    hashes.map((hash) => ({ method: "eth_getTransactionReceipt", params: [hash] })),
  );
  const receipts = outcomes.map((outcome) => resultOf(outcome, client) as { readonly status: string } | null);
  return receipts.every((receipt) => receipt !== null) ? receipts : null;
}

function resultOf(outcome: RpcOutcome | undefined, client: RpcClient): unknown {
  if (outcome?.ok !== true) throw rpcMalformed(client.url);
  return outcome.result;
}

function quantity(text: string): number {
  return Number(parseQuantity(text) ?? 0n);
}

function isUnknownMethod(error: unknown): boolean {
  if (!(error instanceof CodedError)) return false;
  const detail = error.detail as RpcErrorDetail;
  return detail.code === "RPC_ERROR" && detail.rpc.code === RPC_ERROR.methodNotFound;
}
