import { connect } from "node:net";
import { afterAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { testGenesis } from "../support/genesis.ts";
import { ask, post, startInstantChain } from "../support/instant-chain.ts";

const chain = await startInstantChain({
  genesis: testGenesis(),
  rpc: { maxBodyBytes: 10_000, maxConnections: 40 },
});
afterAll(async () => {
  await chain.close();
  expect(chain.defects).toEqual([]);
});
const { port } = new URL(chain.url);
const chainId = { jsonrpc: "2.0", id: 1, method: "eth_chainId" };

/** Sends bytes as they are; what came back until the server ended the connection. */
function exchange(...parts: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), "127.0.0.1");
    let received = "";
    socket.on("data", (data) => {
      received += data.toString();
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(received));
    for (const part of parts) socket.write(part);
  });
}

const request = (headers: string, body = "") =>
  `POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n${headers}\r\n\r\n${body}`;

test("a body above the limit is refused, announced or not [RPC.13]", async () => {
  const announced = await exchange(request("Content-Type: application/json\r\nContent-Length: 10001"));
  expect(announced).toMatch(/^HTTP\/1\.1 413 /);
  expect(announced).toContain('"code":-32600');
  const chunk = `${(6_000).toString(16)}\r\n${" ".repeat(6_000)}\r\n`;
  const streamed = await exchange(
    request("Content-Type: application/json\r\nTransfer-Encoding: chunked", chunk),
    chunk,
  );
  expect(streamed).toMatch(/^HTTP\/1\.1 413 /);
  expect((await post(chain.url, { ...chainId, params: [], padding: "x".repeat(9_000) })).status).toBe(200);
});

test("only JSON is taken, only from pages of this machine [RPC.14]", async () => {
  const headers = { "content-type": "text/plain" };
  expect((await fetch(chain.url, { method: "POST", headers, body: JSON.stringify(chainId) })).status).toBe(
    415,
  );
  const rebound = await exchange(
    `POST / HTTP/1.1\r\nHost: evil.example:${port}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
  );
  expect(rebound).toMatch(/^HTTP\/1\.1 403 /);
  expect(rebound).toContain("invalid host specified");
  const named = await fetch(`http://localhost:${port}/health`);
  expect(named.headers.get("access-control-allow-origin")).toBeNull();
  expect((await fetch(chain.url, { method: "DELETE" })).status).toBe(405);
  expect((await fetch(`${chain.url}/elsewhere`)).status).toBe(404);
});

test("a WebSocket opened by a page of elsewhere is refused [RPC.14]", async () => {
  const open = (origin: string) =>
    new Promise<string>((resolve) => {
      const socket = new WebSocket(chain.webSocketUrl, { origin });
      socket.on("open", () => {
        socket.terminate();
        resolve("open");
      });
      socket.on("error", (error) => resolve(error.message));
    });
  expect(await open("https://evil.example")).toContain("403");
  expect(await open("http://localhost:3000")).toBe("open");
});

test("connections above the limit are closed, and the others still served [RPC.13]", async () => {
  const sockets = Array.from({ length: 60 }, () => connect(Number(port), "127.0.0.1"));
  const closed = await Promise.all(
    sockets.map(
      (socket) =>
        new Promise<boolean>((resolve) => {
          socket.on("error", () => resolve(true));
          socket.on("close", () => resolve(true));
          setTimeout(() => resolve(false), 500);
        }),
    ),
  );
  expect(closed.filter(Boolean).length).toBeGreaterThanOrEqual(20);
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await ask(chain.url, "eth_chainId")).toBe("0x539");
});

test("a server that cannot listen says why", async () => {
  await expect(
    startInstantChain({ genesis: testGenesis(), rpc: { port: Number(port) } }),
  ).rejects.toMatchObject({ code: "INVALID_INPUT", message: expect.stringContaining(`port ${port}`) });
});

test("health follows the chain [RPC.15]", async () => {
  const health = async () => {
    const response = await fetch(`${chain.url}/health`);
    return { code: response.status, ...((await response.json()) as object) };
  };
  expect(await health()).toMatchObject({ code: 503, status: "starting", height: 0 });
  await chain.mine();
  expect(await health()).toMatchObject({ code: 200, status: "ok", height: 1 });
  chain.status.syncing = true;
  expect(await health()).toMatchObject({ code: 200, status: "syncing" });
  chain.status.syncing = false;
  const last = chain.status.commitTimes.at(-1) as (typeof chain.status.commitTimes)[number];
  chain.status.commitTimes = [{ ...last, availableAtMs: last.availableAtMs - 100_000 }];
  expect(await health()).toMatchObject({ code: 503, status: "stalled" });
});

test("metrics count calls and show the pool [RPC.15]", async () => {
  await ask(chain.url, "eth_chainId");
  await post(chain.url, [chainId, { jsonrpc: "2.0", id: 1, method: "made-up" }]);
  const text = await (await fetch(`${chain.url}/metrics`)).text();
  expect(text).toMatch(/sheaf_rpc_requests_total\{method="eth_chainId",outcome="ok"\} [2-9]/);
  expect(text).toContain('sheaf_rpc_requests_total{method="unknown",outcome="error"} 1');
  expect(text).not.toContain("made-up");
  expect(text).toMatch(/^sheaf_pool_pending 0$/m);
  expect(text).toMatch(/^sheaf_height 1$/m);
});
