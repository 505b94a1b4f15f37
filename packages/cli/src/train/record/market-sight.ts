import type { Hex, Millis } from "@sheaf/base";
import type { ChainEvent } from "@sheaf/marketplace";
import type { TransactionRef } from "@sheaf/measure";
import type { Address } from "@sheaf/protocol";
import type { LogLine } from "./agent-log.ts";

/** An event of the market's contracts, with what its transaction and block say. */
export type SeenEvent = ChainEvent & {
  readonly from: Address;
  readonly transaction: TransactionRef;
  /** Milliseconds since the run's start: the time of its block. */
  readonly timeMs: Millis;
};

/** An event of one job; those of accounts have the job 0. */
export type JobEvent = SeenEvent;

/** Everything that whoever made the run knows about it, before it becomes a record. */
export interface MarketSight {
  /** Wall-clock time of the run's start. */
  readonly originMs: Millis;
  /** Name of each agent, by its address. */
  readonly names: ReadonlyMap<Address, string>;
  /** What each agent left, by its name. */
  readonly logs: ReadonlyMap<string, readonly LogLine[]>;
}

/** The name of an agent; the address itself for somebody from outside. */
export function nameOf(sight: MarketSight, address: Address | Hex): string {
  return sight.names.get(address) ?? address;
}

/** Milliseconds since the run's start, never below zero. */
export function sinceStart(sight: MarketSight, wallMs: Millis): Millis {
  return Math.max(0, wallMs - sight.originMs);
}

/** The agents whose bits are set; bit i is the i-th of `members`. */
export function membersOf<T>(bitmap: bigint, members: readonly T[]): readonly T[] {
  return members.filter((_, index) => ((bitmap >> BigInt(index)) & 1n) === 1n);
}

/** The events called `name`, in order. */
export function eventsNamed<N extends JobEvent["event"]>(
  events: readonly JobEvent[],
  name: N,
): readonly Extract<JobEvent, { readonly event: N }>[] {
  return events.filter((event): event is Extract<JobEvent, { readonly event: N }> => event.event === name);
}
