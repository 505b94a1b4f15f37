import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  asBuffer,
  bytesEqual,
  bytesToHex,
  concatBytes,
  createRandom,
  errorCode,
  hexToBytes,
  sleep,
  systemClock,
} from "@sheaf/base";
import type { Bus } from "./bus.ts";
import { createMailbox } from "./mailbox.ts";
import type { Address, Mailbox } from "./mailbox-types.ts";
import { inboxTopic, jobTopic } from "./topics.ts";

/** A broker under test. */
export interface BusEnvironment {
  connect(): Promise<Bus>;
  /** Takes the broker away, so that every bus is down, and brings it back in the same place. */
  readonly stopBroker: () => Promise<void>;
  readonly startBroker: () => Promise<void>;
}

/** A test: `check` raises an assertion error when the bus fails it. */
export interface BusCase {
  readonly title: string;
  readonly check: (environment: BusEnvironment) => Promise<void>;
}

/** What every bus does, run against each of them. Each case has an environment of its own. */
export const busSuite: readonly BusCase[] = [
  { title: "a publication reaches each subscriber of its topic, and nobody else", check: reachesSubscribers },
  { title: "payloads arrive as they were, from none to hundreds of kilobytes", check: keepsBytes },
  { title: "publications of one publisher keep their order under load", check: keepsOrder },
  { title: "a listener that has ended hears nothing more, others still do", check: endsListeners },
  { title: "both directions count at least the payloads", check: countsTraffic },
  {
    title: "[BUS.1] [BUS.2] what is published while the broker is away arrives when it is back",
    check: outlivesRestart,
  },
  { title: "[BUS.1] a bus that closes fails what the broker has not taken over", check: failsOnClose },
  { title: "[BUS.17] the broker sees nothing of what one agent says to another", check: hidesBodies },
];

/** Collects what comes in on a topic. */
async function collect(
  bus: Bus,
  topic: string,
): Promise<{ payloads: Uint8Array[]; count: (n: number) => Promise<void> }> {
  const payloads: Uint8Array[] = [];
  let wake = (): void => {};
  await bus.subscribe(topic, (payload) => {
    payloads.push(new Uint8Array(payload));
    wake();
  });
  const count = async (n: number): Promise<void> => {
    while (payloads.length < n) await new Promise<void>((resolve) => (wake = resolve));
  };
  return { payloads, count };
}

/** Settles when the bus is in the state. */
function state(bus: Bus, wanted: boolean): Promise<void> {
  return new Promise((resolve) => {
    let end = (): void => {};
    let done = false;
    end = bus.onState((up) => {
      if (up !== wanted || done) return;
      done = true;
      queueMicrotask(() => end());
      resolve();
    });
  });
}

const texts = (payloads: readonly Uint8Array[]): string[] =>
  payloads.map((bytes) => Buffer.from(bytes).toString());
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function reachesSubscribers(environment: BusEnvironment): Promise<void> {
  const [a, b, c] = await Promise.all([environment.connect(), environment.connect(), environment.connect()]);
  const [own, other, foreign] = [
    await collect(a, "suite/x"),
    await collect(b, "suite/x"),
    await collect(c, "suite/y"),
  ];
  await a.publish("suite/x", bytes("one"));
  await b.publish("suite/y", bytes("two"));
  await Promise.all([own.count(1), other.count(1), foreign.count(1)]);
  assert.deepEqual(
    [own, other, foreign].map(({ payloads }) => texts(payloads)),
    [["one"], ["one"], ["two"]],
  );
  await Promise.all([a.close(), b.close(), c.close()]);
}

async function keepsBytes(environment: BusEnvironment): Promise<void> {
  const [a, b] = await Promise.all([environment.connect(), environment.connect()]);
  const got = await collect(b, "suite/bytes");
  const random = createRandom("bus bytes");
  const sent = [0, 1, 127, 128, 16_384, 131_072, 524_288].map((length) => random.bytes(length));
  for (const payload of sent) await a.publish("suite/bytes", payload);
  await got.count(sent.length);
  // Not `deepEqual`, whose report of a difference takes minutes.
  const same = got.payloads.map((payload, index) => bytesEqual(payload, sent[index] ?? new Uint8Array(0)));
  assert.deepEqual(
    same,
    sent.map(() => true),
    got.payloads.map(({ length }) => length).join(" "),
  );
  await Promise.all([a.close(), b.close()]);
}

async function keepsOrder(environment: BusEnvironment): Promise<void> {
  const [a, b] = await Promise.all([environment.connect(), environment.connect()]);
  const got = await collect(b, "suite/order");
  const names = Array.from({ length: 1_000 }, (_, index) => `message ${index}`);
  await Promise.all(names.map((name) => a.publish("suite/order", bytes(name))));
  await got.count(names.length);
  assert.deepEqual(texts(got.payloads), names);
  await Promise.all([a.close(), b.close()]);
}

