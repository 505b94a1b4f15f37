import { createRandom, errorCode } from "@sheaf/base";
import { describe, expect, test } from "vitest";
import { createPostOffice } from "./support/post-office.ts";

const random = createRandom("mailbox");

describe("a message", () => {
  test("[BUS.5] [BUS.7] arrives as it was sent, from whom it says, once", async () => {
    const office = createPostOffice();
    const [a, b, c] = [await office.agent("a"), await office.agent("b"), await office.agent("c")];
    const body = random.bytes(1000);
    const sent = await office.settle(a.mailbox.send(b.identity.address, 12n, "round.keys", body));
    await office.run(1000);
    expect(b.messages).toEqual([
      {
        from: a.identity.address,
        to: b.identity.address,
        job: 12n,
        kind: "round.keys",
        body,
        digest: sent.digest,
        // After the question for the recipient's key.
        sequence: 1n,
        sentAtMs: expect.any(Number),
        wireBytes: sent.wireBytes,
      },
    ]);
    expect(c.messages).toEqual([]);
    expect(a.mailbox.unacknowledged).toBe(0);
    expect([...a.rejected, ...b.rejected, ...c.rejected]).toEqual([]);
  });

  test("[BUS.14] to all of a job reaches those who joined it, not the sender", async () => {
    const office = createPostOffice();
    const [a, b, c] = [await office.agent("a"), await office.agent("b"), await office.agent("c")];
    const end = await b.mailbox.joinJob(5n);
    await a.mailbox.joinJob(5n);
    await c.mailbox.joinJob(6n);
    await a.mailbox.send("all-of-job", 5n, "round.announce", random.bytes(300_000));
    await office.run(1000);
    await end();
    await a.mailbox.send("all-of-job", 5n, "round.announce", random.bytes(10));
    await office.run(1000);
    expect(b.messages.map(({ to, body }) => [to, body.length])).toEqual([["*", 300_000]]);
    expect([...a.messages, ...c.messages]).toEqual([]);
    expect(a.mailbox.unacknowledged).toBe(0);
  });

  test.each([0, 1, 131_071, 131_072, 131_073, 400_000, 5_000_000])(
    "[BUS.8] of %d bytes costs little more than its body, both ways",
    async (length) => {
      const office = createPostOffice();
      const [a, b] = [await office.agent("a"), await office.agent("b")];
      await office.meet(a, b);
      const body = random.bytes(length);
      const before = { ...a.bus.traffic };
      const { wireBytes } = await a.mailbox.send(b.identity.address, 1n, "round.masked", body);
      await office.run(1000);
      expect(Buffer.compare(b.messages[0]?.body ?? new Uint8Array(1), body)).toBe(0);
      expect(b.messages[0]?.wireBytes).toBe(wireBytes);
      const overhead =
        a.bus.traffic.sentBytes +
        a.bus.traffic.receivedBytes -
        before.sentBytes -
        before.receivedBytes -
        length;
      expect(overhead).toBeLessThan(1200 + length * 0.0015);
    },
  );

  test("must have a known form and size to be sent", async () => {
    const office = createPostOffice();
    const [a, b] = [
      await office.agent("a", { bodyBytes: 1000, unacknowledgedBytes: 1500 }),
      await office.agent("b"),
    ];
    const send = (to: `0x${string}`, kind: string, bytes: number): Promise<string | undefined> =>
      a.mailbox.send(to, 1n, kind, new Uint8Array(bytes)).then(() => "sent", errorCode);
    expect(await send("0xABC", "k", 1)).toBe("INVALID_INPUT");
    expect(await send(b.identity.address, "Not a kind", 1)).toBe("INVALID_INPUT");
    expect(await send(b.identity.address, "bus.receipt", 1)).toBe("INVALID_INPUT");
    expect(await send(b.identity.address, "k", 1001)).toBe("BODY_TOO_LARGE");
    office.broker.setUp(false);
    void send(b.identity.address, "k", 1000);
    expect(await send(b.identity.address, "k", 1000)).toBe("MAILBOX_FULL");
  });
});

