import { type Clock, errorMessage, type Millis } from "@sheaf/base";
import { parseQuantity, type RpcClient, type Subscription, subscribe } from "@sheaf/protocol";
import type { LoadEndpoint } from "../load-options.ts";

/** How often an endpoint without subscriptions is asked for its head. */
const pollMs: Millis = 100;
const reconnectMs: Millis = 250;

/** A validator's heads, as they arrive. */
export interface HeadWatcher {
  /** Resolves with the validator's head once it is being watched. */
  readonly ready: Promise<number>;
  close(): void;
}

export interface HeadEvents {
  /** `ms` is when the driver got it; `hash` is missing where only the number was asked for. */
  head(number: number, hash: string | undefined, ms: Millis): void;
  /** Heads are polled, because of `reason`: their times are late by up to the period and an answer. */
  polling(reason: string): void;
}

/**
 * Watches the heads of one validator by `eth_subscribe`, or by polling where there is no WebSocket.
 * When a connection ends it is opened again and the head is asked for, so that what was missed is
 * recovered: a head stands for all blocks before it.
 */
export function watchHeads(
  endpoint: LoadEndpoint,
  client: RpcClient,
  clock: Clock,
  events: HeadEvents,
): HeadWatcher {
  let subscription: Subscription | undefined;
  let closed = false;
  let announce: (head: number) => void = () => {};
  const ready = new Promise<number>((resolve) => {
    announce = resolve;
  });

  function onItem(item: unknown): void {
    const ms = clock.now();
    const { number, hash } = (item ?? {}) as { readonly number?: unknown; readonly hash?: unknown };
    const height = parseQuantity(number);
    if (height === undefined || closed) return;
    events.head(Number(height), typeof hash === "string" ? hash : undefined, ms);
  }

  async function askHead(): Promise<void> {
    const height = parseQuantity(await client.call("eth_blockNumber", []));
    if (height === undefined || closed) return;
    events.head(Number(height), undefined, clock.now());
    announce(Number(height));
  }

  async function connect(url: string, again: boolean): Promise<void> {
    if (closed) return;
    try {
      const opened = await subscribe(url, ["newHeads"], {
        onItem,
        onClose: () => clock.schedule(reconnectMs, () => void connect(url, true)),
      });
      if (closed) opened.close();
      subscription = opened;
    } catch (error) {
      if (closed) return;
      if (!again && (await answers())) {
        events.polling(errorMessage(error));
        void poll();
        return;
      }
      clock.schedule(reconnectMs, () => void connect(url, again));
    }
    // Asked after subscribing, so that no head falls between; while disconnected, this is a poll.
    await askHead().catch(() => undefined);
  }

  async function answers(): Promise<boolean> {
    return client.call("eth_blockNumber", []).then(
      () => true,
      () => false,
    );
  }

  async function poll(): Promise<void> {
    if (closed) return;
    await askHead().catch(() => undefined);
    if (!closed) clock.schedule(pollMs, () => void poll());
  }

  if (endpoint.wsUrl !== undefined) void connect(endpoint.wsUrl, false);
  else {
    events.polling("no WebSocket address");
    void poll();
  }
  return {
    ready,
    close() {
      closed = true;
      subscription?.close();
    },
  };
}
