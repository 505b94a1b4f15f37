import type { Clock, Millis } from "@sheaf/base";
import {
  type Address,
  type CommitCertificate,
  createProposers,
  type Message,
  type QbftPorts,
  verifyCommitCertificate,
} from "../../src/index.ts";
import { type Origin, scheduleByEpoch } from "./epochs.ts";
import type { Block } from "./network.ts";
import type { ToyValues } from "./toy-values.ts";

export type ViolationKind =
  /** Two correct validators decided differently. */
  | "agreement"
  /** A correct validator decided a value that its host holds for invalid. */
  | "validity"
  /** A decision came without a good certificate. */
  | "certificate"
  /** A correct validator decided a height twice, or out of order. */
  | "integrity"
  /** A correct validator signed two messages that contradict each other. */
  | "conflicting-votes"
  /** A correct validator proposed in a round that is another's [PROPOSER.4]. */
  | "proposer"
  /** A correct validator called another one faulty. */
  | "false-accusation"
  /** The heights were not decided in time after the network healed. */
  | "termination";

export interface Violation {
  readonly kind: ViolationKind;
  readonly detail: string;
  readonly atMs: Millis;
}

/** Watches what correct validators say and decide. */
export interface Audit {
  sent(node: number, message: Message): void;
  decided(node: number, block: Block): void;
  accused(node: number, offender: Address, why: string): void;
  report(kind: ViolationKind, detail: string): void;
  /** What the first correct validator decided at `height`. */
  decision(height: number): Block | undefined;
  /** The first thing that went wrong. */
  readonly violation: Violation | undefined;
}

export interface AuditPorts {
  readonly clock: Clock;
  readonly ports: QbftPorts;
  readonly values: ToyValues;
}

export function createAudit(
  origin: Origin,
  quorum: number,
  correct: ReadonlySet<Address>,
  { clock, ports, values }: AuditPorts,
): Audit {
  const { validators, chain } = origin;
  const claims = new Map<string, string>();
  const heights = new Map<number, number>();
  const decisions = new Map<number, Block>();
  let violation: Violation | undefined;

  function report(kind: ViolationKind, detail: string): void {
    violation ??= { kind, detail, atMs: clock.now() };
  }

  function proposed(node: number, { height, round }: Message): void {
    const { validators: weighted, seed } = scheduleByEpoch(origin, height, (each) => decisions.get(each));
    const draw = seed && { seed, hash: ports.hash };
    const due = createProposers(weighted, draw)(height, round);
    if (due !== validators[node]?.address) report("proposer", `node ${node} in ${height}/${round} of ${due}`);
  }

  return {
    sent(node, message) {
      const slot = `${node}/${message.type}/${message.height}/${message.round}`;
      const claim = claimOf(message);
      const earlier = claims.get(slot) ?? claim;
      claims.set(slot, earlier);
      if (claim !== earlier) report("conflicting-votes", `${slot}: ${earlier} and ${claim}`);
      if (message.type === "pre-prepare") proposed(node, message);
    },
    decided(node, block) {
      const { height, round, value, seals } = block;
      const { digest } = value;
      if (height !== (heights.get(node) ?? 0) + 1)
        report("integrity", `node ${node} decided ${height} out of order`);
      heights.set(node, height);
      if (!values.isValid(value)) report("validity", `node ${node} decided an invalid value at ${height}`);
      const certificate: CommitCertificate = { height, round, digest, seals };
      const check = verifyCommitCertificate(certificate, validators, chain, ports, quorum);
      if (!check.valid) report("certificate", `node ${node} at ${height}: ${check.code}`);
      const earlier = decisions.get(height) ?? block;
      decisions.set(height, earlier);
      if (digest !== earlier.value.digest)
        report("agreement", `height ${height}: ${earlier.value.digest} and, at node ${node}, ${digest}`);
    },
    accused(node, offender, why) {
      if (correct.has(offender)) report("false-accusation", `node ${node} says ${why} of ${offender}`);
    },
    decision: (height) => decisions.get(height),
    report,
    get violation() {
      return violation;
    },
  };
}

function claimOf(message: Message): string {
  switch (message.type) {
    case "pre-prepare":
      return message.value.digest;
    case "prepare":
    case "commit":
      return message.digest;
    case "round-change": {
      const { prepared } = message;
      return prepared === undefined ? "none" : `${prepared.round} ${prepared.value.digest}`;
    }
  }
}
