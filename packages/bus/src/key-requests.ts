import type { Cancel, Clock, Millis } from "@sheaf/base";
import type { Bus } from "./bus.ts";
import { busError } from "./errors.ts";
import { encodeEnvelopeFrame } from "./frames.ts";
import type { Address, MailboxLimits } from "./mailbox-types.ts";
import { SETTLE_MS } from "./outbox.ts";
import type { Outgoing } from "./writer.ts";

/** The kind of a request for the recipient's key: its receipt, like every message, shows the key. */
export const HELLO_KIND = "bus.hello";

/** Asks for keys that are not known, one request at a time for each address, however many wait for it [BUS.16]. */
export interface KeyRequests {
  /** Settles when the address has shown a key. Fails with `RECIPIENT_KEY_UNKNOWN` after `deliverWithinMs`, `BUS_CLOSED`. */
  keyOf(to: Address): Promise<void>;
  /** The address has shown a key. */
  onKey(from: Address): void;
  close(): void;
}

interface Request {
  readonly waiters: Set<Waiter>;
  pauseMs: Millis;
  /** The broker has yet to take the last one. */
  posting: boolean;
  cancel: Cancel;
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  readonly cancelDeadline: Cancel;
}

interface KeyRequestPorts {
  readonly clock: Clock;
  hello(to: Address): Outgoing;
}

export function createKeyRequests(bus: Bus, limits: MailboxLimits, ports: KeyRequestPorts): KeyRequests {
  const { clock, hello } = ports;
  const requests = new Map<Address, Request>();

  function open(to: Address): Request {
    const pauseMs = limits.repeatAfterMs;
    const request: Request = { waiters: new Set(), pauseMs, posting: false, cancel: () => {} };
    requests.set(to, request);
    void ask(to, request);
    return request;
  }

  /** Asks, and again after the pauses of [BUS.12]. */
  async function ask(to: Address, request: Request): Promise<void> {
    request.cancel();
    request.posting = true;
    const { topic, header, signature, body } = hello(to);
    await bus.publish(topic, encodeEnvelopeFrame(header, signature, body, false)).catch(() => {});
    request.posting = false;
    askAfter(to, request, request.pauseMs);
    request.pauseMs = Math.min(2 * request.pauseMs, limits.maxRepeatMs);
  }

  function askAfter(to: Address, request: Request, pauseMs: Millis): void {
    request.cancel();
    if (requests.get(to) === request) request.cancel = clock.schedule(pauseMs, () => void ask(to, request));
  }

  function end(to: Address): readonly Waiter[] {
    const request = requests.get(to);
    requests.delete(to);
    request?.cancel();
    const waiters = [...(request?.waiters ?? [])];
    for (const { cancelDeadline } of waiters) cancelDeadline();
    return waiters;
  }

  const endState = bus.onState((up) => {
    if (!up) return;
    for (const [to, request] of requests) {
      request.pauseMs = limits.repeatAfterMs;
      if (!request.posting) askAfter(to, request, SETTLE_MS);
    }
  });

  return {
    keyOf(to) {
      const request = requests.get(to) ?? open(to);
      return new Promise((resolve, reject) => {
        const limitMs = limits.deliverWithinMs;
        const cancelDeadline = clock.schedule(limitMs, () => {
          request.waiters.delete(waiter);
          if (request.waiters.size === 0) end(to);
          reject(busError(`${to} showed no key`, { code: "RECIPIENT_KEY_UNKNOWN", to, limitMs }));
        });
        const waiter: Waiter = { resolve, reject, cancelDeadline };
        request.waiters.add(waiter);
      });
    },
    onKey(from) {
      for (const { resolve } of end(from)) resolve();
    },
    close() {
      endState();
      for (const to of [...requests.keys()])
        for (const { reject } of end(to)) reject(busError("the mailbox is closed", { code: "BUS_CLOSED" }));
    },
  };
}
