import { bytesToHex, type Hex, hexToBytes, invariant } from "@sheaf/base";
import { type Genesis, genesisHash } from "@sheaf/protocol";
import type { ChainStore, ExecutedBlock, Receipt, SenderTransaction, StoredBlock } from "../ports.ts";
import { genesisBlock, genesisChanges } from "../state/genesis-state.ts";
import { decodeReceipts, encodeReceipts } from "../state/receipt-encoding.ts";
import type { ByteBatch, ByteStore } from "./byte-store.ts";
import { createCachedState } from "./cached-state.ts";
import {
  decodeLocation,
  decodeNumber,
  decodeStoredBlock,
  decodeWeights,
  encodeLocation,
  encodeNumber,
  encodeStoredBlock,
  encodeWeights,
} from "./encoding.ts";
import { storeCorrupt, storeSchema, wrongChain } from "./errors.ts";
import { findLogs } from "./find-logs.ts";
import {
  blockHashKey,
  blockKey,
  GENESIS_KEY,
  HEAD_KEY,
  hashAtKey,
  logFilterKey,
  receiptsKey,
  SCHEMA_KEY,
  transactionKey,
  weightsKey,
} from "./keys.ts";
import { buildLogFilter } from "./log-filter.ts";
import { RecentBlocks } from "./recent-blocks.ts";
import type { RecordStore } from "./record-file.ts";

/** Raised by one with every change of what is written. */
const SCHEMA = 1;
/** Transactions of the blocks that are kept decoded. */
const RECENT_TRANSACTIONS = 8_192;

/**
 * A chain store over its parts. The first opening writes genesis. Raises `WRONG_CHAIN`,
 * `STORE_SCHEMA`, `STORE_CORRUPT`, `STORAGE_FAILED`.
 */
export function createChainStore(bytes: ByteStore, record: RecordStore, genesis: Genesis): ChainStore {
  prepare(bytes, genesis);
  const blocks = new RecentBlocks<StoredBlock>(RECENT_TRANSACTIONS);
  const receiptsOf = new RecentBlocks<readonly Receipt[]>(RECENT_TRANSACTIONS);
  let head = readHead(bytes);
  const state = createCachedState(bytes, head.block.header.number);

  function block(number: number): StoredBlock | undefined {
    if (number === head.block.header.number) return head;
    const known = blocks.get(number);
    if (known !== undefined) return known;
    const found = isNumber(number) ? bytes.get(blockKey(number)) : undefined;
    if (found === undefined) return undefined;
    const decoded = decodeStoredBlock(found);
    blocks.set(number, decoded, decoded.block.transactions.length + 1);
    return decoded;
  }

  function receipts(number: number): readonly Receipt[] | undefined {
    const known = receiptsOf.get(number);
    if (known !== undefined) return known;
    const found = isNumber(number) ? bytes.get(receiptsKey(number)) : undefined;
    if (found === undefined) return undefined;
    const decoded = decodeReceipts(found);
    receiptsOf.set(number, decoded, decoded.length + 1);
    return decoded;
  }

  async function commit(
    next: StoredBlock,
    transactions: readonly SenderTransaction[],
    executed: ExecutedBlock,
  ): Promise<void> {
    const { number } = next.block.header;
    invariant(number === head.block.header.number + 1, "a block is committed out of order");
    // All of a block or nothing of it [STATE.11] [EPOCH.3].
    bytes.write((batch) => {
      state.write(batch, executed.changes);
      putBlock(batch, next, executed.receipts);
      if (executed.next !== undefined) batch.put(weightsKey(number), encodeWeights(executed.next.weights));
      transactions.forEach(({ transaction }, index) => {
        batch.put(transactionKey(transaction.hash), encodeLocation({ blockNumber: number, index }));
      });
    });
    state.apply(executed.changes);
    head = next;
    blocks.set(number, next, transactions.length + 1);
    receiptsOf.set(number, executed.receipts, transactions.length + 1);
  }

  return {
    state,
    get head() {
      return head;
    },
    block,
    blockHash(number) {
      const found = isNumber(number) ? bytes.get(hashAtKey(number)) : undefined;
      return found === undefined ? undefined : bytesToHex(found);
    },
    blockNumber(hash) {
      const found = bytes.get(blockHashKey(hash));
      return found === undefined ? undefined : decodeNumber(found);
    },
    receipts,
    location(hash) {
      const found = bytes.get(transactionKey(hash));
      return found === undefined ? undefined : decodeLocation(found);
    },
    weightsAfter(number) {
      const found = isNumber(number) ? bytes.get(weightsKey(number)) : undefined;
      return found === undefined ? undefined : decodeWeights(found);
    },
    logs(filter) {
      return findLogs(filter, {
        head: head.block.header.number,
        filterOf: (number) => bytes.get(logFilterKey(number)),
        receiptsOf: (number) =>
          receiptsOf.get(number) ?? decodeReceipts(bytes.get(receiptsKey(number)) ?? NO_RECEIPTS),
        hashOf: (number) => (block(number) as StoredBlock).block.hash,
      });
    },
    commit,
    get consensusRecord() {
      return record.load();
    },
    saveConsensusRecord: (next) => record.save(next),
    async close() {
      record.close();
      await bytes.close();
    },
  };
}

const NO_RECEIPTS = encodeReceipts([]);

const isNumber = (number: number): boolean => Number.isInteger(number) && number >= 0 && number <= 0xffffffff;

function putBlock(batch: ByteBatch, stored: StoredBlock, receipts: readonly Receipt[]): void {
  const { hash, header } = stored.block;
  batch.put(blockKey(header.number), encodeStoredBlock(stored));
  batch.put(receiptsKey(header.number), encodeReceipts(receipts));
  batch.put(logFilterKey(header.number), buildLogFilter(receipts));
  batch.put(blockHashKey(hash), encodeNumber(header.number));
  batch.put(hashAtKey(header.number), hexToBytes(hash));
  batch.put(HEAD_KEY, encodeNumber(header.number));
}

/** Checks that the data is ours, and writes genesis into an empty store [STATE.1]. */
function prepare(bytes: ByteStore, genesis: Genesis): void {
  const expected = bytesToHex(genesisHash(genesis));
  if (bytes.isEmpty) {
    writeGenesis(bytes, genesis, expected);
    return;
  }
  const schema = bytes.get(SCHEMA_KEY);
  const found = bytes.get(GENESIS_KEY);
  if (schema?.length !== 4) throw storeCorrupt(bytes.at, "is no store of this program");
  const version = decodeNumber(schema);
  if (version !== SCHEMA) throw storeSchema(bytes.at, version, SCHEMA);
  if (found === undefined) throw storeCorrupt(bytes.at, "names no chain");
  if (bytesToHex(found) !== expected) throw wrongChain(bytes.at, expected, bytesToHex(found));
}

function writeGenesis(bytes: ByteStore, genesis: Genesis, hash: Hex): void {
  const changes = genesisChanges(genesis);
  bytes.write((batch) => {
    batch.put(SCHEMA_KEY, encodeNumber(SCHEMA));
    batch.put(GENESIS_KEY, hexToBytes(hash));
    createCachedState(bytes, 0).write(batch, changes);
    putBlock(batch, genesisBlock(genesis), []);
  });
}

function readHead(bytes: ByteStore): StoredBlock {
  const number = bytes.get(HEAD_KEY);
  const head = number === undefined ? undefined : bytes.get(blockKey(decodeNumber(number)));
  if (head === undefined) throw storeCorrupt(bytes.at, "has lost its newest block");
  return decodeStoredBlock(head);
}