async function endsListeners(environment: BusEnvironment): Promise<void> {
  const bus = await environment.connect();
  const first: string[] = [];
  const end = await bus.subscribe("suite/end", (payload) => void first.push(texts([payload])[0] ?? ""));
  const second = await collect(bus, "suite/end");
  await bus.publish("suite/end", bytes("before"));
  await second.count(1);
  await end();
  await bus.publish("suite/end", bytes("after"));
  await second.count(2);
  assert.deepEqual(first, ["before"]);
  await bus.close();
}

async function countsTraffic(environment: BusEnvironment): Promise<void> {
  const [a, b] = await Promise.all([environment.connect(), environment.connect()]);
  const got = await collect(b, "suite/traffic");
  const [before, quiet] = [{ ...a.traffic }, { ...b.traffic }];
  for (let count = 0; count < 10; count++) await a.publish("suite/traffic", new Uint8Array(10_000));
  await got.count(10);
  const sent = a.traffic.sentBytes - before.sentBytes;
  const received = b.traffic.receivedBytes - quiet.receivedBytes;
  for (const measured of [sent, received])
    assert.ok(measured >= 100_000 && measured < 103_000, `${measured} bytes`);
  assert.ok(b.traffic.sentBytes - quiet.sentBytes < 2_000);
  await Promise.all([a.close(), b.close()]);
}

async function outlivesRestart(environment: BusEnvironment): Promise<void> {
  const bus = await environment.connect();
  const got = await collect(bus, "suite/restart");
  await bus.publish("suite/restart", bytes("before"));
  await got.count(1);
  const down = state(bus, false);
  await environment.stopBroker();
  await down;
  let taken = 0;
  const names = Array.from({ length: 100 }, (_, index) => `away ${index}`);
  const published = Promise.all(
    names.map((name) => bus.publish("suite/restart", bytes(name)).then(() => taken++)),
  );
  assert.equal(taken, 0);
  await environment.startBroker();
  await state(bus, true);
  await published;
  await got.count(1 + names.length);
  assert.deepEqual(texts(got.payloads), ["before", ...names]);
  await bus.close();
}

async function failsOnClose(environment: BusEnvironment): Promise<void> {
  const bus = await environment.connect();
  const down = state(bus, false);
  await environment.stopBroker();
  await down;
  const outcome = bus.publish("suite/close", bytes("never")).catch(errorCode);
  await bus.close();
  assert.equal(await outcome, "BUS_CLOSED");
  assert.equal(await bus.publish("suite/close", bytes("never")).catch(errorCode), "BUS_CLOSED");
  assert.equal(await bus.subscribe("suite/close", () => {}).then(() => "none", errorCode), "BUS_CLOSED");
}

/** An agent whose signature is its address: enough where nobody forges. */
function openMailbox(bus: Bus, address: Address): Promise<Mailbox> {
  const identity = { address, sign: () => concatBytes(hexToBytes(address), new Uint8Array(45)) };
  return createMailbox(bus, identity, {
    chainScope: "1/suite",
    clock: systemClock,
    licensed: () => true,
    keccak256: (input) => new Uint8Array(createHash("sha3-256").update(input).digest()),
    recover: (_digest, signature) => bytesToHex(signature.subarray(0, 20)),
  });
}

/** How many of the pieces of a text, 16 bytes each and what is left, are somewhere in what was seen. */
function piecesSeen(seen: readonly Uint8Array[], text: Uint8Array): number {
  const haystack = asBuffer(concatBytes(...seen));
  const starts = Array.from({ length: Math.ceil(text.length / 16) }, (_, index) => 16 * index);
  return starts.filter((start) => haystack.includes(asBuffer(text.subarray(start, start + 16)))).length;
}

async function hidesBodies(environment: BusEnvironment): Promise<void> {
  const [a, b, spy] = [await environment.connect(), await environment.connect(), await environment.connect()];
  const [from, to] = [`0x${"aa".repeat(20)}`, `0x${"bb".repeat(20)}`] as const;
  const [sender, recipient] = [await openMailbox(a, from), await openMailbox(b, to)];
  const seen: Uint8Array[] = [];
  const topics = [inboxTopic("1/suite", from), inboxTopic("1/suite", to), jobTopic("1/suite", 7n)];
  for (const topic of topics)
    await spy.subscribe(topic, (payload) => void seen.push(new Uint8Array(payload)));
  const heard: Uint8Array[] = [];
  recipient.onMessage(({ body }) => void heard.push(body));
  const random = createRandom("bus secrets");
  const secrets = [16, 1_600, 160_000].map((length) => random.bytes(length));
  for (const secret of secrets) await sender.send(to, 7n, "suite.secret", secret);
  while (heard.length < secrets.length) await sleep(5);
  assert.deepEqual(new Set(heard.map(bytesToHex)), new Set(secrets.map(bytesToHex)));
  // What goes to all of a job is open: seeing it shows that the spy misses nothing.
  const open = random.bytes(1_600);
  await sender.send("all-of-job", 7n, "suite.open", open);
  while (piecesSeen(seen, open) < 100) await sleep(5);
  for (const secret of [...secrets, bytes("suite.secret")]) assert.equal(piecesSeen(seen, secret), 0);
  await Promise.all([a.close(), b.close(), spy.close()]);
}
