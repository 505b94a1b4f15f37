import assert from "node:assert/strict";
import { bytesToHex, createRandom, type Hex } from "@sheaf/base";
import { type Address, type Genesis, genesisHash } from "@sheaf/protocol";
import type { Account, ChainStore, ExecutedBlock, LogFilter, StoredBlock } from "../ports.ts";
import { EMPTY_CODE_HASH } from "../state/account.ts";
import { genesisBlock, genesisChanges } from "../state/genesis-state.ts";
import { stateDigest } from "../state/state-digest.ts";
import {
  ADDRESSES,
  addBlocks,
  address,
  type RandomBlock,
  randomBlock,
  storeGenesis,
  TOPICS,
} from "./suite/random-blocks.ts";

/** A store under test. */
export interface StoreUnderTest {
  readonly store: ChainStore;
  /** Closes it and opens it again; `undefined` where nothing outlives the process. */
  readonly reopen: (() => Promise<ChainStore>) | undefined;
}

export type OpenStore = (genesis: Genesis) => Promise<StoreUnderTest>;

/** A test: `check` raises an assertion error when the store fails it. */
export interface StoreCase {
  readonly title: string;
  readonly check: (open: OpenStore) => Promise<void>;
}

/** Asserts that a store holds these blocks, all of each, with their state, and no more [STATE.11]. */
export function assertHolds(store: ChainStore, genesis: Genesis, blocks: readonly RandomBlock[]): void {
  const accounts = new Map<Address, Account | undefined>();
  const slots = new Map<string, Uint8Array | undefined>();
  const remember = ({ accounts: changed, storage, code }: ExecutedBlock["changes"]): void => {
    for (const [of, account] of changed) accounts.set(of, account);
    for (const [of, slot, value] of storage) slots.set(of + slot, value);
    for (const [hash, bytes] of code) assert.deepEqual(new Uint8Array(store.state.code(hash)), bytes);
  };
  remember(genesisChanges(genesis));
  let digest = genesisBlock(genesis).result.stateDigest;
  assert.equal(store.head.block.header.number, blocks.length);
  assert.equal(store.block(blocks.length + 1), undefined);
  blocks.forEach(({ stored, transactions, executed }, index) => {
    const number = index + 1;
    assert.deepEqual(readable(store.block(number)), readable(stored));
    assert.equal(store.blockHash(number), stored.block.hash);
    assert.equal(store.blockNumber(stored.block.hash), number);
    assert.deepEqual(store.receipts(number), executed.receipts);
    transactions.forEach(({ transaction }, at) => {
      assert.deepEqual(store.location(transaction.hash), { blockNumber: number, index: at });
    });
    remember(executed.changes);
    digest = stateDigest(digest, executed.changes);
    assert.equal(store.block(number)?.result.stateDigest, digest);
  });
  const missing: Account = { nonce: 0n, balance: 0n, codeHash: EMPTY_CODE_HASH };
  for (const of of ADDRESSES) {
    assert.deepEqual(store.state.account(of), accounts.get(of) ?? missing);
    for (const slot of TOPICS) {
      assert.deepEqual(
        new Uint8Array(store.state.storage(of, slot)),
        slots.get(of + slot) ?? new Uint8Array(32),
      );
    }
  }
}

/** Bytes as hex: a `Buffer` and a `Uint8Array` of equal content compare equal. */
function readable(stored: StoredBlock | undefined): unknown {
  if (stored === undefined) return undefined;
  const { block, certificate, result, sizeBytes } = stored;
  return {
    ...block,
    transactions: block.transactions.map(bytesToHex),
    certificate: bytesToHex(certificate),
    result,
    sizeBytes,
  };
}

const everything: LogFilter = { fromBlock: 0, toBlock: 1_000, addresses: [], topics: [], limit: 10_000 };

