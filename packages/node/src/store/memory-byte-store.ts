import { asBuffer } from "@sheaf/base";
import type { ByteStore } from "./byte-store.ts";

/** A byte store that is gone with the process: for tests and simulations. */
export function createMemoryByteStore(): ByteStore {
  const values = new Map<string, Uint8Array>();
  const name = (key: Uint8Array): string => asBuffer(key).toString("latin1");
  return {
    at: "memory",
    get isEmpty() {
      return values.size === 0;
    },
    get: (key) => values.get(name(key)),
    write(work) {
      const pending = new Map<string, Uint8Array | undefined>();
      work({
        put: (key, value) => pending.set(name(key), new Uint8Array(value)),
        remove: (key) => pending.set(name(key), undefined),
      });
      for (const [key, value] of pending) {
        if (value === undefined) values.delete(key);
        else values.set(key, value);
      }
    },
    close: async () => {},
  };
}
