import { asBuffer, concatBytes, createRandom, errorCode } from "@sheaf/base";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeContent, encodeSubject, MAX_SEALING_BYTES } from "../src/content.ts";
import { decodeHeader, type Envelope, encodeHeader, signedBytes } from "../src/envelope.ts";
import { encodeEnvelopeFrame } from "../src/frames.ts";
import { type Identity, MAILBOX_LIMITS } from "../src/index.ts";
import { createKeyRing, type KeyRing } from "../src/key-ring.ts";
import { deriveSeal, openContent, SEAL_BYTES, sealContent } from "../src/seal.ts";
import { inboxTopic } from "../src/topics.ts";
import { createWriter, type Outgoing, type Writer } from "../src/writer.ts";
import { type Agent, createPostOffice, keyRingOf, type PostOffice, SCOPE } from "./support/post-office.ts";

const random = createRandom("sealing");
const BODY = random.bytes(100);

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const body = fc.uint8Array({ maxLength: 300 });
const subject = fc.record({
  job: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
  kind: fc.stringMatching(/^[a-z][a-z0-9.-]{0,63}$/).filter((kind) => !kind.startsWith("bus.")),
});

/** A message as it would leave another process of an agent, whatever its mailbox does. */
function writerOf(office: PostOffice, { identity }: { identity: Identity }, keys: KeyRing): Writer {
  return createWriter(identity, keys, office.options(), MAILBOX_LIMITS);
}

const frameOf = ({ header, signature, body: content }: Outgoing, repeated = false): Uint8Array =>
  encodeEnvelopeFrame(header, signature, content, repeated);

/** Puts a message on an agent's inbox, as a broker can; what it was refused for. */
async function inject(office: PostOffice, to: Agent, message: Outgoing, repeated = false): Promise<string[]> {
  const before = to.rejected.length;
  await to.bus.publish(inboxTopic(SCOPE, to.identity.address), frameOf(message, repeated));
  await office.run(100);
  return to.rejected.slice(before).map(({ code }) => code);
}

/** Everything that reaches an agent's inbox from now on, as the broker sees it. */
async function overhear(office: PostOffice, agent: Agent): Promise<Uint8Array[]> {
  const frames: Uint8Array[] = [];
  const topic = inboxTopic(SCOPE, agent.identity.address);
  await office.broker.connect().subscribe(topic, (payload) => void frames.push(payload));
  return frames;
}

describe("a seal", () => {
  test("[BUS.17] opens to the body and what it is about, with its key and context alone", () => {
    fc.assert(
      fc.property(bytes(32), bytes(32), body, subject, (agreed, context, content, about) => {
        const sealed = sealContent(deriveSeal(agreed, context), content, encodeSubject(about));
        expect(sealed.length - content.length).toBeLessThanOrEqual(MAX_SEALING_BYTES);
        const opened = openContent(deriveSeal(agreed, context), sealed) as Uint8Array;
        expect(decodeContent(opened)).toEqual({ ...about, body: content });
        const other = random.bytes(32);
        expect(openContent(deriveSeal(other, context), sealed)).toBeUndefined();
        expect(openContent(deriveSeal(agreed, other), sealed)).toBeUndefined();
      }),
    );
  });

  test("[BUS.17] does not open when any bit of it was turned, or it was cut", () => {
    fc.assert(
      fc.property(bytes(32), body, fc.nat(), fc.nat(7), (key, content, at, bit) => {
        const seal = deriveSeal(key, key);
        const sealed = sealContent(seal, content);
        const turned = new Uint8Array(sealed);
        const place = at % sealed.length;
        turned[place] = (turned[place] as number) ^ (1 << bit);
        expect(openContent(seal, turned)).toBeUndefined();
        expect(openContent(seal, sealed.subarray(0, place))).toBeUndefined();
      }),
    );
  });

  test("[BUS.17] on what is no content gives none", () => {
    const seal = deriveSeal(BODY.subarray(0, 32), BODY.subarray(0, 32));
    expect(openContent(seal, new Uint8Array(SEAL_BYTES - 1))).toBeUndefined();
    for (const content of [[], [1], [1, 0], [0, 9], [200, 200], [0, 0]])
      expect(decodeContent(Uint8Array.from(content))).toBeUndefined();
    expect(decodeContent(encodeSubject({ job: 1n, kind: "bus.receipt" }))).toBeUndefined();
    expect(decodeContent(encodeSubject({ job: 2n ** 256n, kind: "k" }))).toBeUndefined();
  });
});

