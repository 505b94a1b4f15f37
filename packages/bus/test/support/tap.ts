import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A hop between client and broker that counts, and may cut off. */
export interface Tap {
  readonly port: number;
  readonly connections: number;
  /** Bytes from clients, and to them. */
  readonly up: number;
  readonly down: number;
  /** Ends every connection that is open. */
  cut(): void;
  stop(): Promise<void>;
}

/** `refuse` sees the first bytes of a client and may have the connection closed at once. */
export async function createTap(
  brokerPort: number,
  refuse: (first: Buffer) => boolean = () => false,
): Promise<Tap> {
  const counts = { connections: 0, up: 0, down: 0 };
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    counts.connections += 1;
    const broker = connect(brokerPort, "127.0.0.1");
    let first = true;
    client.on("data", (bytes) => {
      if (first && refuse(bytes)) client.destroy();
      first = false;
      counts.up += bytes.length;
      broker.write(bytes);
    });
    broker.on("data", (bytes) => {
      counts.down += bytes.length;
      client.write(bytes);
    });
    for (const [socket, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    get connections() {
      return counts.connections;
    },
    get up() {
      return counts.up;
    },
    get down() {
      return counts.down;
    },
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    async stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, "close");
    },
  };
}
