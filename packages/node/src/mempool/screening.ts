import { decodeTransaction, effectiveGasPrice, type Genesis, type Transaction } from "@sheaf/protocol";
import type { Executor, PoolOutcome, PoolRefusal } from "../ports.ts";

/** Longest code of a contract's creation (EIP-3860), bytes. */
const MAX_INITCODE_BYTES = 49_152;

/** Nonces are kept as numbers; an account that sends a thousand a second reaches this in 285,000 years. */
const MAX_NONCE = BigInt(Number.MAX_SAFE_INTEGER);

export type Refused = Extract<PoolOutcome, { ok: false }>;

export function refuse(refusal: PoolRefusal, detail?: string): Refused {
  return detail === undefined ? { ok: false, refusal } : { ok: false, refusal, detail };
}

/** The rules of one chain that a transaction must keep by itself [POOL.2]. */
export interface Screen {
  /** Decodes and checks all that needs neither the sender nor the state. */
  check(raw: Uint8Array): Transaction | Refused;
  /** What a unit of its gas is paid, wei. */
  price(transaction: Transaction): bigint;
}

export function createScreen(genesis: Genesis, executor: Pick<Executor, "intrinsicGas">): Screen {
  const chainId = BigInt(genesis.chainId);
  const baseFee = BigInt(genesis.baseFeePerGasWei);
  const gasPerBlock = BigInt(genesis.limits.gasPerBlock);
  const maxBytes = genesis.limits.transactionBytes;

  function checkFields(transaction: Transaction): Refused | undefined {
    if (transaction.chainId === undefined) return refuse("unprotected");
    if (transaction.chainId !== chainId) {
      return refuse("wrong-chain", `have ${transaction.chainId} want ${chainId}`);
    }
    if (transaction.nonce > MAX_NONCE) return refuse("nonce-too-high", `tx nonce ${transaction.nonce}`);
    if (transaction.to === undefined && transaction.data.length > MAX_INITCODE_BYTES) {
      return refuse(
        "initcode-too-large",
        `code size ${transaction.data.length}, limit ${MAX_INITCODE_BYTES}`,
      );
    }
    if (transaction.gasLimit > gasPerBlock) {
      return refuse("exceeds-block-gas-limit", `gas ${transaction.gasLimit}, limit ${gasPerBlock}`);
    }
    if (transaction.maxFeePerGas < baseFee) {
      return refuse(
        "fee-cap-below-base-fee",
        `maxFeePerGas: ${transaction.maxFeePerGas}, baseFee: ${baseFee}`,
      );
    }
    const needed = executor.intrinsicGas(transaction);
    if (transaction.gasLimit < needed) {
      return refuse("intrinsic-gas-too-low", `gas ${transaction.gasLimit}, minimum needed ${needed}`);
    }
    return undefined;
  }

  return {
    check(raw) {
      if (raw.length > maxBytes) {
        return refuse("oversized", `transaction size ${raw.length}, limit ${maxBytes}`);
      }
      const decoded = decodeTransaction(raw);
      if ("fault" in decoded) {
        switch (decoded.fault) {
          case "unsupported-type":
          case "tip-above-fee-cap":
            return refuse(decoded.fault);
          case "high-s":
            return refuse("invalid-sender", "invalid transaction v, r, s values");
          default:
            return refuse("malformed", decoded.fault);
        }
      }
      return checkFields(decoded) ?? decoded;
    },
    price: (transaction) => effectiveGasPrice(transaction, baseFee),
  };
}
