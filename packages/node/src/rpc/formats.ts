import { bytesToHex, type Hex } from "@sheaf/base";
import { type Genesis, type Transaction, toQuantity } from "@sheaf/protocol";
import type { FoundLog, Receipt, SenderTransaction } from "../ports.ts";
import { logsBloom } from "./bloom.ts";
import type { BlockView } from "./chain-view.ts";

/** Hash of the empty list of uncles. */
const NO_UNCLES = "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347";

/** The header fields that Ethereum clients know, as `newHeads` gives them [RPC.4]. */
export function headerToJson({ stored, bloom }: BlockView, genesis: Genesis) {
  const { header, hash } = stored.block;
  return {
    number: toQuantity(header.number),
    hash,
    parentHash: header.parentHash,
    nonce: "0x0000000000000000",
    mixHash: header.parentHash,
    sha3Uncles: NO_UNCLES,
    logsBloom: bloom,
    transactionsRoot: header.transactionsDigest,
    stateRoot: stored.result.stateDigest,
    receiptsRoot: stored.result.receiptsDigest,
    miner: header.proposer,
    difficulty: "0x0",
    extraData: "0x",
    gasLimit: toQuantity(genesis.limits.gasPerBlock),
    gasUsed: toQuantity(stored.result.gasUsed),
    timestamp: toQuantity(Math.floor(header.timestampMs / 1_000)),
    timestampMs: toQuantity(header.timestampMs),
    baseFeePerGas: toQuantity(BigInt(genesis.baseFeePerGasWei)),
  };
}

/** A block with its transactions, or their hashes. */
export function blockToJson(view: BlockView, genesis: Genesis, full: boolean) {
  return {
    ...headerToJson(view, genesis),
    totalDifficulty: "0x0",
    size: toQuantity(view.stored.sizeBytes),
    uncles: [],
    transactions: full
      ? view.receipts.map((_, index) => minedToJson(view, index))
      : view.receipts.map(({ transactionHash }) => transactionHash),
  };
}

/** A transaction of a block. Its index must be below their number. */
export function minedToJson(view: BlockView, index: number) {
  const receipt = view.receipts[index] as Receipt;
  return {
    ...transactionToJson(view.transactions[index] as Transaction, receipt.sender, receipt.effectiveGasPrice),
    blockHash: view.hash,
    blockNumber: toQuantity(view.number),
    transactionIndex: toQuantity(index),
  };
}

/** A transaction that waits in the pool. */
export function pooledToJson({ transaction, sender }: SenderTransaction) {
  return {
    ...transactionToJson(transaction, sender, transaction.maxFeePerGas),
    blockHash: null,
    blockNumber: null,
    transactionIndex: null,
  };
}

function transactionToJson(transaction: Transaction, from: Hex, gasPrice: bigint) {
  const { type, chainId, signature } = transaction;
  const parity = BigInt(signature.yParity);
  const v = type === 0 ? (chainId === undefined ? 27n : 35n + 2n * chainId) + parity : parity;
  const compact = bytesToHex(signature.compact).slice(2);
  return {
    type: toQuantity(type),
    hash: transaction.hash,
    from,
    to: transaction.to ?? null,
    nonce: toQuantity(transaction.nonce),
    gas: toQuantity(transaction.gasLimit),
    gasPrice: toQuantity(gasPrice),
    ...(type === 2 && {
      maxFeePerGas: toQuantity(transaction.maxFeePerGas),
      maxPriorityFeePerGas: toQuantity(transaction.maxPriorityFeePerGas),
    }),
    value: toQuantity(transaction.value),
    input: bytesToHex(transaction.data),
    ...(type > 0 && { accessList: transaction.accessList, yParity: toQuantity(parity) }),
    ...(chainId !== undefined && { chainId: toQuantity(chainId) }),
    v: toQuantity(v),
    r: toQuantity(BigInt(`0x${compact.slice(0, 64)}`)),
    s: toQuantity(BigInt(`0x${compact.slice(64)}`)),
  };
}

/** A receipt. Its index must be below the block's number of transactions. */
export function receiptToJson(view: BlockView, index: number) {
  const receipt = view.receipts[index] as Receipt;
  const firstLog = view.firstLogIndex[index] as number;
  return {
    transactionHash: receipt.transactionHash,
    transactionIndex: toQuantity(index),
    blockHash: view.hash,
    blockNumber: toQuantity(view.number),
    from: receipt.sender,
    to: receipt.to ?? null,
    contractAddress: receipt.contractAddress ?? null,
    cumulativeGasUsed: toQuantity(receipt.cumulativeGasUsed),
    gasUsed: toQuantity(receipt.gasUsed),
    effectiveGasPrice: toQuantity(receipt.effectiveGasPrice),
    logs: view.logs.slice(firstLog, firstLog + receipt.logs.length).map(logToJson),
    logsBloom: logsBloom(receipt.logs),
    type: toQuantity(receipt.type),
    status: receipt.succeeded ? "0x1" : "0x0",
  };
}

/** A log and its place. */
export function logToJson(found: FoundLog) {
  return {
    address: found.log.address,
    topics: found.log.topics,
    data: bytesToHex(found.log.data),
    blockNumber: toQuantity(found.blockNumber),
    blockHash: found.blockHash,
    transactionHash: found.transactionHash,
    transactionIndex: toQuantity(found.transactionIndex),
    logIndex: toQuantity(found.logIndex),
    removed: false,
  };
}
