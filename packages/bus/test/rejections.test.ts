import { compareBytes, concatBytes, createRandom } from "@sheaf/base";
import { describe, expect, test } from "vitest";
import { MAX_SEALING_BYTES } from "../src/content.ts";
import { MAX_CHUNK_BYTES } from "../src/envelope.ts";
import { encodeChunkFrame, encodeEnvelopeFrame } from "../src/frames.ts";
import { type Identity, MAILBOX_LIMITS, type MailboxLimits, type MailboxOptions } from "../src/index.ts";
import { createKeyRing, type KeyRing } from "../src/key-ring.ts";
import { inboxTopic, jobTopic } from "../src/topics.ts";
import { createWriter, type Outgoing } from "../src/writer.ts";
import { createIdentity } from "./support/identities.ts";
import { type Agent, createPostOffice, keyRingOf, type PostOffice, SCOPE } from "./support/post-office.ts";

const random = createRandom("rejections");
const BODY = random.bytes(100);
/** Secrets of processes whose public keys rise. */
const [KEY_0, KEY_1, KEY_2] = ([1, 2, 3] as const)
  .map((seed) => createRandom(seed).bytes(32))
  .sort((a, b) => compareBytes(createKeyRing(a).publicKey, createKeyRing(b).publicKey)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
];

/** A receiver, and a sender whose frames the test makes by hand. */
interface Bench {
  readonly office: PostOffice;
  readonly receiver: Agent;
  readonly sender: Agent;
  /** A process of the sender, or of `as`, that seals to the receiver's key, with other settings. */
  writer(changes?: Partial<Changes>): (body: Uint8Array) => Outgoing;
  /** Writes one message as such a process. */
  write(body: Uint8Array, changes?: Partial<Changes>): Outgoing;
  /** Puts a frame on the receiver's inbox, or on `topic`, and says what it was rejected for. */
  post(frame: Uint8Array, topic?: string): Promise<string[]>;
}

interface Changes {
  readonly as: Identity;
  readonly to: `0x${string}` | "*";
  readonly kind: string;
  /** What names the process that writes. */
  readonly keys: KeyRing;
  /** The key that it is sealed to. */
  readonly sealedTo: Uint8Array;
  readonly options: Partial<MailboxOptions>;
  readonly limits: Partial<MailboxLimits>;
}

async function createBench(limits?: Partial<MailboxLimits>): Promise<Bench> {
  const office = createPostOffice();
  const [receiver, sender] = [await office.agent("receiver", limits), await office.agent("sender")];
  await office.run(1000);
  function writer(changes: Partial<Changes> = {}) {
    const { as = sender.identity, to = receiver.identity.address, kind = "k" } = changes;
    const { keys = createKeyRing(KEY_1), sealedTo = keyRingOf("receiver").publicKey } = changes;
    const options = { ...office.options(), ...changes.options };
    const write = createWriter(as, keys, options, { ...MAILBOX_LIMITS, ...limits, ...changes.limits });
    if (to !== "*") keys.learn(to, sealedTo);
    return (body: Uint8Array): Outgoing => {
      if (to === "*") return write.toJob(9n, kind, body);
      if (kind.startsWith("bus.")) return write.toMailbox(to, kind, body);
      return write.seal({ to, job: 9n, kind, body }) as Outgoing;
    };
  }
  return {
    office,
    receiver,
    sender,
    writer,
    write: (body, changes) => writer(changes)(body),
    async post(frame, topic = inboxTopic(SCOPE, receiver.identity.address)) {
      const before = receiver.rejected.length;
      await sender.bus.publish(topic, frame);
      await office.run(100);
      return receiver.rejected.slice(before).map(({ code }) => code);
    },
  };
}

const envelope = ({ header, signature, body, chunkBytes }: Outgoing, repeated = false): Uint8Array =>
  encodeEnvelopeFrame(header, signature, body.length > chunkBytes ? new Uint8Array(0) : body, repeated);

const chunk = ({ digestBytes, body, chunkBytes }: Outgoing, index: number): Uint8Array =>
  encodeChunkFrame(digestBytes, index, body.subarray(index * chunkBytes, (index + 1) * chunkBytes));

