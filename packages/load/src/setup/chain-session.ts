import { bytesToHex, type Clock, CodedError, type Hex, hexToBytes, type Millis, sleep } from "@sheaf/base";
import {
  type Address,
  keccak256,
  parseQuantity,
  privateKeyToAddress,
  type RpcCall,
  type RpcClient,
  type RpcOutcome,
  rpcError,
  signTransaction,
} from "@sheaf/protocol";
import type { LoadErrorDetail } from "../load-options.ts";
import { classifyRefusal } from "../sending/refusal.ts";

const batchSize = 100;
const pollMs: Millis = 100;
/** What the base fee may rise by before the load is over, on chains that have one. */
const feeHeadroom = 10n;
/** Highest tip, in wei. What a node suggests follows from what was paid before, so a run would raise it for the next. */
const highestTip = 2_000_000_000n;

/** A transaction of the set-up; without `to` it deploys. */
export interface SetUpTransaction {
  readonly to?: Address;
  readonly data?: Hex;
  readonly valueWei?: bigint;
  /** Default: estimated, with a fifth to spare. */
  readonly gasLimit?: bigint;
}

/** What is used of a receipt. */
export interface SetUpReceipt {
  readonly contractAddress: Address | null;
}

/** A chain during set-up: its facts, and its funded account at work. */
export interface ChainSession {
  readonly name: string;
  readonly client: RpcClient;
  readonly chainId: number;
  /** What transactions of the run offer for gas; zero where gas is free. */
  readonly gasPriceWei: bigint;
  /** Sends all, in order of the funded account's nonces, and waits for their receipts. Raises `SET_UP_FAILED`. */
  submit(transactions: readonly SetUpTransaction[]): Promise<readonly SetUpReceipt[]>;
}

/** Asks a chain for its facts. Raises what `RpcClient` raises. */
export async function openSession(
  name: string,
  client: RpcClient,
  fundedKey: Hex,
  clock: Clock,
  signal: AbortSignal,
): Promise<ChainSession> {
  const key = hexToBytes(fundedKey);
  const funder = privateKeyToAddress(key);
  const [chainId] = await readQuantities(client, [{ method: "eth_chainId", params: [] }]);
  const gasPriceWei = await findGasPrice(client);

  async function gasLimitOf({ to, data, valueWei, gasLimit }: SetUpTransaction): Promise<bigint> {
    if (gasLimit !== undefined) return gasLimit;
    const call = {
      from: funder,
      ...(to && { to }),
      data: data ?? "0x",
      value: `0x${(valueWei ?? 0n).toString(16)}`,
    };
    const gas = parseQuantity(await client.call("eth_estimateGas", [call]));
    return ((gas ?? 0n) * 6n) / 5n;
  }

  async function submit(transactions: readonly SetUpTransaction[]): Promise<readonly SetUpReceipt[]> {
    const [firstNonce] = await readQuantities(client, [
      { method: "eth_getTransactionCount", params: [funder, "pending"] },
    ]);
    const raws: Hex[] = [];
    for (const [i, transaction] of transactions.entries()) {
      const raw = signTransaction(
        {
          type: 0,
          chainId: chainId as bigint,
          nonce: (firstNonce as bigint) + BigInt(i),
          gasLimit: await gasLimitOf(transaction),
          maxFeePerGas: gasPriceWei,
          maxPriorityFeePerGas: gasPriceWei,
          to: transaction.to,
          value: transaction.valueWei ?? 0n,
          data: hexToBytes(transaction.data ?? "0x"),
          accessList: [],
        },
        key,
      );
      raws.push(bytesToHex(raw));
    }
    for (let from = 0; from < raws.length; from += batchSize) await send(raws.slice(from, from + batchSize));
    return waitForReceipts(raws.map((raw) => bytesToHex(keccak256(hexToBytes(raw)))));
  }

  async function send(raws: readonly Hex[]): Promise<void> {
    let left = raws;
    while (left.length > 0 && !signal.aborted) {
      const outcomes = await client.sendRawBatch(left);
      const refused = outcomes.flatMap((outcome, i) =>
        outcome.ok || classifyRefusal(outcome.error) === "known" ? [] : [{ raw: left[i] as Hex, ...outcome }],
      );
      const hopeless = refused.find(({ error }) => classifyRefusal(error) !== "busy");
      if (hopeless !== undefined) throw setUpFailed(name, hopeless.error.message);
      left = refused.map(({ raw }) => raw);
      if (left.length > 0) await sleep(pollMs, clock);
    }
  }

  async function waitForReceipts(hashes: readonly Hex[]): Promise<readonly SetUpReceipt[]> {
    const receipts = new Map<Hex, SetUpReceipt>();
    while (receipts.size < hashes.length && !signal.aborted) {
      const open = hashes.filter((hash) => !receipts.has(hash)).slice(0, batchSize);
      const outcomes = await client.batch(
        open.map((hash) => ({ method: "eth_getTransactionReceipt", params: [hash] })),
      );
      outcomes.forEach((outcome, i) => {
        const receipt = resultOf(outcome, "eth_getTransactionReceipt") as
          | (SetUpReceipt & { readonly status: string })
          | null;
        if (receipt === null) return;
        if (receipt.status !== "0x1") throw setUpFailed(name, `transaction ${open[i]} reverted`);
        receipts.set(open[i] as Hex, receipt);
      });
      if (receipts.size < hashes.length) await sleep(pollMs, clock);
    }
    signal.throwIfAborted();
    return hashes.map((hash) => receipts.get(hash) as SetUpReceipt);
  }

  return { name, client, chainId: Number(chainId), gasPriceWei, submit };
}

async function findGasPrice(client: RpcClient): Promise<bigint> {
  const [suggested, head] = await client.batch([
    { method: "eth_gasPrice", params: [] },
    { method: "eth_getBlockByNumber", params: ["latest", false] },
  ]);
  const price = suggested?.ok ? (parseQuantity(suggested.result) ?? 0n) : 0n;
  const block = head?.ok ? (head.result as { readonly baseFeePerGas?: unknown } | null) : null;
  const baseFee = parseQuantity(block?.baseFeePerGas);
  if (baseFee === undefined) return price;
  return baseFee * feeHeadroom + (price < highestTip ? price : highestTip);
}

/** Reads numbers, in batches. Raises what `RpcClient` raises. */
export async function readQuantities(
  client: RpcClient,
  calls: readonly RpcCall[],
): Promise<readonly bigint[]> {
  const values: bigint[] = [];
  for (let from = 0; from < calls.length; from += batchSize) {
    const page = calls.slice(from, from + batchSize);
    const outcomes = await client.batch(page);
    outcomes.forEach((outcome, i) => {
      values.push(parseQuantity(resultOf(outcome, page[i]?.method ?? "")) ?? 0n);
    });
  }
  return values;
}

function resultOf(outcome: RpcOutcome, method: string): unknown {
  if (!outcome.ok) throw rpcError(method, outcome.error);
  return outcome.result;
}

function setUpFailed(chain: string, reason: string): CodedError<LoadErrorDetail> {
  return new CodedError(
    `${chain}: the set-up of the workload failed: ${reason}`,
    { code: "SET_UP_FAILED", chain, reason },
    { advice: "Check that the funded account can pay, and that the chain makes blocks." },
  );
}
