import type { Cancel, Clock, Hex, Millis } from "@sheaf/base";
import type { Bus } from "./bus.ts";
import { busError } from "./errors.ts";
import { encodeChunkFrame, encodeEnvelopeFrame } from "./frames.ts";
import type { Address, MailboxLimits, Undelivered } from "./mailbox-types.ts";
import type { Receipt } from "./receipt.ts";

/** A signed message, ready to leave. */
export interface Outgoing extends Omit<Undelivered, "to"> {
  readonly to: Address | "*";
  readonly topic: string;
  readonly header: Uint8Array;
  readonly signature: Uint8Array;
  readonly digestBytes: Uint8Array;
  readonly body: Uint8Array;
  readonly chunkBytes: number;
}

/** Publishes messages and repeats them until their receipts come [BUS.12]. */
export interface Outbox {
  /** Settles with the bytes of all frames when the broker has them. */
  post(message: Outgoing, receipted: boolean): Promise<number>;
  onReceipt(receipt: Receipt, from: Address): void;
  readonly waiting: number;
  close(): void;
}

interface Held {
  readonly message: Outgoing;
  readonly deadlineMs: Millis;
  pauseMs: Millis;
  /** Frames of it wait for the broker: a repeat would only double them. */
  posting: boolean;
  cancel: Cancel;
}

interface OutboxPorts {
  readonly clock: Clock;
  onUndelivered(message: Undelivered): void;
}

/** Pause after a reconnect before messages are repeated: the receivers may be reconnecting too. */
const SETTLE_MS: Millis = 500;

export function createOutbox(bus: Bus, limits: MailboxLimits, ports: OutboxPorts): Outbox {
  const { clock } = ports;
  const held = new Map<Hex, Held>();
  let heldBytes = 0;
  let up = true;

  function hold(message: Outgoing): Held {
    if (heldBytes + message.body.length > limits.unacknowledgedBytes) {
      const limitBytes = limits.unacknowledgedBytes;
      throw busError("too many messages wait for receipts", { code: "MAILBOX_FULL", heldBytes, limitBytes });
    }
    heldBytes += message.body.length;
    const deadlineMs = clock.now() + limits.deliverWithinMs;
    const entry: Held = {
      message,
      deadlineMs,
      pauseMs: limits.repeatAfterMs,
      posting: false,
      cancel: () => {},
    };
    held.set(message.digest, entry);
    return entry;
  }

  function release(digest: Hex): void {
    const entry = held.get(digest);
    if (entry === undefined) return;
    entry.cancel();
    held.delete(digest);
    heldBytes -= entry.message.body.length;
  }

  function repeatAfter(entry: Held, pauseMs: Millis): void {
    entry.cancel();
    if (held.get(entry.message.digest) !== entry) return;
    const leftMs = entry.deadlineMs - clock.now();
    entry.cancel = clock.schedule(Math.min(pauseMs, leftMs), () => repeat(entry));
  }

  function repeat(entry: Held): void {
    const { message } = entry;
    if (clock.now() >= entry.deadlineMs) {
      release(message.digest);
      const { to, job, kind, digest } = message;
      if (to !== "*") ports.onUndelivered({ to, job, kind, digest });
      return;
    }
    entry.pauseMs = Math.min(2 * entry.pauseMs, limits.maxRepeatMs);
    // While the bus is down a repeat would only queue up.
    if (up) void transmit(entry, [envelopeFrame(message, true)]).catch(() => {});
    else repeatAfter(entry, entry.pauseMs);
  }

  /** Publishes frames; the next repeat waits until the broker has them, or has failed to take them. */
  async function transmit(entry: Held, frames: readonly Uint8Array[]): Promise<void> {
    entry.cancel();
    entry.posting = true;
    try {
      // All at once: the bus bounds what is under way, and keeps the order.
      await publishAll(entry.message.topic, frames);
    } finally {
      entry.posting = false;
      repeatAfter(entry, entry.pauseMs);
    }
  }

  const publishAll = (topic: string, frames: readonly Uint8Array[]): Promise<unknown> =>
    Promise.all(frames.map((frame) => bus.publish(topic, frame)));

  const endState = bus.onState((nowUp) => {
    const came = nowUp && !up;
    up = nowUp;
    if (!came) return;
    for (const entry of held.values()) {
      entry.pauseMs = limits.repeatAfterMs;
      if (!entry.posting) repeatAfter(entry, SETTLE_MS);
    }
  });

  return {
    async post(message, receipted) {
      const frames = [envelopeFrame(message, false), ...chunkFrames(message)];
      if (receipted) await transmit(hold(message), frames);
      else await publishAll(message.topic, frames);
      return frames.reduce((sum, frame) => sum + frame.length, 0);
    },
    onReceipt({ digest, missing }, from) {
      const entry = held.get(digest);
      if (entry === undefined || entry.message.to !== from) return;
      if (missing.length === 0) return release(digest);
      const frames = chunkFrames(entry.message).filter((_, index) => missing.includes(index));
      if (entry.posting) return;
      // Somebody is there and listens.
      entry.pauseMs = limits.repeatAfterMs;
      void transmit(entry, frames).catch(() => {});
    },
    get waiting() {
      return held.size;
    },
    close() {
      endState();
      for (const digest of [...held.keys()]) release(digest);
    },
  };
}

function envelopeFrame(message: Outgoing, repeated: boolean): Uint8Array {
  const inline = message.body.length <= message.chunkBytes ? message.body : new Uint8Array(0);
  return encodeEnvelopeFrame(message.header, message.signature, inline, repeated);
}

function chunkFrames({ body, chunkBytes, digestBytes }: Outgoing): Uint8Array[] {
  if (body.length <= chunkBytes) return [];
  const frames: Uint8Array[] = [];
  for (let start = 0; start < body.length; start += chunkBytes) {
    frames.push(encodeChunkFrame(digestBytes, frames.length, body.subarray(start, start + chunkBytes)));
  }
  return frames;
}
