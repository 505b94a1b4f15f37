import type { Message } from "@sheaf/consensus";

/** The latest own message of each type at the newest height, for peers that connect late [WIRE.11]. */
export interface LatestMessages {
  keep(message: Message, payload: Uint8Array): void;
  /** In the order in which they were sent. */
  readonly payloads: Iterable<Uint8Array>;
}

export function createLatestMessages(): LatestMessages {
  const latest = new Map<Message["type"], Uint8Array>();
  let height = 0;
  return {
    keep(message, payload) {
      if (message.height !== height) latest.clear();
      height = message.height;
      latest.delete(message.type);
      latest.set(message.type, payload);
    },
    get payloads() {
      return latest.values();
    },
  };
}
