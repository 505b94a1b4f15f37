import { invalidInput } from "@sheaf/base";
import type { Bus } from "./bus.ts";
import { MAX_SEALING_BYTES } from "./content.ts";
import { ADDRESS, isOwnKind, KIND, MAX_CHUNK_BYTES, MAX_CHUNKS } from "./envelope.ts";
import { busError } from "./errors.ts";
import { createKeyRequests, HELLO_KIND } from "./key-requests.ts";
import { createKeyRing, KEY_BYTES } from "./key-ring.ts";
import {
  type Identity,
  MAILBOX_LIMITS,
  type Mailbox,
  type MailboxLimits,
  type MailboxOptions,
  type Message,
  type Rejected,
  type Undelivered,
} from "./mailbox-types.ts";
import { createOutbox } from "./outbox.ts";
import { encodeReceipt, RECEIPT_KIND } from "./receipt.ts";
import { createReceiver } from "./receiver.ts";
import { inboxTopic, jobTopic } from "./topics.ts";
import { createWriter } from "./writer.ts";

type Listener = (message: Message) => void | Promise<void>;

/**
 * An agent's end of the bus: signed messages, sealed to one agent or open to all of a job (`specs/bus.md`). Settles when the
 * broker has confirmed the subscription to the inbox. Fails with `INVALID_INPUT` (scope, limits, secret) and what
 * `Bus.subscribe` fails with.
 */
export async function createMailbox(bus: Bus, identity: Identity, options: MailboxOptions): Promise<Mailbox> {
  const limits = checkLimits({ ...MAILBOX_LIMITS, ...options.limits }, options.chainScope);
  const { clock, processSecret } = options;
  if (processSecret !== undefined && processSecret.length !== KEY_BYTES)
    throw invalidInput("processSecret", `is not ${KEY_BYTES} bytes`);
  const keys = createKeyRing(processSecret);
  const rejectedListeners: ((rejected: Rejected) => void)[] = [];
  const undeliveredListeners: ((undelivered: Undelivered) => void)[] = [];
  const delivery = createDelivery();
  const write = createWriter(identity, keys, options, limits);
  const requests = createKeyRequests(bus, limits, {
    clock,
    hello: (to) => write.toMailbox(to, HELLO_KIND, new Uint8Array(0)),
  });
  const outbox = createOutbox(bus, limits, {
    clock,
    keys,
    seal: write.seal,
    keyOf: requests.keyOf,
    onUndelivered: (undelivered) => {
      for (const listener of undeliveredListeners) listener(undelivered);
    },
  });
  const receive = createReceiver(identity.address, keys, options, limits, {
    deliver: delivery.deliver,
    reject(rejected) {
      for (const listener of rejectedListeners) listener(rejected);
    },
    receipt(from, digest, missing) {
      const message = write.toMailbox(from, RECEIPT_KIND, encodeReceipt({ digest, missing }));
      outbox.publish(message).catch(() => {});
    },
    onReceipt: outbox.onReceipt,
    onKey(from) {
      requests.onKey(from);
      outbox.onKey(from);
    },
  });
  const listenTo = (topic: string) => bus.subscribe(topic, (payload) => receive.frame(payload, topic));
  const endInbox = await listenTo(inboxTopic(options.chainScope, identity.address));

  return {
    address: identity.address,
    async send(to, job, kind, body) {
      checkAddressing(to, kind);
      if (body.length > limits.bodyBytes) {
        const detail = { code: "BODY_TOO_LARGE", bytes: body.length, limitBytes: limits.bodyBytes } as const;
        throw busError(`a body of ${body.length} bytes is above the limit`, detail);
      }
      if (to !== "all-of-job") return outbox.post({ to, job, kind, body });
      const message = write.toJob(job, kind, body);
      return { digest: message.digest, wireBytes: await outbox.publish(message) };
    },
    onMessage: delivery.listen,
    onRejected: (listener) => void rejectedListeners.push(listener),
    onUndelivered: (listener) => void undeliveredListeners.push(listener),
    joinJob: (job) => listenTo(jobTopic(options.chainScope, job)),
    get unacknowledged() {
      return outbox.waiting;
    },
    async close() {
      requests.close();
      outbox.close();
      receive.close();
      await endInbox();
    },
  };
}

/** Hands messages to the listener; those that come before there is one wait for it. */
function createDelivery() {
  let listener: Listener | undefined;
  const early: ((listener: Listener) => void)[] = [];
  return {
    async deliver(message: Message): Promise<void> {
      await (listener ?? (await new Promise<Listener>((resolve) => early.push(resolve))))(message);
    },
    listen(next: Listener): void {
      listener = next;
      for (const resolve of early.splice(0)) resolve(next);
    },
  };
}

function checkAddressing(to: string, kind: string): void {
  if (to !== "all-of-job" && !ADDRESS.test(to)) throw invalidInput("to", `${to} is no address`);
  if (!KIND.test(kind) || isOwnKind(kind)) throw invalidInput("kind", `${kind} is no kind of message`);
}

function checkLimits(limits: MailboxLimits, scope: string): MailboxLimits {
  if (!/^[^+#\0]{1,128}$/.test(scope))
    throw invalidInput("chainScope", `"${scope}" cannot be part of a topic`);
  if (limits.chunkBytes < 1 || limits.chunkBytes > MAX_CHUNK_BYTES)
    throw invalidInput("limits.chunkBytes", `is not from 1 to ${MAX_CHUNK_BYTES}`);
  if (limits.bodyBytes + MAX_SEALING_BYTES > MAX_CHUNKS * limits.chunkBytes)
    throw invalidInput("limits.bodyBytes", `is above ${MAX_CHUNKS} chunks`);
  if (limits.assemblyMs <= 2 * limits.maxRepeatMs)
    throw invalidInput("limits.assemblyMs", "is not above twice maxRepeatMs");
  if (limits.deliverWithinMs >= limits.maxAgeMs)
    throw invalidInput("limits.deliverWithinMs", "is not below maxAgeMs");
  return limits;
}
