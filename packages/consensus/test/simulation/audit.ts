import type { Clock, Hex, Millis } from "@sheaf/base";
import {
  type Address,
  type CommitCertificate,
  type Message,
  type QbftPorts,
  type Validator,
  verifyCommitCertificate,
} from "../../src/index.ts";
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
  /** The first thing that went wrong. */
  readonly violation: Violation | undefined;
}

export interface AuditPorts {
  readonly clock: Clock;
  readonly ports: QbftPorts;
  readonly values: ToyValues;
}

export function createAudit(
  chain: Uint8Array,
  validators: readonly Validator[],
  quorum: number,
  correct: ReadonlySet<Address>,
  { clock, ports, values }: AuditPorts,
): Audit {
  const claims = new Map<string, string>();
  const heights = new Map<number, number>();
  const decisions = new Map<number, Hex>();
  let violation: Violation | undefined;

  function report(kind: ViolationKind, detail: string): void {
    violation ??= { kind, detail, atMs: clock.now() };
  }

  return {
    sent(node, message) {
      const slot = `${node}/${message.type}/${message.height}/${message.round}`;
      const claim = claimOf(message);
      const earlier = claims.get(slot) ?? claim;
      claims.set(slot, earlier);
      if (claim !== earlier) report("conflicting-votes", `${slot}: ${earlier} and ${claim}`);
    },
    decided(node, { height, round, value, seals }) {
      const { digest } = value;
      if (height !== (heights.get(node) ?? 0) + 1)
        report("integrity", `node ${node} decided ${height} out of order`);
      heights.set(node, height);
      if (!values.isValid(value)) report("validity", `node ${node} decided an invalid value at ${height}`);
      const certificate: CommitCertificate = { height, round, digest, seals };
      const check = verifyCommitCertificate(certificate, validators, chain, ports, quorum);
      if (!check.valid) report("certificate", `node ${node} at ${height}: ${check.code}`);
      const earlier = decisions.get(height) ?? digest;
      decisions.set(height, earlier);
      if (digest !== earlier)
        report("agreement", `height ${height}: ${earlier} and, at node ${node}, ${digest}`);
    },
    accused(node, offender, why) {
      if (correct.has(offender)) report("false-accusation", `node ${node} says ${why} of ${offender}`);
    },
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