describe("delivery", () => {
  test.each(Array.from({ length: 12 }, (_, index) => index))(
    "[BUS.10] [BUS.12] is exactly once over a bus that loses, doubles and reorders (seed %d)",
    async (seed) => {
      const faults = { latencyMs: 20, jitterMs: 200, loss: 0.25, duplication: 0.2 };
      const office = createPostOffice(faults, `lossy ${seed}`);
      const limits = { chunkBytes: 1000, bodyBytes: 20_000 };
      const agents = [
        await office.agent("a", limits),
        await office.agent("b", limits),
        await office.agent("c", limits),
      ];
      const sizes = createRandom(seed);
      const sent = new Map<string, string>();
      let posted = 0;
      for (let count = 0; count < 60; count++) {
        const [from, to] = sizes.shuffle(agents);
        if (from === undefined || to === undefined) continue;
        const body = sizes.bytes(sizes.int(8_000));
        void from.mailbox
          .send(to.identity.address, BigInt(count), "k", body)
          .then(({ digest }) => void sent.set(digest, Buffer.from(body).toString("hex")));
        posted += 1;
        await office.run(sizes.int(300));
      }
      while (agents.some(({ mailbox }) => mailbox.unacknowledged > 0)) await office.run(5_000);
      const got = agents.flatMap(({ messages }) => messages);
      expect([got.length, sent.size]).toEqual([posted, posted]);
      expect(new Map(got.map(({ digest, body }) => [digest, Buffer.from(body).toString("hex")]))).toEqual(
        sent,
      );
      expect(agents.map(({ mailbox }) => mailbox.unacknowledged)).toEqual([0, 0, 0]);
      expect(agents.flatMap(({ undelivered }) => undelivered)).toEqual([]);
    },
  );

  test("[BUS.12] is tried until the deadline, which is reported", async () => {
    const office = createPostOffice();
    const a = await office.agent("a", { deliverWithinMs: 60_000 });
    const b = await office.agent("b");
    await office.meet(a, b);
    await b.bus.close();
    const { digest } = await a.mailbox.send(b.identity.address, 3n, "k", random.bytes(10));
    await office.run(59_000);
    expect([a.mailbox.unacknowledged, a.undelivered.length]).toEqual([1, 0]);
    await office.run(2_000);
    expect(a.mailbox.unacknowledged).toBe(0);
    expect(a.undelivered).toEqual([{ to: b.identity.address, job: 3n, kind: "k", digest }]);
  });

  test("[BUS.12] to a receiver that was away happens when it is back", async () => {
    const office = createPostOffice();
    const a = await office.agent("a");
    const away = await office.agent("b");
    await office.meet(a, away);
    await away.bus.close();
    await a.mailbox.send(away.identity.address, 3n, "k", random.bytes(300_000));
    await office.run(20_000);
    const back = await office.agent("b", {}, 2);
    await office.run(40_000);
    expect(back.messages.map(({ body }) => body.length)).toEqual([300_000]);
    expect(a.mailbox.unacknowledged).toBe(0);
  });

  test("[BUS.13] is confirmed only when the message was dealt with, and repeated when that failed", async () => {
    const office = createPostOffice();
    const [a, b] = [await office.agent("a"), await office.agent("b")];
    await office.meet(a, b);
    const seen: string[] = [];
    let finish = (): void => {};
    b.mailbox.onMessage(async ({ kind }) => {
      seen.push(kind);
      if (seen.length === 1) throw new TypeError("the first attempt fails");
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
    });
    await a.mailbox.send(b.identity.address, 1n, "k", random.bytes(10));
    await office.run(60_000);
    expect(seen).toEqual(["k", "k"]);
    expect(a.mailbox.unacknowledged).toBe(1);
    finish();
    await office.run(60_000);
    expect(seen).toEqual(["k", "k"]);
    expect(a.mailbox.unacknowledged).toBe(0);
  });

  test("survives the loss of all that a broker had under way", async () => {
    const office = createPostOffice({ latencyMs: 50 });
    const [a, b] = [await office.agent("a"), await office.agent("b")];
    for (let count = 0; count < 20; count++)
      void a.mailbox.send(b.identity.address, 1n, "k", random.bytes(200_000));
    office.broker.setUp(false);
    await office.run(3_000);
    expect(b.messages).toEqual([]);
    office.broker.setUp(true);
    await office.run(2_000);
    expect(b.messages.length).toBe(20);
    expect(new Set(b.messages.map(({ sequence }) => sequence)).size).toBe(20);
  });
});
