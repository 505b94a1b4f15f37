import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type FaultyProxy, startProxy } from "../../../load/test/support/faulty-proxy.ts";
import type { MarketClient } from "../../src/chain/connect-market.ts";
import type { ChainBlock, ChainEvent, MarketCall } from "../../src/chain/types.ts";
import { accountOf, type LocalMarket, startLocalMarket, terms } from "./support/local-market.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const requests = 30;
const consumer = accountOf("consumer");
const request: MarketCall = { method: "request", spec: "{}", terms, price: 1n };

let local: LocalMarket;
let proxy: FaultyProxy;
let client: MarketClient;
let writer: MarketClient;

beforeAll(async () => {
  local = await startLocalMarket();
  await local.admit("consumer", consumer);
  proxy = await startProxy(local.anvil);
  client = await local.connect(accountOf("reader"), { rpcUrl: proxy.endpoint.rpcUrl, patienceMs: 200 });
  writer = await local.connect(consumer);
});
afterAll(async () => {
  await proxy.close();
  await local.stop();
});

const jobsIn = (events: readonly ChainEvent[]): bigint[] =>
  events.flatMap(({ event, job }) => (event === "requested" ? [job] : []));

const range = (from: bigint, to: bigint): bigint[] =>
  Array.from({ length: Number(to - from) + 1 }, (_, i) => from + BigInt(i));

describe("following a market", () => {
  it("hands over every event once, in order, though the endpoint goes away, restarts, lags and cuts answers", async () => {
    const first = (await writer.read.jobCount()) + 1n;
    const seen: ChainBlock[] = [];
    const troubles: unknown[] = [];
    const following = client.follow({
      fromBlock: local.deployed.fromBlock,
      pollMs: 10,
      listener: (block) => void seen.push(block),
      onTrouble: (error) => troubles.push(error),
    });
    let calls = 0;
    proxy.disturb = () => (calls++ % 5 === 0 ? "cut-answer" : undefined);
    for (let i = 0; i < requests; i++) {
      await writer.transact(request);
      if (i === 8) proxy.kill();
      if (i === 14) await proxy.revive();
      // A node that has just restarted answers with an old head.
      if (i === 20)
        proxy.judge = ({ method }) => (method === "eth_blockNumber" ? { result: "0x1" } : undefined);
      if (i === 24) proxy.judge = () => undefined;
    }
    const last = first + BigInt(requests) - 1n;
    await expect
      .poll(() => seen.flatMap(({ events }) => jobsIn(events)).at(-1), { timeout: 20_000 })
      .toBe(last);
    await following.stop();
    expect(troubles.length).toBeGreaterThan(0);
    expect(seen.flatMap(({ events }) => jobsIn(events)).filter((job) => job >= first)).toEqual(
      range(first, last),
    );
    const numbers = seen.map(({ number }) => number);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    for (const { number, hash, timestampMs, events } of seen) {
      const block = (await local.rpc.call("eth_getBlockByNumber", [`0x${number.toString(16)}`, false])) as {
        hash: string;
        timestamp: string;
      };
      expect([hash, timestampMs]).toEqual([block.hash, Number(block.timestamp) * 1_000]);
      expect(events.every((event) => event.blockNumber === number && event.blockHash === hash)).toBe(true);
    }
  });

  it("goes on where it stopped", async () => {
    const first = (await writer.read.jobCount()) + 1n;
    const found: bigint[] = [];
    let fromBlock = local.deployed.fromBlock;
    for (let part = 0; part < 4; part++) {
      for (let i = 0; i < 3; i++) await writer.transact(request);
      const wanted = first + BigInt(3 * part + 2);
      const following = client.follow({
        fromBlock,
        pollMs: 10,
        listener(block) {
          found.push(...jobsIn(block.events));
          fromBlock = block.number + 1;
        },
      });
      await expect.poll(() => found.at(-1), { timeout: 10_000 }).toBe(wanted);
      await following.stop();
    }
    expect(found).toEqual(range(1n, first + 11n));
  });

  it("asks for less when the node finds a range too long", async () => {
    const head = Number(await local.rpc.call("eth_blockNumber", []));
    const spans: number[] = [];
    proxy.judge = ({ method, params }) => {
      if (method !== "eth_getLogs") return undefined;
      const { fromBlock, toBlock } = params[0] as { fromBlock: string; toBlock: string };
      const span = Number(toBlock) - Number(fromBlock) + 1;
      if (span > 7) return { error: { code: -32005, message: "query exceeds max block range 7" } };
      spans.push(span);
      return undefined;
    };
    const found: bigint[] = [];
    const following = client.follow({
      fromBlock: local.deployed.fromBlock,
      pollMs: 10,
      listener: (block) => void found.push(...jobsIn(block.events)),
    });
    const count = await writer.read.jobCount();
    await expect.poll(() => found.length, { timeout: 20_000 }).toBe(Number(count));
    await following.stop();
    proxy.judge = () => undefined;
    expect(found).toEqual(range(1n, count));
    expect(spans.reduce((sum, span) => sum + span, 0)).toBeGreaterThan(head - local.deployed.fromBlock);
  });

  it("ends with what its listener throws, and waits for one that is slow", async () => {
    const problem = new RangeError("no more");
    const order: string[] = [];
    const following = client.follow({
      fromBlock: local.deployed.fromBlock,
      pollMs: 10,
      async listener(block) {
        order.push(`begin ${block.number}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
        order.push(`end ${block.number}`);
        if (order.length === 8) throw problem;
      },
    });
    await expect(following.done).rejects.toBe(problem);
    await following.stop();
    expect(order).toHaveLength(8);
    order.forEach((entry, i) => {
      expect(entry).toMatch(i % 2 === 0 ? /^begin/ : /^end/);
    });
  });
});
