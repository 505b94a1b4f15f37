import { bytesEqual, type Cancel, type Clock, type Hex, type Millis } from "@sheaf/base";
import type { Bus } from "./bus.ts";
import { busError } from "./errors.ts";
import { encodeChunkFrame, encodeEnvelopeFrame } from "./frames.ts";
import type { KeyRing } from "./key-ring.ts";
import type { Address, MailboxLimits, SentMessage, Undelivered } from "./mailbox-types.ts";
import type { Receipt } from "./receipt.ts";
import type { Letter, Outgoing, SealedLetter } from "./writer.ts";

/** Publishes messages; seals letters and repeats them until their receipts come [BUS.12]. */
export interface Outbox {
  /** Once, for nobody to confirm. Settles with the bytes of all frames when the broker has them. */
  publish(message: Outgoing): Promise<number>;
  /** Settles when the recipient's key is known and the broker has all frames. */
  post(letter: Letter): Promise<SentMessage>;
  onReceipt(receipt: Receipt, from: Address): void;
  /** The address has shown another key: what is held for it is sealed to that and sent [BUS.16]. */
  onKey(from: Address): void;
  /** Letters without a receipt. */
  readonly waiting: number;
  close(): void;
}

interface Held {
  readonly to: Address;
  readonly bodyBytes: number;
  readonly deadlineMs: Millis;
  /** Missing while the recipient's key is awaited. */
  sealed?: SealedLetter;
  /** Of the first sealing. */
  digest?: Hex;
  pauseMs: Millis;
  /** Frames of it wait for the broker: a repeat would only double them. */
  posting: boolean;
  cancel: Cancel;
}

interface OutboxPorts {
  readonly clock: Clock;
  readonly keys: KeyRing;
  /** `undefined` while no key of the recipient is known. */
  seal(letter: Letter): SealedLetter | undefined;
  /** Settles when one is known. */
  keyOf(to: Address): Promise<void>;
  onUndelivered(message: Undelivered): void;
}

/** Pause after a reconnect before messages are repeated: the receivers may be reconnecting too. */
export const SETTLE_MS: Millis = 500;

