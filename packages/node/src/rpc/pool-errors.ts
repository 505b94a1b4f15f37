import { RPC_ERROR, type RpcErrorObject } from "@sheaf/protocol";
import type { PoolOutcome, PoolRefusal } from "../ports.ts";

/** Geth's words: clients recognise errors by them [RPC.10]. */
const MESSAGES: Readonly<Record<PoolRefusal, string>> = {
  "already-known": "already known",
  "nonce-too-low": "nonce too low",
  "nonce-too-high": "nonce too high",
  "insufficient-funds": "insufficient funds for gas * price + value",
  "intrinsic-gas-too-low": "intrinsic gas too low",
  "exceeds-block-gas-limit": "exceeds block gas limit",
  "fee-cap-below-base-fee": "max fee per gas less than block base fee",
  "replacement-underpriced": "replacement transaction underpriced",
  "pool-full": "txpool is full",
  "sender-full": "account limit exceeded",
  oversized: "oversized data",
  "wrong-chain": "invalid sender: invalid chain id for signer",
  unprotected: "only replay-protected (EIP-155) transactions allowed over RPC",
  "initcode-too-large": "max initcode size exceeded",
  "invalid-sender": "invalid sender",
  malformed: "rlp: invalid transaction encoding",
  "unsupported-type": "transaction type not supported",
  "tip-above-fee-cap": "max priority fee per gas higher than max fee per gas",
};

/** The error object that tells a client why the pool refused its transaction. */
export function poolError({ refusal, detail }: Extract<PoolOutcome, { ok: false }>): RpcErrorObject {
  const message = MESSAGES[refusal];
  return { code: RPC_ERROR.server, message: detail === undefined ? message : `${message}: ${detail}` };
}
