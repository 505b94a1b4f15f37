import type { Clock, Hex, Millis } from "@sheaf/base";
import { invariant } from "@sheaf/base";
import { parseQuantity, toQuantity } from "@sheaf/protocol";
import type { EncodedCall } from "./contracts.ts";
import { contractError, insufficientFunds } from "./errors.ts";
import { classifyRefusal } from "./refusal.ts";
import { type PatientRpc, rpcErrorOf } from "./rpc.ts";
import { createSender, type Receipt, type SignedCall } from "./sender.ts";
import type { Address } from "./types.ts";

/** How a transaction survives the end of the process that sent it. */
export interface TransactOptions {
  /** Awaited before the transaction leaves: what to give as `resume` after a crash. */
  readonly onSigned?: (signed: SignedCall) => Promise<void> | void;
  /** The transaction as it was signed before; another is made only if this one can never be included. */
  readonly resume?: SignedCall;
}

/** Transactions of one key, from the estimate to the block. */
export interface Transactor {
  readonly address: Address;
  readonly chainId: bigint;
  /** Raises `ChainErrorDetail`, `RPC_UNREACHABLE`. */
  transact(call: EncodedCall, options?: TransactOptions): Promise<Receipt>;
}

export interface TransactorOptions {
  readonly rpc: PatientRpc;
  readonly clock: Clock;
  readonly key: Hex;
  readonly pollMs: Millis;
  readonly inclusionMs: Millis;
}

/** What the base fee may rise by before the market is done, on chains that have one. */
const feeHeadroom = 10n;
/** In wei: what a node suggests follows from what was paid before. */
const highestTip = 2_000_000_000n;
/** How often a transaction is made anew that ran out of gas. */
const tries = 3;
/** A chain that makes no blocks does not keep an account from connecting. */
const quietMs: Millis = 10_000;

/**
 * Waits for the transactions that an earlier process of the key left in the pool, so that the chain's history holds
 * them: who reads it next does not make them again. Raises `RPC_UNREACHABLE`.
 */
export async function createTransactor(options: TransactorOptions): Promise<Transactor> {
  const { rpc } = options;
  const chainId = parseQuantity(await rpc.call("eth_chainId", [])) ?? 0n;
  const { gasPriceWei, blockGas } = await readFees(rpc);
  const sender = createSender({ ...options, chainId, gasPriceWei });
  await sender.quiesce(quietMs);

  /** Asks the node to run the call upon the newest block. `included`: the transaction in which it was refused. */
  async function run(
    rpcMethod: "eth_call" | "eth_estimateGas",
    call: EncodedCall,
    included?: Hex,
  ): Promise<string> {
    const { to, data, value, method } = call;
    const request = { from: sender.address, ...(to && { to }), data, value: toQuantity(value) };
    try {
      return (await rpc.call(
        rpcMethod,
        rpcMethod === "eth_call" ? [request, "latest"] : [request],
      )) as string;
    } catch (error) {
      const refusal = rpcErrorOf(error);
      if (refusal === undefined) throw error;
      if (typeof refusal.data === "string") throw contractError(method, refusal.data, included);
      if (classifyRefusal(refusal) === "unfunded") throw insufficientFunds(method);
      if (/revert/i.test(refusal.message)) throw contractError(method, undefined, included);
      throw error;
    }
  }

  /**
   * An estimate and not a fixed limit: a block is full when the limits of its transactions are, and what would be
   * refused costs no nonce. A quarter more, because others may change the state until the block is made.
   */
  async function gasLimitOf(call: EncodedCall, attempt: number): Promise<bigint> {
    const estimate = parseQuantity(await run("eth_estimateGas", call)) ?? 0n;
    const limit = ((estimate * 5n) / 4n) * 2n ** BigInt(attempt);
    return limit < blockGas ? limit : blockGas;
  }

  async function transact(call: EncodedCall, { onSigned, resume }: TransactOptions = {}): Promise<Receipt> {
    let signed = resume;
    for (let attempt = 0; ; ) {
      signed ??= await sender.send(call, () => gasLimitOf(call, attempt), onSigned);
      const receipt = await sender.settle(call.method, signed);
      if (receipt !== "superseded") {
        if (receipt.succeeded) return receipt;
        attempt += 1;
        // What reverts again tells why; what no longer does had too little gas.
        await run("eth_call", call, receipt.transactionHash);
        if (attempt === tries) throw contractError(call.method, undefined, receipt.transactionHash);
      }
      signed = undefined;
    }
  }

  return { address: sender.address, chainId, transact };
}

async function readFees(rpc: PatientRpc): Promise<{ gasPriceWei: bigint; blockGas: bigint }> {
  const suggested = parseQuantity(await rpc.call("eth_gasPrice", [])) ?? 0n;
  const head = (await rpc.call("eth_getBlockByNumber", ["latest", false])) as {
    readonly baseFeePerGas?: unknown;
    readonly gasLimit: unknown;
  };
  const baseFee = parseQuantity(head.baseFeePerGas);
  const blockGas = parseQuantity(head.gasLimit);
  invariant(blockGas !== undefined, "a block without a gas limit");
  if (baseFee === undefined) return { gasPriceWei: suggested, blockGas };
  const tip = suggested < highestTip ? suggested : highestTip;
  return { gasPriceWei: baseFee * feeHeadroom + tip, blockGas };
}
