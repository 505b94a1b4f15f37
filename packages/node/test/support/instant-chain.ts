import { hexToBytes, systemClock, utf8 } from "@sheaf/base";
import {
  encodeBlock,
  type Genesis,
  genesisHash,
  type Header,
  headerHash,
  keccak256,
  type NodeConfig,
  secp256k1,
  signatureToBytes,
  transactionsDigest,
} from "@sheaf/protocol";
import { Registry } from "prom-client";
import { certificateToBytes } from "../../src/commit-certificate.ts";
import { createEvmExecutor } from "../../src/execution/evm-executor.ts";
import { createMempool } from "../../src/mempool/mempool.ts";
import type { ChainStore, Mempool, NodeStatus, StoredBlock } from "../../src/ports.ts";
import { createRpcServer, type RpcServer } from "../../src/rpc/server.ts";
import { createMemoryChainStore } from "../../src/store/open-chain-store.ts";
import { testAccount } from "./genesis.ts";

export interface InstantChain {
  readonly genesis: Genesis;
  readonly url: string;
  readonly webSocketUrl: string;
  readonly store: ChainStore;
  readonly mempool: Mempool;
  readonly server: RpcServer;
  /** What the RPC raised that is no answer: a test that leaves something here has found a defect. */
  readonly defects: unknown[];
  readonly status: { -readonly [Key in keyof NodeStatus]: NodeStatus[Key] };
  /** Puts what is pooled into a block. */
  mine(): Promise<StoredBlock>;
  close(): Promise<void>;
}

export interface InstantChainOptions {
  readonly genesis: Genesis;
  /** Makes a block as soon as something is executable. */
  readonly automatic?: boolean;
  readonly rpc?: Partial<NodeConfig["rpc"]>;
}

const RPC: NodeConfig["rpc"] = {
  host: "127.0.0.1",
  port: 0,
  maxBodyBytes: 5 * 1024 * 1024,
  maxBatch: 1_000,
  maxLogBlocks: 10_000,
  maxLogs: 10_000,
  maxConnections: 1_000,
};

const validator = testAccount("validator");

/** A chain of one validator without consensus: pool, executor, store and RPC as in a real one, sealed by the one key. */
export async function startInstantChain(options: InstantChainOptions): Promise<InstantChain> {
  const { genesis } = options;
  const store = createMemoryChainStore(genesis);
  const executor = createEvmExecutor({ state: store.state, genesis });
  const config = {
    maxTransactions: 10_000,
    maxBytes: 67_108_864,
    maxPerSender: 1_000,
    replacementPercent: 10,
  };
  const mempool = createMempool({ genesis, config, state: store.state, executor });
  const commitTimes: NodeStatus["commitTimes"][number][] = [];
  const status = {
    get consensus() {
      return { height: store.head.block.header.number + 1, round: 0 };
    },
    syncing: false,
    peers: [] as NodeStatus["peers"],
    commitTimes,
  };
  const defects: unknown[] = [];
  const server = await createRpcServer({
    genesis,
    validator: validator.address,
    version: "0.0.0-test",
    durability: "process",
    store,
    executor,
    mempool,
    status,
    clock: systemClock,
    config: { ...RPC, ...options.rpc },
    registry: new Registry(),
    onDefect: (error) => defects.push(error),
  });

  async function mineNext(): Promise<StoredBlock> {
    const { limits } = genesis;
    const parent = store.head;
    const selected = mempool.select({
      transactions: limits.transactionsPerBlock,
      gas: BigInt(limits.gasPerBlock),
      bytes: limits.blockBytes,
    });
    const header: Header = {
      number: parent.block.header.number + 1,
      parentHash: parent.block.hash,
      timestampMs: Math.max(Date.now(), parent.block.header.timestampMs + 1),
      proposer: validator.address,
      transactionsDigest: transactionsDigest(selected.map(({ transaction }) => transaction.hash)),
      transactionCount: selected.length,
      parentResult: parent.result,
    };
    const hash = headerHash(header);
    const transactions = selected.map(({ transaction }) => transaction.raw);
    const decidedAtMs = Date.now();
    const context = { ...header, blockHash: (number: number) => store.block(number)?.block.hash };
    const executed = await executor.execute(context, selected, parent.result);
    const stored: StoredBlock = {
      block: { header, hash, transactions },
      certificate: certificateToBytes({ round: 0, seals: [seal(genesis, header.number, hash)] }),
      result: executed.result,
      sizeBytes: encodeBlock({ header, transactions }).length,
    };
    await store.commit(stored, selected, executed);
    mempool.onCommitted(selected);
    commitTimes.push({ number: header.number, hash, decidedAtMs, availableAtMs: Date.now() });
    server.onHead(stored);
    return stored;
  }

  let mining: Promise<unknown> = Promise.resolve();
  function mine(): Promise<StoredBlock> {
    const next = mining.then(mineNext);
    mining = next.catch((error: unknown) => defects.push(error));
    return next;
  }

  let closed = false;
  async function mineAll(): Promise<void> {
    while (!closed && mempool.size.pending > 0) await mine();
  }
  if (options.automatic === true) {
    mempool.onReady(() => void setImmediate(() => void mineAll()));
  }

  return {
    genesis,
    url: `http://127.0.0.1:${server.port}`,
    webSocketUrl: `ws://127.0.0.1:${server.port}`,
    store,
    mempool,
    server,
    defects,
    status,
    mine,
    async close() {
      closed = true;
      await mining;
      await server.close();
      await store.close();
    },
  };
}

/** The validator's commit seal of a block in round 0 [CODEC.3]. */
function seal(genesis: Genesis, height: number, hash: `0x${string}`): Uint8Array {
  const domain = utf8("sheaf/qbft/1");
  const statement = new Uint8Array(domain.length + 1 + 32 + 56);
  statement.set(domain);
  statement[domain.length] = 0x14;
  statement.set(genesisHash(genesis), domain.length + 1);
  new DataView(statement.buffer).setUint32(domain.length + 1 + 32 + 4, height);
  statement.set(hexToBytes(hash), domain.length + 1 + 32 + 16);
  return signatureToBytes(secp256k1.sign(keccak256(statement), validator.key));
}

/** One JSON-RPC call as any HTTP client makes it: the parsed response. */
export async function post(url: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? undefined : (JSON.parse(text) as unknown) };
}

/** The result of one call; the test fails on an error. */
export async function ask(url: string, method: string, ...params: unknown[]): Promise<unknown> {
  const { body } = await post(url, { jsonrpc: "2.0", id: 1, method, params });
  const { result, error } = body as { result?: unknown; error?: unknown };
  if (error !== undefined) throw new RpcFailure(method, error);
  return result;
}

/** The error of one call; the test fails when there is none. */
export async function askError(url: string, method: string, ...params: unknown[]) {
  const { body } = await post(url, { jsonrpc: "2.0", id: 1, method, params });
  const { error } = body as { error?: { code: number; message: string; data?: unknown } };
  if (error === undefined) throw new RpcFailure(method, "answered without an error");
  return error;
}

class RpcFailure extends Error {
  constructor(method: string, error: unknown) {
    super(`${method}: ${JSON.stringify(error)}`);
  }
}
