import { bytesToHex, type Clock, type Hex, hexToBytes, type Millis, sleep } from "@sheaf/base";
import { keccak256, parseQuantity, privateKeyToAddress, signTransaction } from "@sheaf/protocol";
import type { EncodedCall } from "./contracts.ts";
import { insufficientFunds, notIncluded, transactionRefused } from "./errors.ts";
import { classifyRefusal } from "./refusal.ts";
import { type PatientRpc, rpcErrorOf } from "./rpc.ts";
import type { Address } from "./types.ts";

/** A transaction that was signed, and may have been sent. */
export interface SignedCall {
  readonly hash: Hex;
  readonly nonce: number;
  readonly raw: Hex;
}

/** What is used of a receipt. */
export interface Receipt {
  readonly transactionHash: Hex;
  readonly blockNumber: number;
  readonly succeeded: boolean;
  readonly gasUsed: bigint;
  readonly contractAddress: Address | undefined;
}

/** The transactions of one key on one chain. No other process may use the key at the same time. */
export interface Sender {
  readonly address: Address;
  /**
   * Signs with the next nonce and sends. One at a time, in the order asked, from `gasLimitOf` to the node's answer.
   * `onSigned` is awaited before anything leaves.
   */
  send(
    call: EncodedCall,
    gasLimitOf: () => Promise<bigint>,
    onSigned?: (signed: SignedCall) => Promise<void> | void,
  ): Promise<SignedCall>;
  /**
   * Waits until a block includes the transaction, sending the same bytes again where the node may have lost them.
   * `superseded`: another transaction has its nonce, so that it never can be included.
   */
  settle(method: string, signed: SignedCall): Promise<Receipt | "superseded">;
  /** Waits until no transaction of the key waits for a block: what an earlier process sent is then in the past. */
  quiesce(limitMs: Millis): Promise<void>;
}

export interface SenderOptions {
  readonly rpc: PatientRpc;
  readonly clock: Clock;
  readonly key: Hex;
  readonly chainId: bigint;
  readonly gasPriceWei: bigint;
  readonly pollMs: Millis;
  /** How long to wait for a block that includes a transaction. */
  readonly inclusionMs: Millis;
}

/** How long a transaction may be unseen before it is sent again. */
const resendMs: Millis = 2_000;

export function createSender(options: SenderOptions): Sender {
  const { rpc, clock, chainId, gasPriceWei, pollMs, inclusionMs } = options;
  const key = hexToBytes(options.key);
  const address = privateKeyToAddress(key);
  let nextNonce: number | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  const count = async (tag: "pending" | "latest"): Promise<number> =>
    Number(parseQuantity(await rpc.call("eth_getTransactionCount", [address, tag])) ?? 0n);

  function sign({ to, value, data }: EncodedCall, gasLimit: bigint, nonce: number): SignedCall {
    const raw = signTransaction(
      {
        type: 0,
        chainId,
        nonce: BigInt(nonce),
        gasLimit,
        maxFeePerGas: gasPriceWei,
        maxPriorityFeePerGas: gasPriceWei,
        to,
        value,
        data: hexToBytes(data),
        accessList: [],
      },
      key,
    );
    return { hash: bytesToHex(keccak256(raw)), nonce, raw: bytesToHex(raw) };
  }

  /** `undefined` when the node has it, else why not. */
  async function submit(raw: Hex): Promise<{ readonly kind: string; readonly reason: string } | undefined> {
    try {
      await rpc.call("eth_sendRawTransaction", [raw]);
      return undefined;
    } catch (error) {
      const refusal = rpcErrorOf(error);
      if (refusal === undefined) throw error;
      const kind = classifyRefusal(refusal);
      return kind === "known" ? undefined : { kind, reason: refusal.message };
    }
  }

  async function sendNext(
    call: EncodedCall,
    gasLimitOf: () => Promise<bigint>,
    onSigned: ((signed: SignedCall) => Promise<void> | void) | undefined,
  ): Promise<SignedCall> {
    const gasLimit = await gasLimitOf();
    const giveUpAt = clock.now() + inclusionMs;
    for (;;) {
      const nonce = nextNonce ?? (await count("pending"));
      const signed = sign(call, gasLimit, nonce);
      // Whatever happens from here on, the node is asked again, unless it takes the transaction.
      nextNonce = undefined;
      await onSigned?.(signed);
      let refusal = await submit(signed.raw);
      while (refusal?.kind === "busy" && clock.now() < giveUpAt) {
        await sleep(pollMs, clock);
        refusal = await submit(signed.raw);
      }
      // A sending whose answer was lost may have used the nonce up.
      if (refusal === undefined || (refusal.kind === "stale" && (await receiptOf(signed)) !== undefined)) {
        nextNonce = nonce + 1;
        return signed;
      }
      if (refusal.kind === "unfunded") throw insufficientFunds(call.method);
      if (refusal.kind !== "stale" || clock.now() >= giveUpAt)
        throw transactionRefused(call.method, refusal.reason);
      await awaitNonceAfter(nonce);
    }
  }

  /** The nonce is used up, or taken by a transaction of an earlier process that waits behind a gap or for a block. */
  async function awaitNonceAfter(nonce: number): Promise<void> {
    const pending = await count("pending");
    if (pending <= nonce) await sleep(pollMs, clock);
    else nextNonce = pending;
  }

  async function receiptOf({ hash }: SignedCall): Promise<Receipt | undefined> {
    const receipt = await rpc.call("eth_getTransactionReceipt", [hash]);
    return receipt === null ? undefined : toReceipt(receipt as RawReceipt);
  }

  async function settle(method: string, signed: SignedCall): Promise<Receipt | "superseded"> {
    const giveUpAt = clock.now() + inclusionMs;
    for (let lookAt = clock.now(); ; await sleep(pollMs, clock)) {
      const receipt = await receiptOf(signed);
      if (receipt !== undefined) return receipt;
      if (clock.now() > giveUpAt) throw notIncluded(method, signed.hash, inclusionMs);
      if (clock.now() < lookAt) continue;
      lookAt = clock.now() + resendMs;
      // Asked in this order: with the nonce used up, a receipt that is not there now never will be.
      if ((await count("latest")) > signed.nonce) return (await receiptOf(signed)) ?? "superseded";
      await submit(signed.raw);
    }
  }

  return {
    address,
    send(call, gasLimitOf, onSigned) {
      const sent = queue.then(() => sendNext(call, gasLimitOf, onSigned));
      queue = sent.catch(() => {});
      return sent;
    },
    settle,
    async quiesce(limitMs) {
      const giveUpAt = clock.now() + limitMs;
      while ((await count("pending")) > (await count("latest")) && clock.now() < giveUpAt) {
        await sleep(pollMs, clock);
      }
    },
  };
}

interface RawReceipt {
  readonly transactionHash: Hex;
  readonly blockNumber: string;
  readonly status: string;
  readonly gasUsed: string;
  readonly contractAddress: string | null;
}

function toReceipt(receipt: RawReceipt): Receipt {
  return {
    transactionHash: receipt.transactionHash,
    blockNumber: Number(parseQuantity(receipt.blockNumber)),
    succeeded: receipt.status === "0x1",
    gasUsed: parseQuantity(receipt.gasUsed) ?? 0n,
    contractAddress: receipt.contractAddress?.toLowerCase() as Address | undefined,
  };
}