describe("a key ring", () => {
  test("[BUS.16] agrees with another on a secret that no third has", () => {
    const [a, b, c] = [createKeyRing(), createKeyRing(), createKeyRing()];
    expect([a.learn("0xb", b.publicKey), b.learn("0xa", a.publicKey)]).toEqual(["changed", "changed"]);
    expect(c.learn("0xa", a.publicKey)).toBe("changed");
    expect(a.peer("0xb")?.agreed).toEqual(b.peer("0xa")?.agreed);
    expect(c.peer("0xa")?.agreed).not.toEqual(b.peer("0xa")?.agreed);
    expect(a.learn("0xb", b.publicKey)).toBe("known");
    expect(a.learn("0xb", c.publicKey)).toBe("changed");
    expect(a.peer("0xb")?.key).toEqual(c.publicKey);
  });

  // Points of order 1, 2, 4 and 8, in each form that 32 bytes can have without the highest bit.
  test.each([
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  ])("[BUS.16] takes no key of low order: %s", (hex) => {
    const keys = createKeyRing();
    expect(keys.learn("0xb", new Uint8Array(Buffer.from(hex, "hex")))).toBe("unusable");
    expect(keys.peer("0xb")).toBeUndefined();
  });
});

describe("the recipient's key", () => {
  test("[BUS.16] is asked for once, however much waits for it", async () => {
    const office = createPostOffice();
    const [a, b] = [await office.agent("a"), await office.agent("b")];
    const frames = await overhear(office, b);
    const sent = Promise.all(
      [1, 2, 3].map((job) => a.mailbox.send(b.identity.address, BigInt(job), "k", BODY)),
    );
    expect([a.mailbox.unacknowledged, b.messages.length]).toEqual([3, 0]);
    await office.settle(sent);
    await office.run(100);
    expect(b.messages.map(({ job }) => job)).toEqual([1n, 2n, 3n]);
    // The question, three messages, and no receipt: those go to the other inbox.
    expect(frames).toHaveLength(4);
    expect(a.mailbox.unacknowledged).toBe(0);
  });

  test("[BUS.16] is learnt from any message, so that an answer asks for nothing", async () => {
    const office = createPostOffice();
    const [a, b] = [await office.agent("a"), await office.agent("b")];
    await office.meet(a, b);
    const frames = await overhear(office, a);
    await b.mailbox.send(a.identity.address, 1n, "answer", BODY);
    await office.run(100);
    expect(a.messages.map(({ kind }) => kind)).toEqual(["answer"]);
    expect(frames).toHaveLength(1);
  });

  test("[BUS.16] RECIPIENT_KEY_UNKNOWN: when it has not come before the deadline", async () => {
    const office = createPostOffice();
    const a = await office.agent("a", { deliverWithinMs: 60_000, unacknowledgedBytes: 150 });
    const b = await office.agent("b");
    await b.bus.close();
    const frames = await overhear(office, b);
    const sent = a.mailbox.send(b.identity.address, 3n, "k", BODY).then(() => "sent", errorCode);
    expect(await a.mailbox.send(b.identity.address, 3n, "k", BODY).catch(errorCode)).toBe("MAILBOX_FULL");
    await office.run(59_000);
    expect(a.mailbox.unacknowledged).toBe(1);
    await office.run(2_000);
    expect(await sent).toBe("RECIPIENT_KEY_UNKNOWN");
    expect(a.mailbox.unacknowledged).toBe(0);
    // After 0, 4, 12, 27, 42 and 57 seconds, and no more from then on.
    expect(frames).toHaveLength(6);
    await office.run(60_000);
    expect(frames).toHaveLength(6);
    expect(a.undelivered).toEqual([]);
  });

  test("[BUS.16] BUS_CLOSED: when the mailbox closes while it waits for one", async () => {
    const office = createPostOffice();
    const [a, b] = [await office.agent("a"), await office.agent("b")];
    await b.bus.close();
    const sent = a.mailbox.send(b.identity.address, 3n, "k", BODY).then(() => "sent", errorCode);
    await a.mailbox.close();
    expect([await sent, a.mailbox.unacknowledged]).toEqual(["BUS_CLOSED", 0]);
  });

  test("[BUS.16] BAD_SIGNATURE: is not taken from an announcement that another signed", async () => {
    const office = createPostOffice();
    const [a, b, forger] = [await office.agent("a"), await office.agent("b"), await office.agent("forger")];
    await office.meet(a, b);
    const forged = { address: b.identity.address, sign: forger.identity.sign };
    const announcement = writerOf(office, { identity: forged }, createKeyRing());
    const hello = announcement.toMailbox(a.identity.address, "bus.hello", new Uint8Array(0));
    expect(await inject(office, a, hello)).toEqual(["BAD_SIGNATURE"]);
    await a.mailbox.send(b.identity.address, 1n, "k", BODY);
    await office.run(100);
    expect(b.messages).toHaveLength(1);
    expect(b.rejected).toEqual([]);
  });

  test("[BUS.16] OLD_EPOCH: is not taken from a process that has ended", async () => {
    const office = createPostOffice();
    const [a, before] = [await office.agent("a"), await office.agent("b")];
    const announced = writerOf(office, before, keyRingOf("b"));
    const old = announced.toMailbox(a.identity.address, "bus.hello", new Uint8Array(0));
    await before.bus.close();
    await office.run(10);
    const after = await office.agent("b", {}, 2);
    await office.meet(after, a);
    expect(await inject(office, a, old)).toEqual(["OLD_EPOCH"]);
    await a.mailbox.send(after.identity.address, 1n, "k", BODY);
    await office.run(100);
    expect(after.messages).toHaveLength(1);
    expect(after.rejected).toEqual([]);
  });

  test("[BUS.16] of an ended process, replayed to one that has just begun, costs one more message", async () => {
    const office = createPostOffice();
    const [b, witness] = [await office.agent("b"), await office.agent("witness")];
    const a = await office.agent("a");
    const ended = writerOf(office, b, keyRingOf("b", 0));
    const old = ended.toMailbox(a.identity.address, "bus.hello", new Uint8Array(0));
    await office.run(10);
    await b.bus.close();
    const after = await office.agent("b", {}, 2);
    await office.meet(after, witness);
    expect(await inject(office, a, old)).toEqual([]);
    await a.mailbox.send(after.identity.address, 1n, "k", BODY);
    await office.run(100);
    expect(after.rejected.map(({ code }) => code)).toEqual(["WRONG_KEY"]);
    expect(after.messages.map(({ body: content }) => content)).toEqual([BODY]);
    expect(a.mailbox.unacknowledged).toBe(0);
  });

  test("[BUS.16] BAD_KEY: of low order is not taken, nor the message that shows it", async () => {
    const office = createPostOffice();
    const [a, b] = [await office.agent("a"), await office.agent("b")];
    const keys = { ...keyRingOf("b"), publicKey: new Uint8Array(32) };
    const hello = writerOf(office, b, keys).toMailbox(a.identity.address, "bus.hello", new Uint8Array(0));
    expect(await inject(office, a, hello)).toEqual(["BAD_KEY"]);
    expect(a.rejected).toEqual([{ code: "BAD_KEY", from: b.identity.address }]);
  });
});

