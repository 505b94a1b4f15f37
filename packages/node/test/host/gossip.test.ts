import { createVirtualClock } from "@sheaf/base";
import type { WireMessage } from "@sheaf/protocol";
import { Registry } from "prom-client";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createEvmExecutor } from "../../src/execution/evm-executor.ts";
import { createGossip, type Gossip } from "../../src/host/gossip.ts";
import { createHostMetrics } from "../../src/host/host-metrics.ts";
import { createMempool } from "../../src/mempool/mempool.ts";
import type { Mempool, PeerNetwork } from "../../src/ports.ts";
import { createMemoryChainStore } from "../../src/store/open-chain-store.ts";
import { makeNetwork, type TestAccount, type TestNetwork, transfer } from "../support/make-network.ts";

let test: TestNetwork;
let clock: ReturnType<typeof createVirtualClock>;
let mempool: Mempool;
let gossip: Gossip;
let sent: { readonly atMs: number; readonly transactions: readonly Uint8Array[] }[];

beforeAll(async () => {
  test = await makeNetwork({ accounts: 3 });
});
afterAll(() => test.remove());
beforeEach(() => {
  clock = createVirtualClock();
  sent = [];
  const { genesis } = test;
  const { state } = createMemoryChainStore(genesis);
  const executor = createEvmExecutor({ state, genesis });
  mempool = createMempool({
    genesis,
    config: { maxTransactions: 100_000, maxBytes: 67_108_864, maxPerSender: 50_000, replacementPercent: 10 },
    state,
    executor,
  });
  const network: PeerNetwork = {
    peers: [],
    port: 0,
    start: async () => {},
    send: () => false,
    broadcast(message: WireMessage) {
      if (message.kind === "transactions")
        sent.push({ atMs: clock.now(), transactions: message.transactions });
    },
    disconnect: () => {},
    close: async () => {},
  };
  gossip = createGossip({ clock, mempool, network, metrics: createHostMetrics(new Registry(), () => []) });
});

const raw = (account: number, nonce: number): Uint8Array =>
  transfer(test.genesis, test.accounts[account] as TestAccount, nonce);
const sentCount = (): number => sent.reduce((sum, { transactions }) => sum + transactions.length, 0);

describe("gossip", () => {
  it("collects what is admitted here for a few milliseconds and sends it once [GOSSIP.1]", () => {
    for (let nonce = 0; nonce < 4; nonce++) {
      mempool.add([raw(0, nonce), raw(1, nonce)]);
      clock.runUntil(nonce);
    }
    expect(sent).toEqual([]);
    clock.runUntil(100);
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({ atMs: 5 });
    expect(sentCount()).toBe(8);
    mempool.add([raw(0, 0)]);
    clock.runUntil(200);
    expect(sentCount()).toBe(8);
  });

  it("cuts what it sends into frames of about 64 KiB [GOSSIP.1]", () => {
    mempool.add(Array.from({ length: 2_000 }, (_, nonce) => raw(0, nonce)));
    clock.runUntil(10);
    expect(sentCount()).toBe(2_000);
    const sizes = sent.map(({ transactions }) => transactions.reduce((sum, each) => sum + each.length, 0));
    expect(sizes.length).toBeGreaterThan(2);
    expect(Math.max(...sizes)).toBeLessThan(66 * 1024);
  });

  it("takes a peer's transactions into the pool and passes none of them on [GOSSIP.2]", () => {
    mempool.add([raw(0, 0)]);
    gossip.receive([raw(1, 0), raw(1, 1), Uint8Array.of(1)]);
    gossip.receive([raw(2, 0)]);
    clock.runUntil(100);
    expect(mempool.size.pending).toBe(4);
    expect(sent.map(({ transactions }) => transactions)).toEqual([[raw(0, 0)]]);
  });

  it("enters them in small batches, and holds a bounded number of bytes [GOSSIP.3]", () => {
    gossip.receive(Array.from({ length: 300 }, (_, nonce) => raw(0, nonce)));
    clock.runNext();
    expect(mempool.size.pending).toBe(128);
    clock.runUntil(10);
    expect(mempool.size.pending).toBe(300);
    const large = new Uint8Array(1024 * 1024 - 256);
    gossip.receive(Array.from({ length: 17 }, () => large));
    gossip.receive([raw(1, 0)]);
    clock.runUntil(20);
    expect(mempool.size.pending).toBe(300);
    gossip.receive([raw(1, 0)]);
    clock.runUntil(30);
    expect(mempool.size.pending).toBe(301);
  });

  it("drops what is too short for a transaction at once, and counts each item's overhead [GOSSIP.3]", () => {
    gossip.receive(Array.from({ length: 188_000 }, () => new Uint8Array(63)));
    expect(clock.runNext()).toBe(false);
    const offered: number[] = [];
    const { add } = mempool;
    mempool.add = (batch) => {
      offered.push(batch.length);
      return add(batch);
    };
    const fits = Math.floor((16 * 1024 * 1024) / (64 + 256));
    gossip.receive([new Uint8Array(0), ...Array.from({ length: fits + 1_000 }, () => new Uint8Array(64))]);
    gossip.receive([raw(0, 0)]);
    clock.runNext();
    gossip.receive([raw(1, 0)]);
    clock.runUntil(10);
    expect(Math.max(...offered)).toBe(128);
    expect(offered.reduce((sum, count) => sum + count)).toBe(fits + 1);
    expect(mempool.size.pending).toBe(1);
  });
});
