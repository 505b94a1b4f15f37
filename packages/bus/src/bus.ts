import type { ByteCount } from "@sheaf/base";

/** Bytes of this end's connections since its start, protocol packets and TLS included [BUS.15]. */
export interface BusTraffic {
  readonly sentBytes: ByteCount;
  readonly receivedBytes: ByteCount;
}

/** Ends a subscription or an observation. */
export type Unsubscribe = () => Promise<void>;

/** Publish and subscribe: the port that agents talk through, and its rules `specs/bus.md`. */
export interface Bus {
  /**
   * Settles when the broker has taken the message over. Until then this end holds it, over any number of lost
   * connections [BUS.1]. Fails with `BUS_QUEUE_FULL`, `PACKET_TOO_LARGE`, `PUBLISH_EXPIRED`, `PUBLISH_REFUSED`,
   * `BUS_CLOSED`. The bytes must stay as they are until then.
   */
  publish(topic: string, payload: Uint8Array): Promise<void>;
  /**
   * Settles when the broker has confirmed. `topic` is exact: no wildcards. Renewed after each reconnect [BUS.2]. Fails with
   * `SUBSCRIPTION_REFUSED`, `BUS_CLOSED`.
   */
  subscribe(topic: string, listener: (payload: Uint8Array) => void): Promise<Unsubscribe>;
  /** Calls at once with the present state and then at each change. Returns the end of it. */
  onState(listener: (up: boolean) => void): () => void;
  /** Waits for nothing: what the broker has not taken over fails with `BUS_CLOSED`. */
  close(): Promise<void>;
  readonly traffic: BusTraffic;
}