export function createOutbox(bus: Bus, limits: MailboxLimits, ports: OutboxPorts): Outbox {
  const { clock } = ports;
  const held = new Set<Held>();
  const byDigest = new Map<Hex, Held>();
  let heldBytes = 0;
  let up = true;

  function hold({ to, body }: Letter): Held {
    if (heldBytes + body.length > limits.unacknowledgedBytes) {
      const limitBytes = limits.unacknowledgedBytes;
      throw busError("too many messages wait for receipts", { code: "MAILBOX_FULL", heldBytes, limitBytes });
    }
    heldBytes += body.length;
    const entry: Held = {
      to,
      bodyBytes: body.length,
      deadlineMs: clock.now() + limits.deliverWithinMs,
      pauseMs: limits.repeatAfterMs,
      posting: false,
      cancel: () => {},
    };
    held.add(entry);
    return entry;
  }

  function release(entry: Held): void {
    entry.cancel();
    if (!held.delete(entry)) return;
    heldBytes -= entry.bodyBytes;
    if (entry.sealed !== undefined) byDigest.delete(entry.sealed.digest);
  }

  /** Seals a letter that is held to the recipient's latest key, which is waited for. */
  async function sealFor(entry: Held, letter: Letter): Promise<SealedLetter> {
    try {
      for (;;) {
        const sealed = ports.seal(letter);
        if (sealed !== undefined) return name(entry, sealed);
        await ports.keyOf(letter.to);
      }
    } catch (error) {
      release(entry);
      throw error;
    }
  }

  /** Gives a held letter its first name, or another one. */
  function name(entry: Held, sealed: SealedLetter): SealedLetter {
    if (entry.sealed !== undefined) byDigest.delete(entry.sealed.digest);
    entry.sealed = sealed;
    entry.digest ??= sealed.digest;
    entry.pauseMs = limits.repeatAfterMs;
    byDigest.set(sealed.digest, entry);
    return sealed;
  }

  function repeatAfter(entry: Held, pauseMs: Millis): void {
    entry.cancel();
    if (!held.has(entry)) return;
    const leftMs = entry.deadlineMs - clock.now();
    entry.cancel = clock.schedule(Math.min(pauseMs, leftMs), () => repeat(entry));
  }

  function repeat(entry: Held): void {
    const { to, sealed, digest } = entry;
    if (sealed === undefined || digest === undefined) return;
    if (clock.now() >= entry.deadlineMs) {
      release(entry);
      ports.onUndelivered({ to, job: sealed.job, kind: sealed.kind, digest });
      return;
    }
    entry.pauseMs = Math.min(2 * entry.pauseMs, limits.maxRepeatMs);
    // While the bus is down a repeat would only queue up.
    if (up) void transmit(entry, sealed, [envelopeFrame(sealed, true)]).catch(() => {});
    else repeatAfter(entry, entry.pauseMs);
  }

  /** Publishes frames; the next repeat waits until the broker has them, or has failed to take them. */
  async function transmit(entry: Held, sealed: SealedLetter, frames: readonly Uint8Array[]): Promise<void> {
    entry.cancel();
    entry.posting = true;
    try {
      // All at once: the bus bounds what is under way, and keeps the order.
      await publishAll(sealed.topic, frames);
    } finally {
      // Else it was sealed anew meanwhile, and those frames are waited for.
      if (entry.sealed === sealed) {
        entry.posting = false;
        repeatAfter(entry, entry.pauseMs);
      }
    }
  }

  const publishAll = (topic: string, frames: readonly Uint8Array[]): Promise<unknown> =>
    Promise.all(frames.map((frame) => bus.publish(topic, frame)));

  const endState = bus.onState((nowUp) => {
    const came = nowUp && !up;
    up = nowUp;
    if (!came) return;
    for (const entry of held) {
      entry.pauseMs = limits.repeatAfterMs;
      if (!entry.posting) repeatAfter(entry, SETTLE_MS);
    }
  });

  return {
    async publish(message) {
      const frames = allFrames(message);
      await publishAll(message.topic, frames);
      return bytesOf(frames);
    },
    async post(letter) {
      const entry = hold(letter);
      const sealed = await sealFor(entry, letter);
      const frames = allFrames(sealed);
      await transmit(entry, sealed, frames);
      return { digest: sealed.digest, wireBytes: bytesOf(frames) };
    },
    onReceipt({ digest, missing }, from) {
      const entry = byDigest.get(digest);
      if (entry?.sealed === undefined || entry.to !== from) return;
      if (missing.length === 0) return release(entry);
      if (entry.posting) return;
      const frames = chunkFrames(entry.sealed).filter((_, index) => missing.includes(index));
      // Somebody is there and listens.
      entry.pauseMs = limits.repeatAfterMs;
      void transmit(entry, entry.sealed, frames).catch(() => {});
    },
    onKey(from) {
      const key = ports.keys.peer(from)?.key;
      if (key === undefined) return;
      for (const entry of held) {
        if (entry.to !== from || entry.sealed === undefined || bytesEqual(entry.sealed.key, key)) continue;
        const sealed = ports.seal(entry.sealed.unseal());
        if (sealed !== undefined)
          void transmit(entry, name(entry, sealed), allFrames(sealed)).catch(() => {});
      }
    },
    get waiting() {
      return held.size;
    },
    close() {
      endState();
      for (const entry of [...held]) release(entry);
    },
  };
}

const allFrames = (message: Outgoing): Uint8Array[] => [
  envelopeFrame(message, false),
  ...chunkFrames(message),
];

const bytesOf = (frames: readonly Uint8Array[]): number =>
  frames.reduce((sum, { length }) => sum + length, 0);

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
