import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { errorCode, invalidInput } from "@sheaf/base";
import type { NodeConfig } from "@sheaf/protocol";
import type { Registry } from "prom-client";
import type { StoredBlock } from "../ports.ts";
import { createCallQueue } from "./call-queue.ts";
import { createChainView } from "./chain-view.ts";
import type { RpcContext, RpcNode } from "./context.ts";
import { createDispatcher } from "./dispatcher.ts";
import { createFilters } from "./filters.ts";
import { nodeHealth } from "./health.ts";
import { createHostGuard } from "./host-guard.ts";
import { createHttpEndpoint } from "./http-endpoint.ts";
import { allMethods } from "./methods/all-methods.ts";
import { createRpcMetrics } from "./metrics.ts";
import { createSubscriptions } from "./subscriptions.ts";
import { createWebSocketEndpoint } from "./web-socket-endpoint.ts";

export interface RpcServerOptions extends RpcNode {
  readonly config: NodeConfig["rpc"];
  /** Where `/metrics` reads; the server adds its own. One for each validator. */
  readonly registry: Registry;
  /** Told of what methods raised by a defect; the client sees "internal error". */
  readonly onDefect: (error: unknown, what: string) => void;
}

export interface RpcServer {
  /** The port it listens on. */
  readonly port: number;
  /** To be called with each block once it is stored, in order: tells subscribers. */
  onHead(block: StoredBlock): void;
  /** Ends all connections. */
  close(): Promise<void>;
}

/** A client that is slow to send its headers, its body, or a next request is cut off after these times, ms. */
const TIMEOUTS = { headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 75_000 };

/**
 * Serves JSON-RPC over HTTP and WebSocket, `/health` and `/metrics` on one port (`specs/rpc.md`).
 * Raises `INVALID_INPUT` when the address cannot be listened on.
 */
export async function createRpcServer(options: RpcServerOptions): Promise<RpcServer> {
  const { config, registry, onDefect, ...node } = options;
  const { genesis, store, mempool, clock } = node;
  const { maxBodyBytes, maxBatch } = config;
  const chain = createChainView(store);
  const filters = createFilters(clock, mempool);
  const subscriptions = createSubscriptions(genesis, mempool);
  const context: RpcContext = { ...node, limits: config, chain, filters, calls: createCallQueue(clock) };
  const open = new Set<Socket>();
  const metrics = createRpcMetrics(registry, {
    node,
    connections: () => ({ http: open.size - webSockets.connections, webSocket: webSockets.connections }),
  });
  const dispatcher = createDispatcher({
    methods: allMethods(context),
    maxBatch,
    onAnswered: metrics.answered,
    onDefect,
  });
  const guard = createHostGuard(config.host);
  const health = () => nodeHealth(node);
  const server = createServer(
    { ...TIMEOUTS, connectionsCheckingInterval: 5_000 },
    createHttpEndpoint({ dispatcher, guard, registry, health, maxBodyBytes, onDefect }),
  );
  server.maxConnections = config.maxConnections;
  server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
  });
  const webSockets = createWebSocketEndpoint({
    server,
    dispatcher,
    subscriptions,
    guard,
    clock,
    maxBodyBytes,
    onDefect,
  });
  const port = await listen(server, config).catch((error: unknown) => {
    webSockets.close();
    throw error;
  });
  server.on("error", (error) => onDefect(error, "listening"));

  return {
    port,
    onHead({ block }) {
      filters.onHead(block.hash);
      const view = chain.block(block.header.number);
      if (view !== undefined) subscriptions.onHead(view);
    },
    close() {
      webSockets.close();
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

function listen(server: Server, { host, port }: NodeConfig["rpc"]): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      const inUse = errorCode(error) === "EADDRINUSE";
      const problem = inUse
        ? `port ${port} of ${host} is in use`
        : `cannot listen on ${host}: ${error.message}`;
      reject(
        invalidInput("rpc.port", problem, inUse ? "choose another port, or 0 for a free one" : undefined),
      );
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}
