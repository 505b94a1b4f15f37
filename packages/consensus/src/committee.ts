import { invariant } from "@sheaf/base";
import type { Address, Validator } from "./config.ts";
import { drawnProposer, type ProposerDraw } from "./draw.ts";
import { proposerAt, proposerTurns } from "./proposer.ts";
import { faultsTolerated } from "./quorum.ts";

/** The validators of a height, with what follows from them. */
export interface Committee {
  readonly validators: readonly Validator[];
  /** Of the draws of proposers; `undefined` when they take turns. */
  readonly seed: Uint8Array | undefined;
  readonly members: ReadonlySet<Address>;
  readonly quorum: number;
  readonly faults: number;
  proposer(height: number, round: number): Address;
}

/**
 * Checks the list (distinct addresses, at least one, integer weights, of 0 only with a draw) and
 * prepares it.
 */
export function createCommittee(
  validators: readonly Validator[],
  quorumSize: (validators: number) => number,
  draw?: ProposerDraw,
): Committee {
  const members = new Set(validators.map(({ address }) => address));
  invariant(validators.length > 0, "a height needs a validator");
  invariant(members.size === validators.length, "validators are distinct");
  return {
    validators,
    seed: draw?.seed,
    members,
    quorum: quorumSize(validators.length),
    faults: faultsTolerated(validators.length),
    proposer: createProposers(validators, draw),
  };
}

/**
 * Who proposes in (height, round): by draws when there is a seed [PROPOSER.4], else by turns
 * [PROPOSER.1]. Weights are integers, positive where proposers take turns.
 */
export function createProposers(
  validators: readonly Validator[],
  draw?: ProposerDraw,
): (height: number, round: number) => Address {
  const least = draw === undefined ? 1 : 0;
  for (const { weight } of validators) {
    invariant(
      Number.isSafeInteger(weight) && weight >= least,
      `proposer weights are integers of at least ${least}`,
    );
  }
  if (draw !== undefined) return (height, round) => drawnProposer(validators, draw, height, round);
  const turns = proposerTurns(validators);
  return (height, round) => proposerAt(turns, validators.length, height, round);
}
