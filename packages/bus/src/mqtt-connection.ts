import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { errorCode, errorMessage, type Millis } from "@sheaf/base";
import { MqttClient } from "mqtt";
import type { BusTraffic } from "./bus.ts";
import { busError } from "./errors.ts";
import type { Transmit } from "./publish-queue.ts";

/** Where a broker is and how to prove who one is. PEM texts. */
export interface BrokerAddress {
  readonly url: URL;
  readonly clientId: string;
  readonly user?: string;
  readonly password?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly packetBytes: number;
}

export type MqttVersion = 4 | 5;

/** One connection to a broker, from its CONNACK to its end; it never comes back. */
export interface MqttConnection {
  readonly version: MqttVersion;
  /** Settles when the broker has granted it; `refused`, or `connection-lost`. */
  subscribe(topic: string): Promise<"granted" | "refused" | "connection-lost">;
  unsubscribe(topic: string): void;
  readonly transmit: Transmit;
  readonly closed: Promise<void>;
  /** Bytes on the socket, TLS included [BUS.15]. */
  readonly traffic: BusTraffic;
  close(): Promise<void>;
}

/** Why there is no connection: whether another version, or another attempt, is of any use. */
export interface ConnectFailure {
  readonly failed: "version" | "refused" | "unreachable";
  readonly problem: string;
}

const CONNACK_WITHIN_MS: Millis = 10_000;
const KEEPALIVE_SECONDS = 20;
/** CONNACK codes: unacceptable protocol version, in MQTT 3.1.1 and 5. */
const VERSION_REFUSED: ReadonlySet<number> = new Set([1, 0x84]);
/** CONNACK codes that trying again does not change: identifier, user, password, authorisation, banned, method. */
const FINAL: ReadonlySet<number> = new Set([2, 4, 5, 0x85, 0x86, 0x87, 0x8a, 0x8c]);

/** Opens one connection with one version of the protocol [BUS.11]. */
export function openConnection(
  address: BrokerAddress,
  version: MqttVersion,
  onMessage: (topic: string, payload: Uint8Array) => void,
): Promise<MqttConnection | ConnectFailure> {
  const { raw, stream } = openSocket(address);
  const client = new MqttClient(() => stream, {
    protocolVersion: version,
    clientId: address.clientId,
    clean: true,
    keepalive: KEEPALIVE_SECONDS,
    connectTimeout: CONNACK_WITHIN_MS,
    reconnectPeriod: 0,
    resubscribe: false,
    ...(address.user === undefined ? {} : { username: address.user }),
    ...(address.password === undefined ? {} : { password: address.password }),
    ...(version === 5 ? { properties: { maximumPacketSize: 2 * address.packetBytes } } : {}),
  });
  client.on("message", onMessage);
  return new Promise((resolve) => {
    let failure: ConnectFailure | undefined;
    client.on("error", (error) => {
      failure ??= failureOf(error);
    });
    raw.on("error", (error) => {
      failure ??= failureOf(error);
    });
    const closed = new Promise<void>((close) => {
      client.once("close", () => {
        client.end(true);
        raw.destroy();
        // Brokers that do not know a version may close without a word.
        resolve(
          failure ?? { failed: "version", problem: "the broker closed the connection before it answered" },
        );
        close();
      });
    });
    client.once("connect", () => resolve(connectionOf(client, raw, version, closed)));
  });
}

function connectionOf(
  client: MqttClient,
  raw: Socket,
  version: MqttVersion,
  closed: Promise<void>,
): MqttConnection {
  let live = true;
  void closed.then(() => {
    live = false;
  });
  const lost = closed.then(() => "connection-lost" as const);
  const granted = (topic: string): Promise<"granted" | "refused" | "connection-lost"> =>
    new Promise((resolve) => {
      client.subscribe(topic, { qos: 1 }, (error, grants) => {
        if (!live || !client.connected) resolve("connection-lost");
        else
          resolve(error === null && grants?.[0] !== undefined && grants[0].qos < 128 ? "granted" : "refused");
      });
    });
  return {
    version,
    subscribe: (topic) => Promise.race([granted(topic), lost]),
    unsubscribe: (topic) => void (live && client.unsubscribe(topic)),
    transmit(topic, payload) {
      const acknowledged = new Promise<"acknowledged" | "connection-lost">((resolve, reject) => {
        client.publish(
          topic,
          Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength),
          { qos: 1 },
          (error) => {
            const reason = error instanceof Error && "code" in error ? error.code : undefined;
            if (error === undefined || error === null) resolve("acknowledged");
            else if (typeof reason !== "number") resolve("connection-lost");
            else
              reject(
                busError(`the broker refuses a publication: ${error.message}`, {
                  code: "PUBLISH_REFUSED",
                  topic,
                  reason,
                }),
              );
          },
        );
      });
      return Promise.race([acknowledged, lost]);
    },
    closed,
    get traffic() {
      return { sentBytes: raw.bytesWritten, receivedBytes: raw.bytesRead };
    },
    async close() {
      client.end(false);
      const timer = setTimeout(() => raw.destroy(), 1_000);
      await closed;
      clearTimeout(timer);
    },
  };
}

/** The TCP socket, where bytes are counted, and the stream to speak over. */
function openSocket({ url, ca, cert, key }: BrokerAddress): { raw: Socket; stream: Socket } {
  const secure = url.protocol === "mqtts:";
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const raw = connectTcp({ host, port: Number(url.port || (secure ? 8883 : 1883)), noDelay: true });
  if (!secure) return { raw, stream: raw };
  const stream = connectTls({
    socket: raw,
    ...(isIP(host) === 0 ? { servername: host } : { host }),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    minVersion: "TLSv1.2",
  });
  // The TCP socket may fail before TLS has begun to listen to it.
  raw.once("close", () => stream.destroy());
  return { raw, stream };
}

function failureOf(error: Error & { code?: unknown }): ConnectFailure {
  // OpenSSL's reason without its source files.
  const problem = "reason" in error && typeof error.reason === "string" ? error.reason : errorMessage(error);
  if (typeof error.code === "number") {
    if (VERSION_REFUSED.has(error.code)) return { failed: "version", problem };
    return { failed: FINAL.has(error.code) ? "refused" : "unreachable", problem };
  }
  const code = errorCode(error) ?? "";
  const untrusted = /^ERR_(TLS|SSL|OSSL)|CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code);
  return { failed: untrusted ? "refused" : "unreachable", problem };
}
