import { invariant } from "@sheaf/base";
import type { Address, Validator } from "./config.ts";
import { proposerAt, proposerTurns } from "./proposer.ts";
import { faultsTolerated } from "./quorum.ts";

/** The validators of a height, with what follows from them. */
export interface Committee {
  readonly validators: readonly Validator[];
  readonly members: ReadonlySet<Address>;
  readonly quorum: number;
  readonly faults: number;
  proposer(height: number, round: number): Address;
}

/** Checks the list (distinct addresses, positive integer weights, at least one) and prepares it. */
export function createCommittee(
  validators: readonly Validator[],
  quorumSize: (validators: number) => number,
): Committee {
  const members = new Set(validators.map(({ address }) => address));
  invariant(validators.length > 0, "a height needs a validator");
  invariant(members.size === validators.length, "validators are distinct");
  for (const { weight } of validators) {
    invariant(Number.isSafeInteger(weight) && weight > 0, "proposer weights are positive integers");
  }
  const turns = proposerTurns(validators);
  return {
    validators,
    members,
    quorum: quorumSize(validators.length),
    faults: faultsTolerated(validators.length),
    proposer: (height, round) => proposerAt(turns, validators.length, height, round),
  };
}
