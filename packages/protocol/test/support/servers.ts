import http from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { onTestFinished } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";

/** One request as the server saw it, and how it is answered. */
export interface Exchange {
  readonly body: string;
  readonly response: http.ServerResponse;
  readonly socket: Socket;
}

/** A real HTTP server for the length of one test; counts the connections it was asked for. */
export async function httpServer(answer: (exchange: Exchange) => void) {
  let connections = 0;
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () =>
      answer({ body: Buffer.concat(chunks).toString("utf8"), response, socket: request.socket }),
    );
  });
  server.on("connection", () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, wsUrl: `ws://127.0.0.1:${port}`, connections: () => connections };
}

/** A real WebSocket server for the length of one test. */
export async function wsServer(onRequest: (socket: WebSocket, request: unknown) => void): Promise<string> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  server.on("connection", (socket) => {
    socket.on("message", (data: Buffer) => onRequest(socket, JSON.parse(data.toString("utf8"))));
  });
  await new Promise<void>((resolve) => server.on("listening", resolve));
  onTestFinished(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An address of this machine where nothing listens. */
export async function freeAddress(scheme: "http" | "ws"): Promise<string> {
  const server = http.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `${scheme}://127.0.0.1:${port}`;
}
