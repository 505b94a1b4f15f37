import { once } from "node:events";
import { connect } from "node:net";
import { errorCode, sleep } from "@sheaf/base";
import { afterEach, describe, expect, test } from "vitest";
import {
  type Broker,
  type BrokerOptions,
  type BusOptions,
  connectBus,
  type MqttBus,
  startBroker,
} from "../src/index.ts";
import { inboxTopic } from "../src/topics.ts";
import { createAuthority } from "./support/certificates.ts";
import { createIdentity } from "./support/identities.ts";
import { SCOPE } from "./support/post-office.ts";
import { createTap, type Tap } from "./support/tap.ts";

const open: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.stop();
});

async function broker(options: BrokerOptions = {}): Promise<Broker> {
  const started = await startBroker(options);
  open.push(started);
  return started;
}

async function tap(url: string, refuse?: (first: Buffer) => boolean): Promise<Tap> {
  const started = await createTap(Number(new URL(url).port), refuse);
  open.push(started);
  return started;
}

let clients = 0;
async function client(url: string, options: Partial<BusOptions> = {}): Promise<MqttBus> {
  const bus = await connectBus(url, { clientId: `mqtt-test-${clients++}`, ...options });
  open.push({ stop: () => bus.close() });
  return bus;
}

/** The code of what a connection fails with, or `connected`. */
const attempt = (url: string, options: Partial<BusOptions> = {}): Promise<string | undefined> =>
  client(url, { limits: { connectWithinMs: 800 }, ...options }).then(() => "connected", errorCode);

