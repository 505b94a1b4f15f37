import { CodedError } from "@sheaf/base";
import type { CoalitionsClient } from "./coalitions-client.ts";

/** Every validator of the chain has ended. */
export type ViewsErrorDetail = { readonly code: "VALIDATORS_GONE" };

/** What any validator can be asked, as it says the same. */
export type SharedViews = Pick<CoalitionsClient, "head" | "read" | "events" | "block">;

/**
 * Asks the first validator that runs; the next one when that has ended meanwhile. Raises what the client raises while
 * that one runs; `VALIDATORS_GONE` when none is left.
 */
export function createSharedViews(
  clients: readonly SharedViews[],
  hasEnded: (validator: number) => boolean,
): SharedViews {
  async function ask<T>(question: (client: SharedViews) => Promise<T>): Promise<T> {
    for (const [validator, client] of clients.entries()) {
      if (hasEnded(validator)) continue;
      try {
        return await question(client);
      } catch (error) {
        if (!hasEnded(validator)) throw error;
      }
    }
    throw new CodedError("all validators have ended", { code: "VALIDATORS_GONE" } satisfies ViewsErrorDetail);
  }

  return {
    head: () => ask((client) => client.head()),
    read: (method, args) => ask((client) => client.read(method, args)),
    events: (toBlock) => ask((client) => client.events(toBlock)),
    block: (number) => ask((client) => client.block(number)),
  };
}