/** What every chain store must pass. */
export const chainStoreSuite: readonly StoreCase[] = [
  {
    title: "a new store holds genesis [STATE.1] [STATE.2] [STATE.3]",
    async check(open) {
      const genesis = storeGenesis();
      const { store } = await open(genesis);
      assert.equal(store.head.block.hash, bytesToHex(genesisHash(genesis)));
      assert.equal(store.blockNumber(store.head.block.hash), 0);
      assert.deepEqual(store.head.result, genesisBlock(genesis).result);
      const [first] = await addBlocks(store, 1, "genesis");
      assert.deepEqual(first?.stored.block.header.parentResult, genesisBlock(genesis).result);
      const other = await open({ ...genesis, alloc: {} });
      assert.notEqual(other.store.head.result.stateDigest, genesisBlock(genesis).result.stateDigest);
      assert.equal(other.store.state.account(address(0)).balance, 0n);
    },
  },
  {
    title: "what is committed is there at once, and after opening again [STATE.11]",
    async check(open) {
      const genesis = storeGenesis();
      const { store, reopen } = await open(genesis);
      const blocks = await addBlocks(store, 30, "commit");
      assertHolds(store, genesis, blocks);
      if (reopen === undefined) return;
      const again = await reopen();
      assertHolds(again, genesis, blocks);
      blocks.push(...(await addBlocks(again, 3, "more")));
      assertHolds(again, genesis, blocks);
    },
  },
  {
    title: "the weights that a block brings are kept with it, those of every epoch [EPOCH.3] [STATE.11]",
    async check(open) {
      const { store, reopen } = await open(storeGenesis());
      const weights = [
        [0, 1, 2 ** 48 - 1],
        [5, 0, 0],
      ] as const;
      for (const of of weights) {
        const { stored, transactions, executed } = randomBlock(store, "weights");
        await store.commit(stored, transactions, { ...executed, next: { weights: of, fallback: undefined } });
        await addBlocks(store, 1, "weights");
      }
      const kept = (from: ChainStore): unknown =>
        [0, 1, 2, 3, 4, 5].map((number) => from.weightsAfter(number));
      const expected = [undefined, weights[0], undefined, weights[1], undefined, undefined];
      assert.deepEqual(kept(store), expected);
      if (reopen !== undefined) assert.deepEqual(kept(await reopen()), expected);
    },
  },
  {
    title: "the state's version rises with every commit",
    async check(open) {
      const { store } = await open(storeGenesis());
      const before = store.state.version;
      await addBlocks(store, 2, "version");
      assert.equal(store.state.version, before + 2);
    },
  },
  {
    title: "a block that does not follow the head is refused, and nothing changes",
    async check(open) {
      const genesis = storeGenesis();
      const { store } = await open(genesis);
      const blocks = await addBlocks(store, 2, "order");
      const { stored, transactions, executed } = blocks[1] as RandomBlock;
      await assert.rejects(store.commit(stored, transactions, executed), {
        detail: { code: "INVARIANT", what: "a block is committed out of order" },
      });
      assertHolds(store, genesis, blocks);
    },
  },
  {
    title: "logs are found by block, address and topics, as a search through all receipts finds them",
    async check(open) {
      const { store } = await open(storeGenesis());
      const blocks = await addBlocks(store, 40, "logs");
      const random = createRandom("filters");
      for (let left = 200; left > 0; left--) {
        const some = <T>(items: readonly T[]): T[] =>
          Array.from({ length: random.int(3) + 1 }, () => random.pick(items));
        const filter: LogFilter = {
          fromBlock: random.int(20),
          toBlock: 10 + random.int(40),
          addresses: random.chance(0.5) ? [] : some([...ADDRESSES, address(99)]),
          topics: Array.from({ length: random.int(4) }, () =>
            random.chance(0.4) ? undefined : some(TOPICS),
          ),
          limit: 1_000,
        };
        assert.deepEqual(store.logs(filter), searchAll(blocks, filter));
      }
    },
  },
  {
    title: "a search that finds more than its limit says so",
    async check(open) {
      const { store } = await open(storeGenesis());
      await addBlocks(store, 10, "limit");
      const all = store.logs(everything);
      assert.ok(all !== "too-many" && all.length > 10);
      assert.deepEqual(store.logs({ ...everything, limit: all.length }), all);
      assert.equal(store.logs({ ...everything, limit: all.length - 1 }), "too-many");
    },
  },
  {
    title: "the consensus record is the one saved last",
    async check(open) {
      const { store, reopen } = await open(storeGenesis());
      assert.equal(store.consensusRecord, undefined);
      const record = Uint8Array.of(1, 2);
      store.saveConsensusRecord(record);
      record[0] = 9;
      assert.deepEqual(new Uint8Array(store.consensusRecord ?? []), Uint8Array.of(1, 2));
      store.saveConsensusRecord(new Uint8Array(5_000).fill(3));
      const last = reopen === undefined ? store : await reopen();
      assert.deepEqual(new Uint8Array(last.consensusRecord ?? []), new Uint8Array(5_000).fill(3));
    },
  },
  {
    title: "what is not there is undefined",
    async check(open) {
      const { store } = await open(storeGenesis());
      const nowhere = TOPICS[5] as Hex;
      assert.equal(store.block(1), undefined);
      assert.equal(store.block(-1), undefined);
      assert.equal(store.block(2 ** 40), undefined);
      assert.equal(store.receipts(7), undefined);
      assert.equal(store.blockNumber(nowhere), undefined);
      assert.equal(store.location(nowhere), undefined);
      assert.deepEqual(store.receipts(0), []);
    },
  },
];

function searchAll(blocks: readonly RandomBlock[], filter: LogFilter): unknown[] {
  const found: unknown[] = [];
  for (const { stored, executed } of blocks) {
    const { number } = stored.block.header;
    let logIndex = 0;
    for (const [transactionIndex, { logs, transactionHash }] of executed.receipts.entries()) {
      for (const log of logs) {
        const matches =
          number >= filter.fromBlock &&
          number <= filter.toBlock &&
          (filter.addresses.length === 0 || filter.addresses.some((of) => of === log.address)) &&
          filter.topics.every((wanted, at) =>
            at >= log.topics.length
              ? false
              : wanted === undefined || wanted.some((topic) => topic === log.topics[at]),
          );
        if (matches) {
          const blockHash = stored.block.hash;
          found.push({ log, blockNumber: number, blockHash, transactionHash, transactionIndex, logIndex });
        }
        logIndex += 1;
      }
    }
  }
  return found;
}