/** The bytes with one bit turned. */
function spoil(bytes: Uint8Array, at: number): Uint8Array {
  const copy = new Uint8Array(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

/** A clock that is off by so much, for a sender. */
const shifted = (office: PostOffice, byMs: number): Partial<MailboxOptions> => ({
  clock: { ...office.clock, wallMs: () => office.clock.wallMs() + byMs },
});

describe("a frame is refused", () => {
  test("[BUS.6] MALFORMED: that is none, cut short, or has a header of another form", async () => {
    const { write, post, receiver } = await createBench();
    const frame = envelope(write(BODY));
    const cuts = [0, 1, 4, 5, 60, 5 + 100].map((length) => frame.subarray(0, length));
    for (const bytes of [...cuts, random.bytes(200), Uint8Array.of(3, 0, 0), Uint8Array.of(9)]) {
      expect(await post(bytes)).toEqual(["MALFORMED"]);
    }
    expect(receiver.messages).toEqual([]);
  });

  test("[BUS.7] whatever bit of it was turned", async () => {
    const { write, post, receiver } = await createBench();
    const message = write(BODY);
    const frame = envelope(message);
    for (let at = 0; at < frame.length; at += 1) {
      // The type of a repeated envelope differs by more than its lowest bit; the unused byte of an Ed25519 signature
      // does not count.
      if (at === frame.length - message.body.length - 1) continue;
      const codes = await post(spoil(frame, at));
      expect(codes, `byte ${at}`).toHaveLength(1);
    }
    expect(receiver.messages).toEqual([]);
    expect(await post(frame)).toEqual([]);
    expect(receiver.messages).toHaveLength(1);
  });

  test("[BUS.7] VERSION: of another version", async () => {
    const { write, post } = await createBench();
    const message = write(BODY);
    const header = new Uint8Array(message.header);
    header[1] = 1;
    expect(await post(envelope({ ...message, header }))).toEqual(["VERSION"]);
  });

  test("[BUS.9] WRONG_SCOPE: of another chain or market", async () => {
    const { write, post } = await createBench();
    expect(await post(envelope(write(BODY, { options: { chainScope: "8/0xaa" } })))).toEqual(["WRONG_SCOPE"]);
  });

  test("[BUS.9] WRONG_RECIPIENT: for somebody else, or on a topic that is not its own", async () => {
    const { write, post, receiver } = await createBench();
    await receiver.mailbox.joinJob(9n);
    const other = createIdentity("other").address;
    expect(await post(envelope(write(BODY, { to: other })))).toEqual(["WRONG_RECIPIENT"]);
    expect(await post(envelope(write(BODY, { to: "*" })))).toEqual(["WRONG_RECIPIENT"]);
    expect(await post(envelope(write(BODY)), jobTopic(SCOPE, 9n))).toEqual(["WRONG_RECIPIENT"]);
    expect(receiver.messages).toEqual([]);
  });

  test("[BUS.8] OVERSIZED: that announces more than the receiver takes", async () => {
    const { write, post } = await createBench({ bodyBytes: 1000 });
    expect(await post(envelope(write(random.bytes(1000))))).toEqual([]);
    expect(await post(envelope(write(random.bytes(1000 + MAX_SEALING_BYTES))))).toEqual(["OVERSIZED"]);
    const limits = { chunkBytes: 2 * MAX_CHUNK_BYTES };
    const wide = await createBench();
    expect(await wide.post(envelope(wide.write(new Uint8Array(MAX_CHUNK_BYTES + 1), { limits })))).toEqual([
      "OVERSIZED",
    ]);
  });

  test("[BUS.9] STALE or FUTURE: sent too long ago, or later than now", async () => {
    const { write, post, office, receiver } = await createBench();
    const { maxAgeMs, maxAheadMs } = MAILBOX_LIMITS;
    const at = (ms: number) => envelope(write(BODY, { options: shifted(office, ms), keys: createKeyRing() }));
    expect(await post(at(-maxAgeMs - 1))).toEqual(["STALE"]);
    expect(await post(at(maxAheadMs + 1000))).toEqual(["FUTURE"]);
    expect(await post(at(-maxAgeMs + 1000))).toEqual([]);
    expect(await post(at(maxAheadMs - 1000))).toEqual([]);
    expect(receiver.messages).toHaveLength(2);
  });

  test("[BUS.9] UNLICENSED: from somebody without a licence, or whose licence is gone", async () => {
    const { write, post, office, sender } = await createBench();
    const stranger = createIdentity("stranger");
    expect(await post(envelope(write(BODY, { as: stranger })))).toEqual(["UNLICENSED"]);
    expect(await post(envelope(write(BODY)))).toEqual([]);
    office.licensed.delete(sender.identity.address);
    expect(await post(envelope(write(BODY, { keys: createKeyRing(KEY_2) })))).toEqual(["UNLICENSED"]);
  });

  test("[BUS.9] BAD_SIGNATURE: that another signed", async () => {
    const { write, post, office, sender, receiver } = await createBench();
    const forger = await office.agent("forger");
    const as = { address: sender.identity.address, sign: forger.identity.sign };
    expect(await post(envelope(write(BODY, { as })))).toEqual(["BAD_SIGNATURE"]);
    expect(receiver.rejected[0]).toEqual({ code: "BAD_SIGNATURE", from: sender.identity.address });
    expect(receiver.messages).toEqual([]);
  });

  test("[BUS.8] BODY_MISMATCH: with a body that was not signed", async () => {
    const { write, post } = await createBench();
    const message = write(BODY);
    const { body } = message;
    expect(await post(envelope({ ...message, body: spoil(body, 7) }))).toEqual(["BODY_MISMATCH"]);
    expect(await post(envelope({ ...message, body: body.subarray(1) }))).toEqual(["BODY_MISMATCH"]);
    const large = write(random.bytes(300_000));
    expect(await post(concatBytes(envelope(large), Uint8Array.of(1)))).toEqual(["BODY_MISMATCH"]);
  });
});

describe("a replay", () => {
  test("[BUS.10] of a message is dropped without a word, and confirmed again", async () => {
    const { write, post, receiver, sender } = await createBench();
    const frame = envelope(write(BODY));
    const before = receiver.bus.traffic.sentBytes;
    for (let count = 0; count < 3; count++) expect(await post(frame)).toEqual([]);
    expect(receiver.messages).toHaveLength(1);
    expect(receiver.bus.traffic.sentBytes - before).toBeGreaterThan(3 * 200);
    expect(sender.rejected).toEqual([]);
  });

  test("[BUS.10] OLD_EPOCH: from a process before the sender's present one", async () => {
    const { write, post, office, receiver } = await createBench();
    const old = envelope(write(BODY, { options: shifted(office, -5) }));
    expect(await post(envelope(write(BODY)))).toEqual([]);
    expect(await post(old)).toEqual(["OLD_EPOCH"]);
    expect(await post(envelope(write(BODY, { keys: createKeyRing(KEY_0) })))).toEqual([]);
    expect(receiver.messages).toHaveLength(2);
  });

  test("[BUS.10] SEQUENCE_REUSED: another message under a number that was taken", async () => {
    const { write, post, office } = await createBench();
    const clock = { ...office.clock, wallMs: () => 1_700_000_000_500 };
    expect(await post(envelope(write(BODY, { options: { clock } })))).toEqual([]);
    expect(await post(envelope(write(random.bytes(10), { options: { clock } })))).toEqual([
      "SEQUENCE_REUSED",
    ]);
  });

  test("[BUS.10] OLD_SEQUENCE: below what is remembered", async () => {
    const { post, receiver, writer } = await createBench({ window: 16 });
    const write = writer();
    const frames = Array.from({ length: 40 }, () => envelope(write(BODY)));
    const [first = BODY, second = BODY, ...others] = frames;
    expect(await post(second)).toEqual([]);
    for (const frame of others) expect(await post(frame)).toEqual([]);
    expect(await post(first)).toEqual(["OLD_SEQUENCE"]);
    expect(await post(second)).toEqual(["OLD_SEQUENCE"]);
    expect(receiver.messages).toHaveLength(39);
  });
});

describe("chunks", () => {
  const limits = { chunkBytes: 1000, bodyBytes: 100_000 };

  test("[BUS.8] UNKNOWN_CHUNK: before the envelope, or of a message that is complete", async () => {
    const { write, post, receiver } = await createBench(limits);
    const message = write(random.bytes(1500));
    expect(await post(chunk(message, 0))).toEqual(["UNKNOWN_CHUNK"]);
    expect(await post(envelope(message))).toEqual([]);
    expect(await post(chunk(message, 1))).toEqual([]);
    expect(await post(chunk(message, 1))).toEqual([]);
    expect(await post(chunk(message, 0))).toEqual([]);
    expect(receiver.messages).toHaveLength(1);
    expect(await post(chunk(message, 0))).toEqual(["UNKNOWN_CHUNK"]);
  });

  test("[BUS.8] CHUNK_MISMATCH: a poisoned chunk does not spoil the message", async () => {
    const { write, post, receiver } = await createBench(limits);
    const body = random.bytes(2500);
    const message = write(body);
    await post(envelope(message));
    const poisoned = [
      spoil(chunk(message, 1), 700),
      concatBytes(chunk(message, 1), Uint8Array.of(0)),
      encodeChunkFrame(message.digestBytes, 3, random.bytes(10)),
      encodeChunkFrame(message.digestBytes, 0, message.body.subarray(1000, 2000)),
    ];
    for (const frame of poisoned) expect(await post(frame)).toEqual(["CHUNK_MISMATCH"]);
    for (const index of [2, 1, 0]) expect(await post(chunk(message, index))).toEqual([]);
    expect(receiver.messages.map((each) => each.body)).toEqual([body]);
  });

  test("[BUS.8] ASSEMBLY_FULL: a sender's share is bounded in bytes and in number, and is its own", async () => {
    const { post, office, receiver, writer } = await createBench({
      ...limits,
      assembliesPerSender: 3,
      assemblyBytesPerSender: 10_000,
    });
    const other = await office.agent("other");
    const [mine, theirs] = [writer(), writer({ as: other.identity })].map(
      (write) => (bytes: number) => write(random.bytes(bytes)),
    ) as [(bytes: number) => Outgoing, (bytes: number) => Outgoing];
    const [large, tooLarge] = [mine(9_000), mine(1_001)];
    expect(await post(envelope(large))).toEqual([]);
    expect(await post(envelope(tooLarge))).toEqual(["ASSEMBLY_FULL"]);
    expect(await post(envelope(theirs(9_000)))).toEqual([]);
    for (let index = 0; index < 10; index++) expect(await post(chunk(large, index))).toEqual([]);
    expect(receiver.messages).toHaveLength(1);
    expect(await post(envelope(tooLarge))).toEqual([]);
    expect(await post(envelope(mine(1_001)))).toEqual([]);
    expect(await post(envelope(mine(1_001)))).toEqual([]);
    expect(await post(envelope(mine(1_001)))).toEqual(["ASSEMBLY_FULL"]);
  });

  test("[BUS.8] ASSEMBLY_FULL: so is what all senders take together", async () => {
    const { write, post, office, receiver } = await createBench({ ...limits, assemblyBytes: 10_000 });
    const other = await office.agent("other");
    expect(await post(envelope(write(random.bytes(9_000))))).toEqual([]);
    expect(await post(envelope(write(random.bytes(2_000), { as: other.identity })))).toEqual([
      "ASSEMBLY_FULL",
    ]);
    expect(receiver.rejected.at(-1)?.from).toBe(other.identity.address);
  });

  test("[BUS.8] ASSEMBLY_EXPIRED: what is not completed makes room, and may be sent again", async () => {
    const { write, post, office, receiver } = await createBench(limits);
    const message = write(random.bytes(2_500));
    await post(envelope(message));
    await post(chunk(message, 0));
    await office.run(MAILBOX_LIMITS.assemblyMs);
    expect(receiver.rejected.map(({ code }) => code)).toEqual(["ASSEMBLY_EXPIRED"]);
    expect(await post(envelope(message, true))).toEqual([]);
    for (const index of [0, 1, 2]) expect(await post(chunk(message, index))).toEqual([]);
    expect(receiver.messages).toHaveLength(1);
  });
});

test("[BUS.12] a receipt that another signs, or of no form, ends no message", async () => {
  const { office, receiver, sender, post, write } = await createBench();
  const forger = await office.agent("forger");
  await office.meet(sender, receiver);
  await receiver.bus.close();
  const { digest } = await sender.mailbox.send(receiver.identity.address, 1n, "k", BODY);
  const body = new Uint8Array(Buffer.from(digest.slice(2), "hex"));
  const to = sender.identity.address;
  const inbox = inboxTopic(SCOPE, to);
  const receipt = (as: Identity, bytes: Uint8Array) =>
    envelope(write(bytes, { as, to, kind: "bus.receipt", keys: keyRingOf("receiver") }));
  await post(receipt(forger.identity, body), inbox);
  await post(receipt({ ...receiver.identity, sign: forger.identity.sign }, body), inbox);
  await post(receipt(receiver.identity, body.subarray(1)), inbox);
  expect(sender.rejected.map(({ code }) => code)).toEqual(["BAD_SIGNATURE", "MALFORMED"]);
  expect(sender.mailbox.unacknowledged).toBe(1);
  await office.run(1);
  await post(receipt(receiver.identity, body), inbox);
  expect(sender.mailbox.unacknowledged).toBe(0);
});
