import { bytesToHex } from "@sheaf/base";
import { createRpcClient, subscribe } from "@sheaf/protocol";
import { afterAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { signedTransfer } from "../support/accounts.ts";
import { CONTRACT_CODE, CONTRACTS } from "../support/contracts.ts";
import { testAccount, testGenesis } from "../support/genesis.ts";
import { ask, startInstantChain } from "../support/instant-chain.ts";

const alice = testAccount("alice");
const chain = await startInstantChain({
  genesis: testGenesis({ balances: { [alice.address]: 10n ** 20n }, code: CONTRACT_CODE }),
});
afterAll(async () => {
  await chain.close();
  expect(chain.defects).toEqual([]);
});

/** Items that a subscription gives, each asked for in turn. */
async function follow(...params: unknown[]) {
  const items: unknown[] = [];
  let wake = (): void => {};
  const subscription = await subscribe(chain.webSocketUrl, params, {
    onItem(item) {
      items.push(item);
      wake();
    },
    onClose() {},
  });
  return {
    close: () => subscription.close(),
    async next(): Promise<unknown> {
      while (items.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return items.shift();
    },
    items,
  };
}

let nonce = 0n;
const logging = (value: number) =>
  signedTransfer(alice, {
    nonce: nonce++,
    to: CONTRACTS.logger.address,
    data: Buffer.from(value.toString(16).padStart(64, "0").padEnd(128, "0"), "hex"),
    gasLimit: 60_000n,
  });

test("heads come in order, each when its block can be read [RPC.16]", async () => {
  const heads = await follow("newHeads");
  for (let block = 0; block < 3; block++) {
    const { block: mined } = await chain.mine();
    const head = (await heads.next()) as Record<string, unknown>;
    expect(head["hash"]).toBe(mined.hash);
    expect(head).not.toHaveProperty("transactions");
    expect(await ask(chain.url, "eth_getBlockByHash", mined.hash, false)).toMatchObject(head);
  }
  heads.close();
});

test("logs come as they are asked for [RPC.16]", async () => {
  const all = await follow("logs", { address: CONTRACTS.logger.address });
  const some = await follow("logs", { topics: [null, `0x${"7".padStart(64, "0")}`] });
  chain.mempool.add([logging(1), logging(7)]);
  const { block } = await chain.mine();
  const found = (await ask(chain.url, "eth_getLogs", { blockHash: block.hash })) as unknown[];
  expect([await all.next(), await all.next()]).toEqual(found);
  expect(await some.next()).toEqual(found[1]);
  expect(some.items).toEqual([]);
  all.close();
  some.close();
});

test("pooled transactions come as hashes or in full [RPC.16]", async () => {
  const hashes = await follow("newPendingTransactions");
  const full = await follow("newPendingTransactions", true);
  const hash = await ask(chain.url, "eth_sendRawTransaction", bytesToHex(logging(3)));
  expect(await hashes.next()).toBe(hash);
  expect(await full.next()).toEqual(await ask(chain.url, "eth_getTransactionByHash", hash));
  hashes.close();
  full.close();
});

test("one connection calls, batches, subscribes and unsubscribes [RPC.16]", async () => {
  const socket = new WebSocket(chain.webSocketUrl);
  const received: unknown[] = [];
  const waiting: ((value: unknown) => void)[] = [];
  socket.on("message", (data: Buffer) => {
    const message: unknown = JSON.parse(data.toString());
    const waiter = waiting.shift();
    if (waiter === undefined) received.push(message);
    else waiter(message);
  });
  const next = (): Promise<unknown> =>
    received.length > 0 ? Promise.resolve(received.shift()) : new Promise((resolve) => waiting.push(resolve));
  const call = (id: number, method: string, ...params: unknown[]): Promise<unknown> => {
    socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    return next();
  };
  await new Promise((resolve) => socket.on("open", resolve));
  const { result: id } = (await call(1, "eth_subscribe", "newHeads")) as { result: string };
  const { block } = await chain.mine();
  expect(await next()).toMatchObject({
    method: "eth_subscription",
    params: { subscription: id, result: { hash: block.hash } },
  });
  expect(await call(2, "eth_unsubscribe", id)).toEqual({ jsonrpc: "2.0", id: 2, result: true });
  expect(await call(3, "eth_unsubscribe", id)).toMatchObject({
    error: { message: "subscription not found" },
  });
  await chain.mine();
  expect(await call(4, "eth_subscribe", "weather")).toMatchObject({ error: { code: -32601 } });
  expect(await call(5, "eth_subscribe", "logs", { topics: 3 })).toMatchObject({ error: { code: -32602 } });
  socket.send("{");
  expect(await next()).toMatchObject({ error: { code: -32700 } });
  socket.send(JSON.stringify([1, 2].map((each) => ({ jsonrpc: "2.0", id: each, method: "eth_chainId" }))));
  expect(await next()).toHaveLength(2);
  const refused: unknown[] = [];
  for (let index = 0; index < 101; index++) refused.push(await call(index, "eth_subscribe", "newHeads"));
  expect(refused.at(99)).toHaveProperty("result");
  expect(refused.at(100)).toMatchObject({ error: { code: -32005 } });
  socket.terminate();
});

test("a message above the limit ends the connection, and only that one [RPC.13]", async () => {
  const socket = new WebSocket(chain.webSocketUrl);
  await new Promise((resolve) => socket.on("open", resolve));
  socket.on("error", () => {});
  const closed = new Promise<number>((resolve) => socket.on("close", resolve));
  socket.send(" ".repeat(6 * 1024 * 1024));
  expect([1006, 1009]).toContain(await closed);
  expect(await ask(chain.url, "eth_chainId")).toBe("0x539");
});

test("a batch of transactions is answered in order by the project's own client [RPC.17]", async () => {
  const client = createRpcClient(chain.url);
  const bob = testAccount("unfunded");
  const raw = Array.from({ length: 150 }, () => logging(1));
  raw.splice(70, 0, signedTransfer(bob, { value: 1n }));
  const outcomes = await client.sendRawBatch(raw.map(bytesToHex));
  expect(outcomes.map(({ ok }) => ok)).toEqual(raw.map((_, index) => index !== 70));
  const hashes = outcomes.flatMap((each) => (each.ok ? [String(each.result).slice(2)] : []));
  const { block } = await chain.mine();
  const { transactionHashes } = (await client.call("sheaf_getBlockOutcomes", [
    `0x${block.header.number.toString(16)}`,
  ])) as { transactionHashes: string };
  expect(transactionHashes.endsWith(hashes.join(""))).toBe(true);
  client.close();
});
