import type { Clock, Millis, Random } from "@sheaf/base";
import type { Bus } from "./bus.ts";
import { busError } from "./errors.ts";

/** How messages travel; the default is at once and without loss. */
export interface MemoryBrokerOptions {
  /** From a publisher to each subscriber. */
  readonly latencyMs?: Millis;
  /** A uniform part of up to so much comes on top, for each delivery by itself: messages overtake one another. */
  readonly jitterMs?: Millis;
  /** Probability that a delivery is lost. */
  readonly loss?: number;
  /** Probability that a delivery comes twice. */
  readonly duplication?: number;
}

/** A broker in this process, for simulations on a virtual clock: equal seeds give equal runs. */
export interface MemoryBroker {
  connect(): Bus;
  /** Takes the broker away and brings it back. As a real one with clean sessions, it forgets what is under way. */
  setUp(up: boolean): void;
}

interface Connection {
  readonly subscriptions: Map<string, Set<(payload: Uint8Array) => void>>;
  readonly state: Set<(up: boolean) => void>;
  /** Publications that wait for the broker to be up. */
  readonly waiting: {
    topic: string;
    payload: Uint8Array;
    resolve: () => void;
    reject: (error: Error) => void;
  }[];
  /** Deliveries that are under way and keep their order. */
  readonly underWay: (() => void)[];
  received(bytes: number): void;
}

/** Topic and payload, as much as MQTT's PUBLISH with QoS 1 up to 16 KiB, and its acknowledgement of 4 bytes. */
const packetBytes = (topic: string, payload: Uint8Array): number => 7 + topic.length + payload.length;
const ACK_BYTES = 4;

export function createMemoryBroker(
  options: MemoryBrokerOptions,
  ports: { readonly clock: Clock; readonly random: Random },
): MemoryBroker {
  const { clock, random } = ports;
  const { latencyMs = 0, jitterMs = 0, loss = 0, duplication = 0 } = options;
  const connections = new Set<Connection>();
  let up = true;
  let generation = 0;

  function deliverTo(connection: Connection, topic: string, payload: Uint8Array): void {
    if (random.chance(loss)) return;
    const sentIn = generation;
    const arrive = (): void => {
      if (sentIn !== generation || !connections.has(connection)) return;
      const listeners = connection.subscriptions.get(topic);
      if (listeners === undefined) return;
      connection.received(packetBytes(topic, payload));
      for (const listener of listeners) listener(payload);
    };
    if (jitterMs > 0) {
      clock.schedule(latencyMs + jitterMs * random.float(), arrive);
    } else {
      // Timers of a real clock that are due together may fire in any order.
      connection.underWay.push(arrive);
      clock.schedule(latencyMs, () => connection.underWay.shift()?.());
    }
    if (random.chance(duplication)) deliverTo(connection, topic, payload);
  }

  function route(topic: string, payload: Uint8Array): void {
    const copy = new Uint8Array(payload);
    for (const connection of connections)
      if (connection.subscriptions.has(topic)) deliverTo(connection, topic, copy);
  }

  function connect(): Bus {
    const traffic = { sentBytes: 0, receivedBytes: 0 };
    const connection: Connection = {
      subscriptions: new Map(),
      state: new Set(),
      waiting: [],
      underWay: [],
      received(bytes) {
        traffic.receivedBytes += bytes;
        traffic.sentBytes += ACK_BYTES;
      },
    };
    connections.add(connection);
    const assertOpen = (): void => {
      if (!connections.has(connection)) throw busError("the bus is closed", { code: "BUS_CLOSED" });
    };
    return {
      async publish(topic, payload) {
        assertOpen();
        traffic.sentBytes += packetBytes(topic, payload);
        traffic.receivedBytes += ACK_BYTES;
        if (up) return route(topic, payload);
        await new Promise<void>((resolve, reject) => {
          connection.waiting.push({ topic, payload: new Uint8Array(payload), resolve, reject });
        });
      },
      async subscribe(topic, listener) {
        assertOpen();
        const listeners = connection.subscriptions.get(topic) ?? new Set();
        connection.subscriptions.set(topic, listeners.add(listener));
        return async () => {
          listeners.delete(listener);
          if (listeners.size === 0 && connection.subscriptions.get(topic) === listeners)
            connection.subscriptions.delete(topic);
        };
      },
      onState(listener) {
        connection.state.add(listener);
        listener(up);
        return () => void connection.state.delete(listener);
      },
      async close() {
        connections.delete(connection);
        for (const { reject } of connection.waiting.splice(0))
          reject(busError("the bus is closed", { code: "BUS_CLOSED" }));
      },
      traffic,
    };
  }

  function setUp(nowUp: boolean): void {
    if (nowUp === up) return;
    up = nowUp;
    generation += 1;
    for (const connection of connections) {
      for (const listener of connection.state) listener(up);
      if (!up) continue;
      for (const { topic, payload, resolve } of connection.waiting.splice(0)) {
        route(topic, payload);
        resolve();
      }
    }
  }

  return { connect, setUp };
}
