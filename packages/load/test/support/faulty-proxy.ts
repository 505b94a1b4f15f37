import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { LoadEndpoint } from "../../src/index.ts";

/** One call of a request, as it stands in its body. */
export interface Call {
  readonly id: unknown;
  readonly method: string;
  readonly params: readonly unknown[];
}

/** What becomes of a call: an answer of the proxy's own instead of the node's, or `undefined` to pass it on. */
export type Verdict =
  | { readonly result: unknown }
  | { readonly error: { readonly code: number; readonly message: string } }
  | undefined;

/** A faulty validator: a real HTTP and WebSocket server in front of a real node. Change its fields at any time. */
export interface FaultyProxy {
  readonly endpoint: LoadEndpoint;
  /** Decides for each call. */
  judge: (call: Call) => Verdict;
  /** Decides what becomes of a whole request before it is passed on (`cut`), or after (`cut-answer`). */
  disturb: (calls: readonly Call[]) => "cut" | "cut-answer" | "stall" | undefined;
  /** Notifications of the node come late by so much. */
  headDelayMs: number;
  /** Ends all WebSockets; new ones are accepted. */
  dropSockets(): void;
  /** Refuses and ends everything, as a killed process does. */
  kill(): void;
  revive(): Promise<void>;
  close(): Promise<void>;
}

export async function startProxy(node: {
  readonly host: string;
  readonly port: number;
}): Promise<FaultyProxy> {
  const open = new Set<Duplex>();
  const sockets = new Set<Duplex>();
  const server = createServer((incoming, response) => void onRequest(incoming, response));
  server.on("connection", (socket) => track(open, socket));
  server.on("upgrade", onUpgrade);
  await listen(server, 0);
  const { port } = server.address() as AddressInfo;

  const proxy: FaultyProxy = {
    endpoint: { rpcUrl: `http://127.0.0.1:${port}`, wsUrl: `ws://127.0.0.1:${port}` },
    judge: () => undefined,
    disturb: () => undefined,
    headDelayMs: 0,
    dropSockets() {
      for (const socket of sockets) socket.destroy();
    },
    kill() {
      server.close();
      for (const socket of [...open, ...sockets]) socket.destroy();
    },
    revive: () => listen(server, port),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of [...open, ...sockets]) socket.destroy();
      }),
  };

  async function onRequest(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readAll(incoming).catch(() => "");
    if (body === "") return;
    const parsed = JSON.parse(body) as Call | readonly Call[];
    const calls = Array.isArray(parsed) ? (parsed as readonly Call[]) : [parsed as Call];
    const fate = proxy.disturb(calls);
    if (fate === "cut") {
      incoming.socket.destroy();
      return;
    }
    if (fate === "stall") return;
    const verdicts = calls.map((call) => proxy.judge(call));
    const passed = calls.filter((_, i) => verdicts[i] === undefined);
    const answered =
      passed.length === 0
        ? []
        : (JSON.parse(await forward(node, JSON.stringify(passed))) as { id: unknown }[]);
    if (fate === "cut-answer") {
      incoming.socket.destroy();
      return;
    }
    const own = calls.flatMap(({ id }, i) =>
      verdicts[i] === undefined ? [] : [{ jsonrpc: "2.0", id, ...verdicts[i] }],
    );
    const all = [...answered, ...own];
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(Array.isArray(parsed) ? all : all[0]));
  }

  function onUpgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
    const upstream: Socket = connect(node.port, node.host);
    track(sockets, socket);
    track(sockets, upstream);
    const lines = [`GET / HTTP/1.1`];
    for (let i = 0; i < incoming.rawHeaders.length; i += 2) {
      lines.push(`${incoming.rawHeaders[i]}: ${incoming.rawHeaders[i + 1]}`);
    }
    upstream.write(`${lines.join("\r\n")}\r\n\r\n`);
    upstream.write(head);
    socket.on("data", (chunk: Buffer) => upstream.write(chunk));
    upstream.on("data", (chunk: Buffer) => {
      setTimeout(() => socket.write(chunk), proxy.headDelayMs);
    });
    socket.on("close", () => upstream.destroy());
    upstream.on("close", () => socket.destroy());
  }

  return proxy;
}

function track(set: Set<Duplex>, socket: Duplex): void {
  set.add(socket);
  socket.on("close", () => set.delete(socket));
  socket.on("error", () => socket.destroy());
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve()));
}

async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function forward(node: { readonly host: string; readonly port: number }, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { host: node.host, port: node.port, method: "POST", headers: { "content-type": "application/json" } },
      (response) => readAll(response).then(resolve, reject),
    );
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