describe("a sealed message", () => {
  /** A sender whose messages the test makes by hand, sealed to the key of the recipient's process `process`. */
  async function createBench(process = 1) {
    const office = createPostOffice();
    const [a, b] = [await office.agent("a"), await office.agent("b")];
    await office.run(10);
    const keys = keyRingOf("a", 9);
    keys.learn(b.identity.address, keyRingOf("b", process).publicKey);
    const letter = { to: b.identity.address, job: 1n, kind: "k", body: BODY };
    return { office, a, b, keys, letter };
  }

  test("[BUS.16] WRONG_KEY: for another process is answered with the key of the present one", async () => {
    const { office, a, b, keys, letter } = await createBench(7);
    const frames = await overhear(office, a);
    const message = writerOf(office, a, keys).seal(letter) as Outgoing;
    expect(await inject(office, b, message)).toEqual(["WRONG_KEY"]);
    expect(b.messages).toEqual([]);
    expect(frames).toHaveLength(1);
    expect(Buffer.from(frames[0] as Uint8Array).includes(asBuffer(keyRingOf("b").publicKey))).toBe(true);
  });

  test("[BUS.16] is sealed anew for a recipient that has restarted, under the name it was sent with", async () => {
    const office = createPostOffice();
    const a = await office.agent("a", { deliverWithinMs: 60_000 });
    const before = await office.agent("b");
    await office.meet(a, before);
    await before.bus.close();
    const { digest } = await a.mailbox.send(before.identity.address, 1n, "k", random.bytes(400_000));
    await office.run(30_000);
    const after = await office.agent("b", {}, 2);
    after.mailbox.onMessage(async () => {
      throw new TypeError("not dealt with");
    });
    await office.run(29_000);
    expect(after.rejected[0]?.code).toBe("WRONG_KEY");
    expect(a.undelivered).toEqual([]);
    await office.run(2_000);
    expect(a.undelivered).toEqual([{ to: after.identity.address, job: 1n, kind: "k", digest }]);
  });

  test("[BUS.17] BAD_SEAL: that does not open is refused once, and gets no receipt", async () => {
    const { office, a, b, keys, letter } = await createBench();
    const frames = await overhear(office, a);
    const peer = keys.peer(letter.to);
    const wrong: KeyRing = { ...keys, peer: () => peer && { ...peer, agreed: random.bytes(32) } };
    const writer = writerOf(office, a, wrong);
    const message = writer.seal(letter) as Outgoing;
    expect(await inject(office, b, message)).toEqual(["BAD_SEAL"]);
    expect(await inject(office, b, message, true)).toEqual([]);
    const own = writerOf(office, a, keys).seal({ ...letter, kind: "bus.receipt" }) as Outgoing;
    expect(await inject(office, b, own)).toEqual(["BAD_SEAL"]);
    expect([b.messages, frames]).toEqual([[], []]);
    expect(b.rejected[0]).toEqual({ code: "BAD_SEAL", from: a.identity.address });
  });

  test("[BUS.17] BAD_SEAL: that another signs as its own does not open", async () => {
    const { office, a, b, keys, letter } = await createBench();
    const thief = await office.agent("thief");
    const stolen = writerOf(office, a, keys).seal(letter) as Outgoing;
    const envelope = decodeHeader(stolen.header) as Envelope;
    // All as the sender had it, the key of its process too, but for the name.
    const header = encodeHeader({ ...envelope, from: thief.identity.address });
    const signature = thief.identity.sign(office.options().keccak256(signedBytes(header)));
    expect(await inject(office, b, { ...stolen, header, signature })).toEqual(["BAD_SEAL"]);
    expect(b.messages).toEqual([]);
    expect(await inject(office, b, stolen)).toEqual([]);
    expect(b.messages).toHaveLength(1);
  });

  test("[BUS.17] WRONG_RECIPIENT: for one address cannot be passed on to another", async () => {
    const { office, a, b, keys, letter } = await createBench();
    const c = await office.agent("c");
    const message = writerOf(office, a, keys).seal(letter) as Outgoing;
    expect(await inject(office, c, message)).toEqual(["WRONG_RECIPIENT"]);
    expect(await inject(office, b, message)).toEqual([]);
    expect([b.messages.length, c.messages.length]).toEqual([1, 0]);
  });

  test("[BUS.17] MALFORMED: to one address must be sealed, unless mailboxes talk of themselves", async () => {
    const { office, a, b, keys, letter } = await createBench();
    const writer = writerOf(office, a, keys);
    expect(await inject(office, b, writer.toMailbox(letter.to, "k", BODY))).toEqual(["MALFORMED"]);
    expect(await inject(office, b, writer.toJob(1n, "bus.hello", BODY))).toEqual(["MALFORMED"]);
    expect(b.messages).toEqual([]);
  });

  test("[BUS.17] shows neither its kind nor its job, and never the same bytes twice", async () => {
    const { office, a, keys, letter } = await createBench();
    const writer = writerOf(office, a, keys);
    const [first, second] = [writer.seal(letter), writer.seal(letter)] as [Outgoing, Outgoing];
    expect(Buffer.compare(first.body, second.body)).not.toBe(0);
    const named = writer.seal({ ...letter, job: 0x1234567890n, kind: "round.masked" }) as Outgoing;
    const seen = Buffer.from(concatBytes(frameOf(named), new TextEncoder().encode(named.topic)));
    for (const clue of [Buffer.from("1234567890", "hex"), "round.masked", asBuffer(BODY.subarray(0, 8))])
      expect(seen.includes(clue)).toBe(false);
  });
});
