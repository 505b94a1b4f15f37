import type { Server } from "node:http";
import type { Cancel, Clock, Millis } from "@sheaf/base";
import { type WebSocket, WebSocketServer } from "ws";
import type { Dispatcher } from "./dispatcher.ts";
import type { HostGuard } from "./host-guard.ts";
import type { Subscriptions } from "./subscriptions.ts";

export interface WebSocketEndpoint {
  readonly connections: number;
  close(): void;
}

export interface WebSocketEndpointPorts {
  readonly server: Server;
  readonly dispatcher: Dispatcher;
  readonly subscriptions: Subscriptions;
  readonly guard: HostGuard;
  readonly clock: Clock;
  readonly maxBodyBytes: number;
  readonly onDefect: (error: unknown, what: string) => void;
}

/** A client that has not read so many bytes is cut off. */
const MAX_UNREAD_BYTES = 32 * 1024 * 1024;
/** Requests of one connection that are worked on at once; above that it is not read. */
const MAX_UNANSWERED = 64;
/** A connection that does not answer a ping until the next one is dead. */
const PING_MS: Millis = 30_000;

/** JSON-RPC over WebSockets on the port of `server`, with subscriptions. */
export function createWebSocketEndpoint(ports: WebSocketEndpointPorts): WebSocketEndpoint {
  const { server, guard, clock, maxBodyBytes } = ports;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxBodyBytes, perMessageDeflate: false });
  const answered = new WeakSet<WebSocket>();
  let cancelPing: Cancel = () => {};

  server.on("upgrade", (request, socket, head) => {
    socket.on("error", () => socket.destroy());
    if (!guard(request)) {
      socket.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      answered.add(webSocket);
      webSocket.on("pong", () => answered.add(webSocket));
      serve(webSocket, ports);
    });
  });

  function ping(): void {
    for (const webSocket of sockets.clients) {
      if (answered.delete(webSocket)) webSocket.ping();
      else webSocket.terminate();
    }
    cancelPing = clock.schedule(PING_MS, ping);
  }
  cancelPing = clock.schedule(PING_MS, ping);

  return {
    get connections() {
      return sockets.clients.size;
    },
    close() {
      cancelPing();
      for (const webSocket of sockets.clients) webSocket.terminate();
      sockets.close();
    },
  };
}

function serve(webSocket: WebSocket, { dispatcher, subscriptions, onDefect }: WebSocketEndpointPorts): void {
  let unanswered = 0;
  function send(text: string | undefined): void {
    if (text === undefined) return;
    webSocket.send(text);
    if (webSocket.bufferedAmount > MAX_UNREAD_BYTES) webSocket.terminate();
  }
  function settle(): void {
    unanswered -= 1;
    if (webSocket.isPaused) webSocket.resume();
  }

  const subscriber = subscriptions.open(send);
  const session = { subscriber };
  /** Whatever goes wrong ends this one connection. */
  function fail(error: unknown): void {
    onDefect(error, "answering a message");
    webSocket.terminate();
  }
  function receive(data: Buffer): void {
    const answer = dispatcher.handle(data.toString("utf8"), session);
    if (!(answer instanceof Promise)) {
      send(answer);
      return;
    }
    unanswered += 1;
    if (unanswered >= MAX_UNANSWERED) webSocket.pause();
    answer.then(send).catch(fail).finally(settle);
  }
  webSocket.on("message", (data: Buffer) => {
    try {
      receive(data);
    } catch (error) {
      fail(error);
    }
  });
  webSocket.on("close", () => subscriber.close());
  webSocket.on("error", () => webSocket.terminate());
}
