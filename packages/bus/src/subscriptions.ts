import type { Unsubscribe } from "./bus.ts";
import { busError } from "./errors.ts";
import type { MqttConnection } from "./mqtt-connection.ts";

type Listener = (payload: Uint8Array) => void;

/** What this end listens to, over any number of connections [BUS.2]. */
export interface Subscriptions {
  /** Settles when a broker has granted it. */
  add(topic: string, listener: Listener): Promise<Unsubscribe>;
  readonly onMessage: (topic: string, payload: Uint8Array) => void;
  /** Subscribes to everything over this connection; settles when all is granted, or the connection is lost. */
  attach(connection: MqttConnection | undefined): Promise<void>;
  close(): void;
}

interface Entry {
  readonly listeners: Set<Listener>;
  granted: boolean;
  /** Those who wait for the grant. */
  waiting: { resolve: () => void; reject: (error: unknown) => void }[];
}

export function createSubscriptions(): Subscriptions {
  const entries = new Map<string, Entry>();
  let connection: MqttConnection | undefined;

  async function ask(topic: string, entry: Entry, over: MqttConnection): Promise<void> {
    const answer = await over.subscribe(topic);
    if (answer === "connection-lost" || connection !== over) return;
    const waiting = entry.waiting.splice(0);
    if (answer === "granted") {
      entry.granted = true;
      for (const { resolve } of waiting) resolve();
      return;
    }
    entries.delete(topic);
    const refused = busError(`the broker does not let this user read ${topic}`, {
      code: "SUBSCRIPTION_REFUSED",
      topic,
    });
    for (const { reject } of waiting) reject(refused);
  }

  function end(topic: string, listener: Listener): void {
    const entry = entries.get(topic);
    entry?.listeners.delete(listener);
    if (entry === undefined || entry.listeners.size > 0) return;
    entries.delete(topic);
    connection?.unsubscribe(topic);
  }

  return {
    async add(topic, listener) {
      let entry = entries.get(topic);
      if (entry === undefined) {
        entry = { listeners: new Set(), granted: false, waiting: [] };
        entries.set(topic, entry);
        if (connection !== undefined) void ask(topic, entry, connection);
      }
      entry.listeners.add(listener);
      if (!entry.granted) {
        const { waiting } = entry;
        await new Promise<void>((resolve, reject) => waiting.push({ resolve, reject }));
      }
      return async () => end(topic, listener);
    },
    onMessage(topic, payload) {
      for (const listener of entries.get(topic)?.listeners ?? []) listener(payload);
    },
    async attach(next) {
      connection = next;
      for (const entry of entries.values()) entry.granted = false;
      if (next === undefined) return;
      await Promise.all([...entries].map(([topic, entry]) => ask(topic, entry, next)));
    },
    close() {
      connection = undefined;
      for (const { waiting } of entries.values()) {
        for (const { reject } of waiting) reject(busError("the bus is closed", { code: "BUS_CLOSED" }));
      }
      entries.clear();
    },
  };
}
