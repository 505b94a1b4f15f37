import type { Cancel, Clock, CodedError, Millis } from "@sheaf/base";
import { type BusErrorDetail, busError } from "./errors.ts";

/** Bounds of one end of a bus; what is left out has the value of `BUS_LIMITS`. */
export interface BusLimits {
  /** A larger publication is refused here. */
  readonly packetBytes: number;
  /** Publications that the broker has not yet acknowledged, while more wait in order. */
  readonly inFlight: number;
  readonly inFlightBytes: number;
  /** Waiting and in flight. */
  readonly queueBytes: number;
  /** So long a publication is held for a broker that does not take it. */
  readonly publishWithinMs: Millis;
  /** For the first connection; later ones are tried without end. */
  readonly connectWithinMs: Millis;
}

export const BUS_LIMITS: BusLimits = {
  packetBytes: 1024 * 1024,
  inFlight: 64,
  inFlightBytes: 4 * 1024 * 1024,
  queueBytes: 512 * 1024 * 1024,
  publishWithinMs: 300_000,
  connectWithinMs: 15_000,
};

/** One connection's way to publish: settles with the acknowledgement, fails when the broker refuses. */
export type Transmit = (topic: string, payload: Uint8Array) => Promise<"acknowledged" | "connection-lost">;

/** Holds publications until the broker has acknowledged them, over any number of connections [BUS.1]. */
export interface PublishQueue {
  publish(topic: string, payload: Uint8Array): Promise<void>;
  /** Sends all that is not acknowledged, in order, over this connection from now on; `undefined`: there is none. */
  attach(transmit: Transmit | undefined): void;
  close(): void;
}

interface Entry {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  /** The connection that it is in flight on. */
  on: Transmit | undefined;
  expire: Cancel;
}

export function createPublishQueue(limits: BusLimits, clock: Clock): PublishQueue {
  const entries = new Set<Entry>();
  let queuedBytes = 0;
  let inFlight = 0;
  let inFlightBytes = 0;
  let transmit: Transmit | undefined;
  let closed = false;

  function remove(entry: Entry): void {
    if (!entries.delete(entry)) return;
    entry.expire();
    queuedBytes -= entry.payload.length;
    if (entry.on === undefined) return;
    inFlight -= 1;
    inFlightBytes -= entry.payload.length;
  }

  function send(entry: Entry, over: Transmit): void {
    entry.on = over;
    inFlight += 1;
    inFlightBytes += entry.payload.length;
    over(entry.topic, entry.payload).then(
      (outcome) => {
        // What a lost connection carried is sent again by `attach`.
        if (outcome === "connection-lost" || entry.on !== over) return;
        remove(entry);
        entry.resolve();
        pump();
      },
      (error) => {
        remove(entry);
        entry.reject(error);
        pump();
      },
    );
  }

  function pump(): void {
    if (transmit === undefined) return;
    for (const entry of entries) {
      if (inFlight >= limits.inFlight || inFlightBytes >= limits.inFlightBytes) return;
      if (entry.on === undefined) send(entry, transmit);
    }
  }

  function refusal(payload: Uint8Array): CodedError<BusErrorDetail> | undefined {
    const bytes = payload.length;
    if (closed) return busError("the bus is closed", { code: "BUS_CLOSED" });
    if (bytes > limits.packetBytes) {
      const detail = { code: "PACKET_TOO_LARGE", bytes, limitBytes: limits.packetBytes } as const;
      return busError(`a publication of ${bytes} bytes is above the limit`, detail);
    }
    if (queuedBytes + bytes <= limits.queueBytes) return undefined;
    const detail = {
      code: "BUS_QUEUE_FULL",
      waitingBytes: queuedBytes,
      limitBytes: limits.queueBytes,
    } as const;
    return busError("too much waits for the broker", detail);
  }

  return {
    publish(topic, payload) {
      const refused = refusal(payload);
      if (refused !== undefined) return Promise.reject(refused);
      return new Promise((resolve, reject) => {
        const entry: Entry = { topic, payload, resolve, reject, on: undefined, expire: () => {} };
        entry.expire = clock.schedule(limits.publishWithinMs, () => {
          remove(entry);
          const detail = { code: "PUBLISH_EXPIRED", topic, limitMs: limits.publishWithinMs } as const;
          reject(busError("the broker has not taken a publication over in time", detail));
        });
        entries.add(entry);
        queuedBytes += payload.length;
        pump();
      });
    },
    attach(next) {
      transmit = next;
      for (const entry of entries) entry.on = undefined;
      inFlight = 0;
      inFlightBytes = 0;
      pump();
    },
    close() {
      closed = true;
      transmit = undefined;
      for (const entry of [...entries]) {
        remove(entry);
        entry.reject(busError("the bus is closed", { code: "BUS_CLOSED" }));
      }
    },
  };
}