/** Waits, with pauses, until it is so. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(5);
}

describe("[BUS.3] who may connect", () => {
  test("users with their passwords, when there are users", async () => {
    const { url } = await broker({ users: [{ name: "ada", password: "correct horse" }] });
    expect(await attempt(url, { user: "ada", password: "correct horse" })).toBe("connected");
    for (const wrong of [
      { user: "ada", password: "wrong" },
      { user: "eve", password: "correct horse" },
      { user: "ada" },
      {},
    ]) {
      expect(await attempt(url, wrong)).toBe("BROKER_REFUSED");
    }
  });

  test("over TLS those that trust the broker's authority", async () => {
    const [authority, other] = [await createAuthority("sheaf"), await createAuthority("other")];
    const { url } = await broker({ tls: await authority.issue("broker") });
    expect(url).toMatch(/^mqtts:/);
    expect(await attempt(url, { ca: authority.ca })).toBe("connected");
    expect(await attempt(url, { ca: other.ca })).toBe("BROKER_REFUSED");
    expect(await attempt(url)).toBe("BROKER_REFUSED");
  });

  test("with a certificate of the authority, when the broker demands one", async () => {
    const [authority, other] = [await createAuthority("sheaf"), await createAuthority("other")];
    const { ca } = authority;
    const { url } = await broker({ tls: { ...(await authority.issue("broker")), ca } });
    expect(await attempt(url, { ca, ...(await authority.issue("owner")) })).toBe("connected");
    expect(await attempt(url, { ca, ...(await other.issue("owner")) })).not.toBe("connected");
    expect(await attempt(url, { ca })).not.toBe("connected");
  });

  test("nobody but this machine, unless connections are protected", async () => {
    const { cert, key } = await (await createAuthority("sheaf")).issue("broker");
    const start = (options: BrokerOptions) => broker(options).then(() => "started", errorCode);
    expect(await start({ host: "0.0.0.0" })).toBe("INVALID_INPUT");
    expect(await start({ host: "0.0.0.0", tls: { cert, key } })).toBe("INVALID_INPUT");
    expect(await start({ host: "0.0.0.0", users: [{ name: "a", password: "b" }] })).toBe("started");
    const { url } = await broker();
    expect(await start({ port: Number(new URL(url).port) })).toBe("INVALID_INPUT");
  });

  test("what is no broker's address fails with a code, in time", async () => {
    const { url, stop } = await startBroker();
    await stop();
    const limits = { connectWithinMs: 300 };
    expect(await attempt(url, { limits })).toBe("BROKER_UNREACHABLE");
    for (const wrong of ["http://127.0.0.1:1", "no url", "mqtt://user:password@127.0.0.1:1"]) {
      expect(await attempt(wrong, { limits })).toBe("INVALID_INPUT");
    }
  });
});

describe("[BUS.4] the broker's bounds", () => {
  test("a packet above the limit ends its connection before it has come", async () => {
    const { url } = await broker({ limits: { packetBytes: 10_000 } });
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    // PUBLISH that announces 256 MiB.
    socket.write(Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0x7f));
    await once(socket, "close");
    const bus = await client(url);
    await bus.publish("t", new Uint8Array(9_000));
    const states: boolean[] = [];
    bus.onState((up) => void states.push(up));
    const limits = { publishWithinMs: 500 };
    const other = await client(url, { limits });
    expect(await other.publish("t", new Uint8Array(10_001)).catch(errorCode)).toBe("PUBLISH_EXPIRED");
    expect(states).toEqual([true]);
  });

  test("so does a length of more than four bytes, and what is no MQTT", async () => {
    const { url } = await broker();
    for (const bytes of [
      Uint8Array.of(0x10, 0xff, 0xff, 0xff, 0xff, 0x01),
      new TextEncoder().encode("GET / HTTP/1.1\r\n"),
    ]) {
      const socket = connect(Number(new URL(url).port), "127.0.0.1");
      socket.on("error", () => {});
      socket.write(bytes);
      socket.end();
      await once(socket, "close");
    }
    expect(await attempt(url)).toBe("connected");
  });

  test("connections above the limit are not taken", async () => {
    const { url } = await broker({ limits: { connections: 2 } });
    expect(await attempt(url)).toBe("connected");
    expect(await attempt(url)).toBe("connected");
    expect(await attempt(url, { limits: { connectWithinMs: 300 } })).toBe("BROKER_UNREACHABLE");
  });

  test("no session and no message outlives its connection", async () => {
    const { url } = await broker();
    const [a, b] = [await client(url), await client(url, { clientId: "the same" })];
    await b.subscribe("kept", () => {});
    await b.close();
    await a.publish("kept", Uint8Array.of(1));
    const again = await client(url, { clientId: "the same" });
    const got: Uint8Array[] = [];
    await again.subscribe("kept", (payload) => void got.push(payload));
    await a.publish("kept", Uint8Array.of(2));
    await until(() => got.length > 0);
    expect(got.map((payload) => payload[0])).toEqual([2]);
  });
});

test("[BUS.5] a user named like an address reads its own inbox and no other", async () => {
  const [own, other] = [createIdentity("a").address, createIdentity("b").address];
  const { url } = await broker({
    users: [
      { name: own, password: "p" },
      { name: "operator", password: "p" },
    ],
  });
  const bus = await client(url, { user: own, password: "p" });
  const ask = (from: MqttBus, topic: string) =>
    from.subscribe(topic, () => {}).then(() => "granted", errorCode);
  expect(await ask(bus, inboxTopic(SCOPE, own))).toBe("granted");
  const other6 = inboxTopic(SCOPE, other);
  for (const topic of [
    other6,
    inboxTopic(SCOPE, "0x+" as `0x${string}`).replace("0x+", "+"),
    "#",
    "sheaf/1/#",
    "sheaf/+/+/+/+/+",
  ]) {
    expect(await ask(bus, topic), topic).toBe("SUBSCRIPTION_REFUSED");
  }
  expect(await ask(await client(url, { user: "operator", password: "p" }), other6)).toBe("granted");
});

describe("[BUS.11] the version", () => {
  test("5 is tried once, then 3.1.1 alone, also when connections are lost", async () => {
    const { url } = await broker();
    const hop = await tap(url);
    const bus = await client(`mqtt://127.0.0.1:${hop.port}`);
    expect([bus.version, hop.connections]).toEqual([4, 2]);
    const states: boolean[] = [];
    bus.onState((up) => void states.push(up));
    hop.cut();
    await until(() => states.length === 3);
    expect(states).toEqual([true, false, true]);
    expect(hop.connections).toBe(3);
  });

  test("a broker that closes on version 5 without a word is asked for 3.1.1", async () => {
    const { url } = await broker();
    // CONNECT: type, length, "MQTT" with its length, level.
    const hop = await tap(url, (first) => first[8] === 5);
    const bus = await client(`mqtt://127.0.0.1:${hop.port}`);
    expect([bus.version, hop.connections]).toEqual([4, 2]);
  });

  test("a broker that is away is not stormed", async () => {
    const { url } = await broker();
    const hop = await tap(url, () => true);
    await attempt(`mqtt://127.0.0.1:${hop.port}`, { limits: { connectWithinMs: 1_000 } });
    expect(hop.connections).toBeLessThan(14);
  });
});

describe("[BUS.15] traffic is what the socket carries", () => {
  test.each(["mqtt", "mqtts"])("in both directions, over %s, to the byte", async (protocol) => {
    const authority = await createAuthority("sheaf");
    const { url } = await broker(protocol === "mqtts" ? { tls: await authority.issue("broker") } : {});
    const hop = await tap(url);
    const bus = await client(`${protocol}://127.0.0.1:${hop.port}`, { ca: authority.ca });
    const [upBefore, downBefore] = [hop.up - bus.traffic.sentBytes, hop.down - bus.traffic.receivedBytes];
    let got = 0;
    await bus.subscribe("t", () => void got++);
    for (let count = 0; count < 20; count++) await bus.publish("t", new Uint8Array(count * 5_000));
    await until(() => got === 20);
    await until(
      () =>
        hop.up - bus.traffic.sentBytes === upBefore && hop.down - bus.traffic.receivedBytes === downBefore,
    );
    expect(bus.traffic.sentBytes).toBeGreaterThan(950_000);
    const before = bus.traffic;
    hop.cut();
    let up = true;
    bus.onState((now) => {
      up = now;
    });
    await until(() => !up);
    await until(() => up);
    expect(bus.traffic.sentBytes).toBeGreaterThan(before.sentBytes);
    expect(bus.traffic.receivedBytes).toBeGreaterThan(before.receivedBytes);
  });
});

describe("[BUS.1] what waits for a broker", () => {
  test("is bounded in bytes and in time", async () => {
    const { url, stop } = await startBroker();
    const bus = await client(url, { limits: { queueBytes: 1_000, packetBytes: 900, publishWithinMs: 200 } });
    let up = true;
    bus.onState((now) => {
      up = now;
    });
    await stop();
    await until(() => !up);
    const publish = (bytes: number) => bus.publish("t", new Uint8Array(bytes)).then(() => "taken", errorCode);
    expect(await publish(901)).toBe("PACKET_TOO_LARGE");
    const waiting = publish(900);
    expect(await publish(101)).toBe("BUS_QUEUE_FULL");
    expect(await waiting).toBe("PUBLISH_EXPIRED");
    expect(await publish(900)).toBe("PUBLISH_EXPIRED");
  });
});
