import type { Random } from "@sheaf/base";
import type { Value } from "../../src/index.ts";
import { toyDigest } from "./toy-ports.ts";

/** The values of one run, and which of them hosts hold for valid. */
export interface ToyValues {
  create(valid: boolean): Value;
  /** The host's check: the digest names the payload, and the value is valid. */
  isValid(value: Value): boolean;
  /** The digest of `value` with another payload. */
  swapped(value: Value): Value;
}

export function createToyValues(random: Random): ToyValues {
  const known = new Map<string, { readonly payload: Uint8Array; readonly valid: boolean }>();
  return {
    create(valid) {
      const digest = toyDigest(known.size + 1);
      const payload = random.bytes(8);
      known.set(digest, { payload, valid });
      return { digest, payload };
    },
    isValid({ digest, payload }) {
      const entry = known.get(digest);
      return entry?.valid === true && Buffer.compare(entry.payload, payload) === 0;
    },
    swapped: ({ digest }) => ({ digest, payload: random.bytes(8) }),
  };
}
