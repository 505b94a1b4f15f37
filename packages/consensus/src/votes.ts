import type { Hex } from "@sheaf/base";
import type { Address } from "./config.ts";
import type { Commit, Prepare } from "./messages.ts";

/** Votes of one type at one height: for each sender one a round, its latest `MAX_VOTE_ROUNDS` rounds. */
export type Votes<V extends Prepare | Commit> = ReadonlyMap<Address, readonly V[]>;

/** The bound on what a flooding validator can make the others hold [BUFFER.2]. */
export const MAX_VOTE_ROUNDS = 8;

export const noVotes: Votes<never> = new Map();

/** The vote that `sender` has cast in `round`, if it is held. */
export function voteIn<V extends Prepare | Commit>(
  votes: Votes<V>,
  sender: Address,
  round: number,
): V | undefined {
  return votes.get(sender)?.find((vote) => vote.round === round);
}

/** `votes` with one more, of a round that `sender` has no vote in; its vote of the lowest round may go. */
export function withVote<V extends Prepare | Commit>(votes: Votes<V>, sender: Address, vote: V): Votes<V> {
  const held = [...(votes.get(sender) ?? []), vote];
  if (held.length > MAX_VOTE_ROUNDS) {
    const lowest = Math.min(...held.map(({ round }) => round));
    held.splice(
      held.findIndex(({ round }) => round === lowest),
      1,
    );
  }
  return new Map(votes).set(sender, held);
}

/** The signatures of all votes for `digest` in `round`, in the order of the signers' addresses. */
export function signaturesFor<V extends Prepare | Commit>(
  votes: Votes<V>,
  round: number,
  digest: Hex,
): Uint8Array[] {
  const found: [Address, Uint8Array][] = [];
  for (const [sender, held] of votes) {
    for (const vote of held) {
      if (vote.round === round && vote.digest === digest) found.push([sender, vote.signature]);
    }
  }
  return found.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, signature]) => signature);
}
