import { createRandom, sleep, systemClock } from "@sheaf/base";
import { afterEach, describe, expect, test } from "vitest";
import { createMailbox, type Mailbox, type MailboxOptions } from "../src/index.ts";
import {
  aedesEnvironment,
  hasMosquitto,
  mosquittoEnvironment,
  type TestEnvironment,
} from "./support/environments.ts";
import { createIdentity, crypto } from "./support/identities.ts";
import { observe, SCOPE } from "./support/post-office.ts";

let environment: TestEnvironment | undefined;
afterEach(async () => {
  await environment?.close();
});

const options: MailboxOptions = {
  chainScope: SCOPE,
  clock: systemClock,
  licensed: () => true,
  ...crypto,
  limits: { repeatAfterMs: 500, maxRepeatMs: 2_000 },
};

const brokers = [
  { name: "the embedded broker", open: aedesEnvironment, skip: false },
  { name: "mosquitto (MQTT 5)", open: mosquittoEnvironment, skip: !hasMosquitto() },
];

describe.each(brokers)("mailboxes over $name", ({ open, skip }) => {
  test.skipIf(skip)(
    "[BUS.1] [BUS.12] [BUS.10] each message arrives once, although the broker dies three times on the way",
    { timeout: 30_000 },
    async () => {
      const running = await open();
      environment = running;
      const names = ["a", "b", "c", "d"];
      const agents = await Promise.all(
        names.map(async (name) => {
          const bus = await running.connect();
          const mailbox = await createMailbox(bus, createIdentity(name), options);
          return { bus, mailbox, ...observe(mailbox) };
        }),
      );
      const random = createRandom("restarts");
      const sent = new Map<string, number>();
      const sending: Promise<void>[] = [];
      const send = (from: Mailbox, to: Mailbox): void => {
        const body = random.bytes(random.int(400_000));
        const posted = from
          .send(to.address, 1n, "k", body)
          .then(({ digest }) => void sent.set(digest, body.length));
        sending.push(posted);
      };
      for (let round = 0; round < 4; round++) {
        for (const { mailbox } of agents)
          for (const other of agents) if (other.mailbox !== mailbox) send(mailbox, other.mailbox);
        if (round === 3) break;
        await sleep(random.int(60));
        await running.stopBroker();
        await sleep(random.int(300));
        await running.startBroker();
      }
      await Promise.all(sending);
      while (agents.some(({ mailbox }) => mailbox.unacknowledged > 0)) await sleep(20);
      const got = agents.flatMap(({ messages }) => messages);
      expect(got.length).toBe(48);
      expect(new Map(got.map(({ digest, body }) => [digest, body.length]))).toEqual(sent);
      expect(agents.flatMap(({ undelivered }) => undelivered)).toEqual([]);
      await Promise.all(agents.map(({ mailbox }) => mailbox.close()));
      await Promise.all(agents.map(({ bus }) => bus.close()));
    },
  );

  test.skipIf(skip)("[BUS.15] an update of 400 KB costs hardly more than itself on the wire", async () => {
    environment = await open();
    const [from, to] = [await environment.connect(), await environment.connect()];
    const sender = await createMailbox(from, createIdentity("sender"), options);
    const receiver = await createMailbox(to, createIdentity("receiver"), options);
    const { messages } = observe(receiver);
    await sender.send(receiver.address, 1n, "round.announce", new Uint8Array(0));
    while (sender.unacknowledged > 0) await sleep(5);
    const before = { ...from.traffic };
    await sender.send(receiver.address, 1n, "round.masked", createRandom("update").bytes(400_000));
    while (sender.unacknowledged > 0) await sleep(5);
    expect(messages).toHaveLength(2);
    const bytes =
      from.traffic.sentBytes + from.traffic.receivedBytes - before.sentBytes - before.receivedBytes;
    expect(bytes).toBeLessThan(400_000 * 1.005);
    await Promise.all([from.close(), to.close()]);
  });
});
