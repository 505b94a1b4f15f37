import { type Address, quorumSize } from "../../src/index.ts";
import { qbftRules } from "../../src/rules.ts";
import type { SimulationOptions } from "./simulate.ts";

/** The protocol with one of its rules broken, each in a way that the simulation must notice. */
export const weakened = {
  /** Quorums one too small. */
  quorum: { rules: { ...qbftRules, quorumSize: (n: number) => quorumSize(n) - 1 } },
  /** A round change forgets what was prepared. */
  lock: { rules: { ...qbftRules, lock: () => undefined } },
  /** In later rounds the proposer may propose what it likes. */
  justification: { rules: { ...qbftRules, justifiers: () => new Set<Address>() } },
  /** The host does not store the record. */
  persistence: { storage: "never" },
  /** The host sends first and stores then. */
  order: { storage: "late" },
} satisfies Record<string, SimulationOptions>;
