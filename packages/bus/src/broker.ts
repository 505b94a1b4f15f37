import { createHash, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer, isIP, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { type ByteCount, errorCode, errorMessage, invalidInput } from "@sheaf/base";
import { Aedes, type AedesOptions } from "aedes";
import { ADDRESS } from "./envelope.ts";
import { guardPackets } from "./packet-guard.ts";
import { inboxOwner } from "./topics.ts";

export interface BrokerOptions {
  /** 0, the default: any free one. */
  readonly port?: number;
  /** The loopback interface unless given. Another one demands users or client certificates [BUS.3]. */
  readonly host?: string;
  /** Without users anybody who reaches the port may connect. A user named like an address reads no other inbox [BUS.5]. */
  readonly users?: readonly BrokerUser[];
  readonly tls?: BrokerTls;
  readonly limits?: Partial<BrokerLimits>;
}

export interface BrokerUser {
  readonly name: string;
  readonly password: string;
}

/** PEM texts. */
export interface BrokerTls {
  readonly cert: string;
  readonly key: string;
  /** When given, clients must show a certificate that this authority has issued. */
  readonly ca?: string;
}

export interface BrokerLimits {
  readonly packetBytes: ByteCount;
  readonly connections: number;
}

/** The embedded broker: MQTT 3.1.1 over TCP or TLS. */
export interface Broker {
  readonly url: string;
  stop(): Promise<void>;
}

const DEFAULT_LIMITS: BrokerLimits = { packetBytes: 1024 * 1024, connections: 1024 };

/** Starts a broker that keeps nothing beyond its connections [BUS.4]. Fails with `INVALID_INPUT`. */
export async function startBroker(options: BrokerOptions = {}): Promise<Broker> {
  const host = options.host ?? "127.0.0.1";
  assertProtected(host, options);
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const aedes = await Aedes.createBroker(aedesOptions(options.users ?? []));
  const sockets = new Set<Socket>();
  const onSocket = (socket: Socket): void => {
    sockets.add(socket.setNoDelay(true));
    socket.once("close", () => sockets.delete(socket));
    aedes.handle(guardPackets(socket, limits.packetBytes));
  };
  const server = await listen(options, host, limits, onSocket).catch((error: unknown) => {
    aedes.close(); // else its timers keep the process alive
    throw error;
  });
  const { port } = server.address() as AddressInfo;
  const name = isIP(host) === 6 ? `[${host}]` : host;
  return {
    url: `${options.tls === undefined ? "mqtt" : "mqtts"}://${name}:${port}`,
    async stop() {
      const closed = once(server, "close");
      server.close();
      await new Promise<void>((resolve) => aedes.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function listen(
  { tls, port = 0 }: BrokerOptions,
  host: string,
  { connections }: BrokerLimits,
  onSocket: (socket: Socket) => void,
): Promise<Server> {
  const server = createListener(tls, onSocket);
  server.maxConnections = connections;
  try {
    server.listen({ port, host });
    await once(server, "listening");
    return server;
  } catch (error) {
    throw invalidInput("broker", `cannot listen on ${host}: ${errorCode(error) ?? errorMessage(error)}`);
  }
}

function createListener(tls: BrokerTls | undefined, onSocket: (socket: Socket) => void): Server {
  if (tls === undefined) return createServer(onSocket);
  const { ca, ...own } = tls;
  const mutual = ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: true };
  try {
    return createTlsServer({ ...own, ...mutual, minVersion: "TLSv1.2" }, onSocket);
  } catch (error) {
    throw invalidInput("broker.tls", errorMessage(error));
  }
}

function assertProtected(host: string, { users = [], tls }: BrokerOptions): void {
  const loopback = host === "localhost" || host === "::1" || /^127\./.test(host);
  if (loopback || users.length > 0 || tls?.ca !== undefined) return;
  throw invalidInput(
    "broker.host",
    `${host} can be reached from outside, and anybody could connect`,
    "set users with passwords, or demand client certificates",
  );
}

function aedesOptions(users: readonly BrokerUser[]): AedesOptions {
  const passwords = new Map(users.map(({ name, password }) => [name, digestOf(password)]));
  const names = new WeakMap<object, string>();
  return {
    // A reader that takes nothing holds up the others: it is cut off, connects anew and is sent what it missed.
    drainTimeout: 20_000,
    connectTimeout: 10_000,
    concurrency: 1000,
    queueLimit: 16,
    // Nothing is kept for those who are not connected: no sessions, no retained messages.
    preConnect: (_, packet, done) => done(null, packet.clean !== false),
    authenticate(client, name, password, done) {
      if (passwords.size === 0) return done(null, true);
      const expected = passwords.get(name ?? "");
      const given = digestOf(password ?? "");
      if (name !== undefined) names.set(client, name);
      done(null, expected !== undefined && timingSafeEqual(expected, given));
    },
    authorizePublish(_, packet, done) {
      packet.retain = false;
      done(packet.topic.startsWith("$") ? invalidInput("topic", "is reserved") : null);
    },
    authorizeSubscribe(client, subscription, done) {
      const name = names.get(client);
      const owner = inboxOwner(subscription.topic);
      const foreign = name !== undefined && ADDRESS.test(name) && owner !== undefined && owner !== name;
      done(null, foreign ? null : subscription);
    },
  };
}

function digestOf(password: string | Buffer): Buffer {
  return createHash("sha256").update(password).digest();
}
