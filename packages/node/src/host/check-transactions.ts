import { bytesToHex, type Hex } from "@sheaf/base";
import {
  type Address,
  decodeTransaction,
  type Genesis,
  keccak256,
  recoverSender,
  type Transaction,
} from "@sheaf/protocol";
import type { Executor, Mempool, SenderTransaction, StateReader } from "../ports.ts";
import type { Breathe } from "./time-slice.ts";

/** Longest code of a contract's creation (EIP-3860), bytes. */
const MAX_INITCODE_BYTES = 49_152;

/** Why a transaction makes its block invalid [BLOCK.8]. */
export type TransactionFaultInBlock =
  | "transaction-malformed"
  | "transaction-signature"
  | "transaction-chain"
  | "transaction-size"
  | "transaction-intrinsic-gas"
  | "transaction-fee"
  | "transaction-nonce"
  | "transaction-balance"
  | "gas-limit";

/** The rules for the transactions of one block. */
export interface TransactionRules {
  /** What is wrong with a block of these transactions upon the head state. */
  check(
    transactions: readonly SenderTransaction[],
    breathe: Breathe,
  ): Promise<TransactionFaultInBlock | undefined>;
}

/** The hashes of raw transactions. */
export async function hashTransactions(
  raw: readonly Uint8Array[],
  breathe: Breathe,
): Promise<readonly Hex[]> {
  const hashes: Hex[] = [];
  for (const bytes of raw) {
    hashes.push(bytesToHex(keccak256(bytes)));
    const pause = breathe();
    if (pause !== undefined) await pause;
  }
  return hashes;
}

/** Decodes raw transactions of these hashes and finds their senders: those that are pooled need no recovery. */
export async function resolveTransactions(
  raw: readonly Uint8Array[],
  hashes: readonly Hex[],
  mempool: Pick<Mempool, "get">,
  breathe: Breathe,
): Promise<readonly SenderTransaction[] | TransactionFaultInBlock> {
  const resolved: SenderTransaction[] = [];
  for (const [index, bytes] of raw.entries()) {
    const found = mempool.get(hashes[index] as Hex) ?? decodeWithSender(bytes);
    if (typeof found === "string") return found;
    resolved.push(found);
    const pause = breathe();
    if (pause !== undefined) await pause;
  }
  return resolved;
}

export function createTransactionRules(
  { chainId, limits, baseFeePerGasWei }: Genesis,
  state: StateReader,
  executor: Pick<Executor, "intrinsicGas">,
): TransactionRules {
  const chain = BigInt(chainId);
  const baseFee = BigInt(baseFeePerGasWei);
  const gasPerBlock = BigInt(limits.gasPerBlock);

  function ownFault(transaction: Transaction): TransactionFaultInBlock | undefined {
    if (transaction.chainId !== chain) return "transaction-chain";
    if (transaction.raw.length > limits.transactionBytes) return "transaction-size";
    if (transaction.to === undefined && transaction.data.length > MAX_INITCODE_BYTES) {
      return "transaction-size";
    }
    if (transaction.maxFeePerGas < baseFee) return "transaction-fee";
    if (transaction.gasLimit < executor.intrinsicGas(transaction)) return "transaction-intrinsic-gas";
    return undefined;
  }

  return {
    async check(transactions, breathe) {
      const senders = new Map<Address, { nonce: bigint; balance: bigint }>();
      let gas = 0n;
      for (const { transaction, sender } of transactions) {
        const fault = ownFault(transaction);
        if (fault !== undefined) return fault;
        gas += transaction.gasLimit;
        if (gas > gasPerBlock) return "gas-limit";
        let account = senders.get(sender);
        if (account === undefined) {
          const { nonce, balance } = state.account(sender);
          account = { nonce, balance };
          senders.set(sender, account);
        }
        if (transaction.nonce !== account.nonce) return "transaction-nonce";
        account.nonce += 1n;
        account.balance -= transaction.gasLimit * transaction.maxFeePerGas + transaction.value;
        if (account.balance < 0n) return "transaction-balance";
        const pause = breathe();
        if (pause !== undefined) await pause;
      }
      return undefined;
    },
  };
}

function decodeWithSender(raw: Uint8Array): SenderTransaction | TransactionFaultInBlock {
  const transaction = decodeTransaction(raw);
  if ("fault" in transaction) return "transaction-malformed";
  const sender = recoverSender(transaction);
  return sender === undefined ? "transaction-signature" : { transaction, sender };
}
