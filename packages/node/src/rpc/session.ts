import type { Hex } from "@sheaf/base";
import type { LogQuery } from "./parameters.ts";

/** What a client can subscribe to. */
export type Topic =
  | { readonly kind: "heads" }
  | { readonly kind: "logs"; readonly query: LogQuery }
  | { readonly kind: "pending"; readonly full: boolean };

/** Who calls. */
export interface Session {
  /** Absent where nothing can be pushed to the caller (HTTP). */
  readonly subscriber: Subscriber | undefined;
}

/** A connection that takes notifications. */
export interface Subscriber {
  /** The identifier of the new subscription. Raises `RPC_FAULT` when there are too many. */
  subscribe(topic: Topic): Hex;
  /** Whether there was such a subscription. */
  unsubscribe(id: string): boolean;
}
