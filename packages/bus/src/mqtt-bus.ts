import { CodedError, errorMessage, invalidInput, type Millis, sleep, systemClock } from "@sheaf/base";
import type { Bus, Unsubscribe } from "./bus.ts";
import { busError } from "./errors.ts";
import {
  type BrokerAddress,
  type ConnectFailure,
  type MqttConnection,
  type MqttVersion,
  openConnection,
} from "./mqtt-connection.ts";
import { BUS_LIMITS, type BusLimits, createPublishQueue } from "./publish-queue.ts";
import { createSubscriptions } from "./subscriptions.ts";

export interface BusOptions {
  /** Two connections of the same identifier end each other. */
  readonly clientId: string;
  readonly user?: string;
  readonly password?: string;
  /** PEM: the authority of the broker's certificate; without it the ones that Node trusts. */
  readonly ca?: string;
  /** PEM: a client certificate and its key. */
  readonly cert?: string;
  readonly key?: string;
  readonly limits?: Partial<BusLimits>;
}

/** A bus over MQTT. */
export interface MqttBus extends Bus {
  /** The protocol that the broker accepted: 5, or 4 for MQTT 3.1.1. */
  readonly version: MqttVersion;
}

const FIRST_PAUSE_MS: Millis = 100;
const LONGEST_PAUSE_MS: Millis = 5_000;

/**
 * Connects to the broker at `mqtt://` or `mqtts://`, with MQTT 5 and otherwise 3.1.1 [BUS.11]. Lost connections are renewed
 * without end. Fails with `INVALID_INPUT`, `BROKER_REFUSED`, `BROKER_UNREACHABLE`.
 */
export async function connectBus(url: string, options: BusOptions): Promise<MqttBus> {
  const limits = { ...BUS_LIMITS, ...options.limits };
  const address = { ...options, url: parseBrokerUrl(url), packetBytes: limits.packetBytes };
  const subscriptions = createSubscriptions();
  const queue = createPublishQueue(limits, systemClock);
  const listeners = new Set<(up: boolean) => void>();
  const past = { sentBytes: 0, receivedBytes: 0 };
  const dialler = createDialler(address, subscriptions.onMessage);
  let connection: MqttConnection | undefined;
  let up = false;
  let closing = false;

  const announce = (nowUp: boolean): void => {
    up = nowUp;
    for (const listener of listeners) listener(up);
  };

  /** Reads before it writes: what it sends may be answered at once [BUS.2]. */
  async function begin(next: MqttConnection): Promise<void> {
    connection = next;
    void next.closed.then(() => {
      past.sentBytes += next.traffic.sentBytes;
      past.receivedBytes += next.traffic.receivedBytes;
      connection = undefined;
      void subscriptions.attach(undefined);
      queue.attach(undefined);
      if (closing) return;
      announce(false);
      void renew();
    });
    await subscriptions.attach(next);
    if (connection !== next) return;
    queue.attach(next.transmit);
    announce(true);
  }

  async function renew(): Promise<void> {
    for (let attempt = 0; !closing; attempt++) {
      await sleep(pauseMs(attempt));
      if (closing) return;
      const next = await dialler.dial();
      if ("failed" in next) continue;
      if (closing) return next.close();
      return begin(next);
    }
  }

  await begin(await firstConnection(url, dialler, limits.connectWithinMs));
  const first = dialler.version;
  const assertOpen = (): void => {
    if (closing) throw busError("the bus is closed", { code: "BUS_CLOSED" });
  };
  return {
    get version() {
      return dialler.version ?? first ?? 4;
    },
    publish: queue.publish,
    async subscribe(topic, listener): Promise<Unsubscribe> {
      assertOpen();
      return subscriptions.add(topic, listener);
    },
    onState(listener) {
      listeners.add(listener);
      listener(up);
      return () => void listeners.delete(listener);
    },
    async close() {
      closing = true;
      queue.close();
      subscriptions.close();
      await connection?.close();
    },
    get traffic() {
      const now = connection?.traffic ?? { sentBytes: 0, receivedBytes: 0 };
      return {
        sentBytes: past.sentBytes + now.sentBytes,
        receivedBytes: past.receivedBytes + now.receivedBytes,
      };
    },
  };
}

interface Dialler {
  /** One attempt: at most one connection for each version that may be right. */
  dial(): Promise<MqttConnection | ConnectFailure>;
  /** The version that a broker has accepted. */
  readonly version: MqttVersion | undefined;
}

/** Tries 5 first, and 4 when that is refused; keeps to the one that was accepted [BUS.11]. */
function createDialler(
  address: BrokerAddress,
  onMessage: (topic: string, payload: Uint8Array) => void,
): Dialler {
  let version: MqttVersion | undefined;
  return {
    async dial() {
      let last: ConnectFailure = { failed: "unreachable", problem: "no attempt was made" };
      for (const candidate of version === undefined ? ([5, 4] as const) : [version]) {
        const outcome = await openConnection(address, candidate, onMessage);
        if (!("failed" in outcome)) {
          version = candidate;
          return outcome;
        }
        last = outcome;
        if (outcome.failed !== "version") break;
      }
      return last;
    },
    get version() {
      return version;
    },
  };
}

async function firstConnection(url: string, dialler: Dialler, withinMs: Millis): Promise<MqttConnection> {
  const deadlineMs = systemClock.now() + withinMs;
  for (let attempt = 0; ; attempt++) {
    const outcome = await dialler.dial();
    if (!("failed" in outcome)) return outcome;
    const { failed, problem } = outcome;
    if (failed === "refused") {
      const advice = "check user and password, or the certificates and their authority";
      throw busError(`${url} refuses: ${problem}`, { code: "BROKER_REFUSED", url, problem }, { advice });
    }
    const pause = pauseMs(attempt);
    if (systemClock.now() + pause >= deadlineMs) {
      const advice = "check that a broker listens there";
      throw busError(`${url}: ${problem}`, { code: "BROKER_UNREACHABLE", url, problem }, { advice });
    }
    await sleep(pause);
  }
}

/** Doubles from attempt to attempt; a random part of up to half keeps many agents from coming back at once. */
function pauseMs(attempt: number): Millis {
  const pause = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(attempt, 16), LONGEST_PAUSE_MS);
  return pause * (1 - Math.random() / 2);
}

function parseBrokerUrl(url: string): URL {
  try {
    const parsed = new URL(url);
    if (parsed.protocol !== "mqtt:" && parsed.protocol !== "mqtts:")
      throw invalidInput("broker", `${parsed.protocol}// is not mqtt:// or mqtts://`);
    if (parsed.username !== "" || parsed.password !== "")
      throw invalidInput(
        "broker",
        "the URL must not hold a user or password",
        "give them as options of their own",
      );
    return parsed;
  } catch (error) {
    if (error instanceof CodedError) throw error;
    throw invalidInput("broker", `"${url}" is no URL: ${errorMessage(error)}`);
  }
}
