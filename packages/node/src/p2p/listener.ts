import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import { errorCode, errorMessage, invalidInput } from "@sheaf/base";
import type { Address } from "@sheaf/protocol";
import { type Identity, peerOf } from "./identity.ts";
import type { PeerLimits } from "./limits.ts";

/** Accepts connections of pinned validators; everything else is destroyed without a byte being read as a frame. */
export interface Listener {
  readonly port: number;
  close(): Promise<void>;
}

export interface ListenerEvents {
  onPeer(peer: Address, socket: TLSSocket): void;
  onRefused(remote: string, reason: string): void;
}

/** Listens on `host`:`port`. Raises `INVALID_INPUT` when the port is taken or not allowed. */
export async function createListener(
  at: { readonly host: string; readonly port: number },
  identity: Identity,
  limits: PeerLimits,
  events: ListenerEvents,
): Promise<Listener> {
  // Sockets that have not proved who they are, by their remote end [WIRE.7].
  const strangers = new Map<string, Socket>();
  const sockets = new Set<Socket>();

  const tls = createTlsServer({
    ...identity.tls,
    requestCert: true,
    rejectUnauthorized: true,
    handshakeTimeout: limits.handshakeMs,
  });
  tls.on("secureConnection", (socket) => {
    const peer = peerOf(socket, identity);
    const remote = remoteOf(socket);
    if (peer === undefined) {
      socket.destroy();
      events.onRefused(remote, "key is not pinned in genesis");
    } else {
      strangers.delete(remote);
      events.onPeer(peer, socket);
    }
  });
  tls.on("tlsClientError", (error, socket) => {
    const remote = remoteOf(socket);
    socket.destroy();
    events.onRefused(remote, errorCode(error) ?? errorMessage(error));
  });

  const server = createServer({ noDelay: true, keepAlive: true }, (socket) => {
    const remote = remoteOf(socket);
    if (strangers.size >= limits.unauthenticated) {
      socket.destroy();
      events.onRefused(remote, "too many unauthenticated connections");
      return;
    }
    strangers.set(remote, socket);
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => {
      if (strangers.get(remote) === socket) strangers.delete(remote);
      sockets.delete(socket);
    });
    tls.emit("connection", socket);
  });

  const port = await listen(server, at);
  return {
    port,
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function remoteOf(socket: Socket): string {
  return `${socket.remoteAddress ?? "?"}:${socket.remotePort ?? 0}`;
}

function listen(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      const taken = errorCode(error) === "EADDRINUSE";
      reject(
        invalidInput(
          "p2p.port",
          taken ? `${host}:${port} is taken by another process` : errorMessage(error),
          taken ? "choose another port, or 0 for a free one" : undefined,
        ),
      );
    });
    server.listen(port, host, () => {
      server.removeAllListeners("error");
      server.on("error", () => {});
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}
