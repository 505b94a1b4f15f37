import { bytesToHex, createRandom, type Hex, type Random } from "@sheaf/base";
import {
  type Address,
  type Genesis,
  headerHash,
  keccak256,
  parseGenesis,
  transactionsDigest,
} from "@sheaf/protocol";
import type {
  Account,
  ChainStore,
  ExecutedBlock,
  Log,
  Receipt,
  SenderTransaction,
  StoredBlock,
} from "../../ports.ts";
import { EMPTY_CODE_HASH } from "../../state/account.ts";
import { receiptsDigest } from "../../state/receipt-encoding.ts";
import { stateDigest } from "../../state/state-digest.ts";

const hex = (random: Random, bytes: number): Hex => bytesToHex(random.bytes(bytes));
export const ADDRESSES: readonly Address[] = Array.from({ length: 20 }, (_, index) => address(index));
export const TOPICS: readonly Hex[] = Array.from(
  { length: 6 },
  (_, index): Hex => `0x${String(index).padStart(64, "0")}`,
);
const CODE = Uint8Array.of(0x5f, 0x5f, 0xf3);
const CODE_HASH = bytesToHex(keccak256(CODE));

export function address(index: number): Address {
  return `0x${(index + 1).toString(16).padStart(40, "0")}`;
}

export function storeGenesis(name = "store"): Genesis {
  const code = { nonce: 1, code: bytesToHex(CODE), storage: { [TOPICS[1] as Hex]: TOPICS[2] as Hex } };
  return parseGenesis(
    {
      schema: "sheaf.genesis/1",
      name,
      chainId: 1337,
      timestampMs: 1_700_000_000_000,
      consensus: {
        blockPeriodMs: 100,
        emptyBlockPeriodMs: 100,
        roundTimeoutMs: 100,
        roundTimeoutFactor: 2,
        maxRoundTimeoutMs: 1_000,
      },
      limits: {
        transactionsPerBlock: 1_000,
        gasPerBlock: 1e9,
        blockBytes: 1_000_000,
        transactionBytes: 100_000,
      },
      baseFeePerGasWei: "0",
      validators: [{ address: address(0), weight: 1, tlsKeyHash: TOPICS[1] }],
      authorityCertificate: "-----BEGIN CERTIFICATE-----",
      alloc: { [address(0)]: { balanceWei: "1000" }, [address(1)]: code },
    },
    "store genesis",
  );
}

/** What is committed as the next block: arbitrary, but with digests that hold. */
export interface RandomBlock {
  readonly stored: StoredBlock;
  readonly transactions: readonly SenderTransaction[];
  readonly executed: ExecutedBlock;
}

/** A random block on top of a store's head; the same for the same seed. */
export function randomBlock(store: ChainStore, seed: string, size = 5): RandomBlock {
  const { block, result: parent } = store.head;
  const number = block.header.number + 1;
  const random = createRandom(`${seed}/${number}`);
  const transactions = Array.from({ length: size }, () => randomTransaction(random));
  let cumulativeGasUsed = 0n;
  const receipts = transactions.map((transaction): Receipt => {
    const receipt = randomReceipt(random, transaction, cumulativeGasUsed);
    cumulativeGasUsed = receipt.cumulativeGasUsed;
    return receipt;
  });
  const changes = randomChanges(random, number);
  const result = {
    stateDigest: stateDigest(parent.stateDigest, changes),
    receiptsDigest: receiptsDigest(receipts),
    gasUsed: cumulativeGasUsed,
  };
  const header = {
    number,
    parentHash: block.hash,
    timestampMs: block.header.timestampMs + 1,
    proposer: random.pick(ADDRESSES),
    transactionsDigest: transactionsDigest(transactions.map(({ transaction }) => transaction.hash)),
    transactionCount: size,
    parentResult: parent,
  };
  const raw = transactions.map(({ transaction }) => transaction.raw);
  const stored = {
    block: { header, hash: headerHash(header), transactions: raw },
    certificate: random.bytes(40),
    result,
    sizeBytes: 500,
  };
  return { stored, transactions, executed: { receipts, changes, result } };
}

function randomTransaction(random: Random): SenderTransaction {
  const transaction = {
    type: 0 as const,
    chainId: 1337n,
    nonce: 0n,
    gasLimit: 0n,
    maxFeePerGas: 0n,
    maxPriorityFeePerGas: 0n,
    to: random.pick(ADDRESSES),
    value: 0n,
    data: new Uint8Array(0),
    accessList: [],
    raw: random.bytes(random.int(200) + 1),
    hash: hex(random, 32),
    signature: { compact: new Uint8Array(64), yParity: 0 as const },
  };
  return { transaction, sender: random.pick(ADDRESSES) };
}

function randomReceipt(
  random: Random,
  { transaction, sender }: SenderTransaction,
  gasBefore: bigint,
): Receipt {
  const gasUsed = BigInt(random.int(1_000_000));
  const creates = random.chance(0.2);
  return {
    transactionHash: transaction.hash,
    type: random.pick([0, 1, 2] as const),
    sender,
    to: creates ? undefined : transaction.to,
    contractAddress: creates ? random.pick(ADDRESSES) : undefined,
    succeeded: random.chance(0.8),
    gasUsed,
    cumulativeGasUsed: gasBefore + gasUsed,
    effectiveGasPrice: BigInt(random.uint32()) << BigInt(random.int(224)),
    logs: Array.from({ length: random.int(3) }, () => randomLog(random)),
  };
}

function randomLog(random: Random): Log {
  return {
    address: random.pick(ADDRESSES),
    topics: Array.from({ length: random.int(5) }, () => random.pick(TOPICS)),
    data: random.bytes(random.int(70)),
  };
}

function randomChanges(random: Random, number: number): ExecutedBlock["changes"] {
  const accounts = ADDRESSES.filter(() => random.chance(0.3)).map((of): [Address, Account | undefined] => [
    of,
    random.chance(0.2)
      ? undefined
      : {
          nonce: BigInt(number),
          balance: BigInt(random.uint32()) << 200n,
          codeHash: random.pick([EMPTY_CODE_HASH, CODE_HASH]),
        },
  ]);
  const storage = ADDRESSES.filter(() => random.chance(0.3)).map(
    (of): [Address, Hex, Uint8Array | undefined] => {
      const word = new Uint8Array(32);
      word.set(random.bytes(3), random.int(30));
      word[31] = 1;
      return [of, random.pick(TOPICS), random.chance(0.3) ? undefined : word];
    },
  );
  const code = Uint8Array.of(0x60, number & 0xff, number >> 8, 0x00);
  return { accounts, storage, code: random.chance(0.3) ? [[bytesToHex(keccak256(code)), code]] : [] };
}

/** Commits `count` random blocks. */
export async function addBlocks(store: ChainStore, count: number, seed: string): Promise<RandomBlock[]> {
  const added: RandomBlock[] = [];
  for (let left = count; left > 0; left--) {
    const next = randomBlock(store, seed);
    await store.commit(next.stored, next.transactions, next.executed);
    added.push(next);
  }
  return added;
}
