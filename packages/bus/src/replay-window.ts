import { compareBytes, type Hex } from "@sheaf/base";
import type { Envelope } from "./envelope.ts";
import type { Address } from "./mailbox-types.ts";

/** How far a message of a sender has come. */
export interface Seen {
  readonly digest: Hex;
  /** `refused`: it does not open, and never will; it gets no receipt. */
  state: "assembling" | "processing" | "delivered" | "refused";
  wireBytes: number;
}

/** Remembers what came from whom, so that nothing is taken twice [BUS.10]. */
export interface ReplayWindow {
  /** What is known of exactly this message. */
  find(envelope: Envelope, digest: Hex): Seen | undefined;
  /** Why a message that is not known may not be taken. */
  refusal(envelope: Envelope): "OLD_EPOCH" | "OLD_SEQUENCE" | "SEQUENCE_REUSED" | undefined;
  /** Takes a message whose signature was verified. `forget` makes it unknown again. */
  admit(envelope: Envelope, seen: Seen): { forget(): void };
}

interface Sender {
  readonly epochMs: number;
  readonly key: Uint8Array;
  /** Everything up to here that is not in `seen` is too old. */
  floor: bigint;
  readonly seen: Map<bigint, Seen>;
}

/** Keeps the last `size` messages of each sender's latest process. */
export function createReplayWindow(size: number, onEvicted: (seen: Seen) => void): ReplayWindow {
  const senders = new Map<Address, Sender>();

  /** Negative when the envelope's epoch is before the sender's. */
  const order = (envelope: Envelope, sender: Sender): number =>
    envelope.epochMs !== sender.epochMs
      ? envelope.epochMs - sender.epochMs
      : compareBytes(envelope.fromKey, sender.key);

  function current(envelope: Envelope): Sender {
    const known = senders.get(envelope.from);
    if (known !== undefined && order(envelope, known) === 0) return known;
    for (const seen of known?.seen.values() ?? []) onEvicted(seen);
    const { epochMs, fromKey } = envelope;
    const fresh: Sender = { epochMs, key: new Uint8Array(fromKey), floor: -1n, seen: new Map() };
    senders.set(envelope.from, fresh);
    return fresh;
  }

  return {
    find(envelope, digest) {
      const sender = senders.get(envelope.from);
      if (sender === undefined || order(envelope, sender) !== 0) return undefined;
      const seen = sender.seen.get(envelope.sequence);
      return seen?.digest === digest ? seen : undefined;
    },
    refusal(envelope) {
      const sender = senders.get(envelope.from);
      if (sender === undefined) return undefined;
      const compared = order(envelope, sender);
      if (compared !== 0) return compared < 0 ? "OLD_EPOCH" : undefined;
      if (sender.seen.has(envelope.sequence)) return "SEQUENCE_REUSED";
      return envelope.sequence <= sender.floor ? "OLD_SEQUENCE" : undefined;
    },
    admit(envelope, seen) {
      const sender = current(envelope);
      sender.seen.set(envelope.sequence, seen);
      for (const [sequence, oldest] of sender.seen) {
        if (sender.seen.size <= size) break;
        sender.seen.delete(sequence);
        if (sequence > sender.floor) sender.floor = sequence;
        onEvicted(oldest);
      }
      return {
        forget() {
          if (sender.seen.get(envelope.sequence) === seen) sender.seen.delete(envelope.sequence);
        },
      };
    },
  };
}
