import { asBuffer } from "@sheaf/base";
import { type Address, epochOf, quorumSize, seedHeightOf } from "../../src/index.ts";
import { qbftRules } from "../../src/rules.ts";
import { type BlockAt, type Schedule, type ScheduleRule, scheduleByEpoch, withWeights } from "./epochs.ts";
import type { SimulationOptions } from "./simulate.ts";

/** The rule for the last validator alone; the others keep to theirs. */
function ofLast(rule: ScheduleRule): ScheduleRule {
  return (origin, height, blockAt, node) =>
    (node === origin.validators.length - 1 ? rule : scheduleByEpoch)(origin, height, blockAt);
}

/** The chain as if each block had been decided a height later. */
function shifted(blockAt: BlockAt): BlockAt {
  return (height) => blockAt(height - 1);
}

function byOwnCertificate(...[origin, height, blockAt]: Parameters<ScheduleRule>): Schedule {
  const { epochBlocks = 1 } = origin.profile;
  const { validators, seed } = scheduleByEpoch(origin, height, blockAt);
  const last = blockAt(seedHeightOf(epochOf(height, epochBlocks), epochBlocks));
  if (last === undefined || seed === undefined) return { validators, seed };
  const signers = last.seals.map((seal) => asBuffer(seal).toString("hex")).join();
  return { validators: withWeights(validators, signers), seed };
}

/** The protocol with one of its rules broken, each in a way that the simulation must notice. */
export const weakened = {
  /** Quorums one too small. */
  quorum: { rules: { ...qbftRules, quorumSize: (n: number) => quorumSize(n) - 1 } },
  /** A round change forgets what was prepared. */
  lock: { rules: { ...qbftRules, lock: () => undefined } },
  /** In later rounds the proposer may propose what it likes. */
  justification: { rules: { ...qbftRules, justifiers: () => new Set<Address>() } },
  /** The last validator begins each epoch a height too early. */
  early: {
    schedule: ofLast((origin, height, blockAt) => scheduleByEpoch(origin, height + 1, shifted(blockAt))),
  },
  /** The last validator begins each epoch a height too late. */
  late: { schedule: ofLast((origin, height, blockAt) => scheduleByEpoch(origin, height - 1, blockAt)) },
  /** The last validator weighs by the certificates it happens to hold, which differ from one validator to another. */
  ownView: { schedule: ofLast(byOwnCertificate) },
  /** The host does not store the record. */
  persistence: { storage: "never" },
  /** The host sends first and stores then. */
  order: { storage: "late" },
} satisfies Record<string, SimulationOptions>;
