import type { Random, VirtualClock } from "@sheaf/base";
import type { RoundTimeouts } from "../../src/index.ts";
import type { Rules } from "../../src/rules.ts";
import type { Audit } from "./audit.ts";
import type { Origin, ScheduleRule } from "./epochs.ts";
import type { Network, Packet } from "./network.ts";
import type { ToyKeys } from "./toy-ports.ts";
import type { ToyValues } from "./toy-values.ts";

/** What the nodes of one run share. */
export interface World extends Origin {
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly keys: ToyKeys;
  readonly values: ToyValues;
  readonly network: Network;
  readonly audit: Audit;
  readonly rules: Rules;
  readonly storage: Storage;
  /** How correct validators find out who proposes. */
  readonly schedule: ScheduleRule;
  trace(node: number, text: () => string): void;
}

/** How hosts treat `persist`: as they must, after the outputs that follow it, or not at all. */
export type Storage = "in-order" | "late" | "never";

export interface SimulatedNode {
  start(): void;
  receive(from: number, packet: Packet): void;
}

export const TIMEOUTS: RoundTimeouts = { baseMs: 200, factor: 1.5, capMs: 1500 };

/** The numbers of all nodes but `index`. */
export function othersThan(index: number, { profile }: World): readonly number[] {
  return Array.from({ length: profile.validators }, (_, each) => each).filter((each) => each !== index);
}
