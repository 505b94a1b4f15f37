import type { Address, Value } from "./config.ts";
import type { Context } from "./context.ts";
import { highestPrepared, justificationOf } from "./justification.ts";
import type { Justification, PrePrepare, RoundChange } from "./messages.ts";
import { acceptProposal } from "./prepare.ts";
import { requestValidation } from "./request-validation.ts";
import type { QbftState } from "./state.ts";
import { sign } from "./voting.ts";

/**
 * Proposes when it is this validator's turn, it has not done so in this round, and it has what it
 * needs [PROPOSE.1]: in round 0 a value from the host; later also round changes of a quorum, and if
 * one of them has a prepared value, the one of the highest round instead of the host's [PROPOSE.2].
 */
export function proposeIfDue(context: Context, state: QbftState): QbftState {
  const { voter, committee, height, round } = state;
  if (voter === undefined || committee?.proposer(height, round) !== voter) return state;
  if (state.decided || state.accepted !== undefined || state.proposal !== undefined) return state;
  if (round === 0) return proposeBuilt(context, state, voter, undefined);

  const roundChanges = ofRound(state.roundChanges, round);
  if (roundChanges.size < committee.quorum) return state;
  const highest = highestPrepared(roundChanges);
  if (highest === undefined) {
    return proposeBuilt(context, state, voter, justificationOf(roundChanges, undefined));
  }
  const { sender, prepared } = highest;
  const value = state.values.get(prepared.value.digest);
  if (value === undefined) {
    const origin = { sender, proposalRound: undefined, prepared: true };
    return requestValidation(context, state, prepared.value, origin);
  }
  return propose(context, state, voter, value, justificationOf(roundChanges, prepared));
}

function proposeBuilt(
  context: Context,
  state: QbftState,
  voter: Address,
  justification: Justification | undefined,
): QbftState {
  const { built, buildRequested, height, round } = state;
  if (built !== undefined) return propose(context, state, voter, built, justification);
  if (buildRequested) return state;
  context.emit({ type: "request-value", height, round });
  return { ...state, buildRequested: true };
}

function propose(
  context: Context,
  state: QbftState,
  voter: Address,
  value: Value,
  justification: Justification | undefined,
): QbftState {
  const { height, round } = state;
  const { digest } = value;
  const statement = { type: "pre-prepare", height, round, digest, preparedRound: undefined } as const;
  const signature = sign(context, statement);
  const message: PrePrepare = { type: "pre-prepare", height, round, value, justification, signature };
  return acceptProposal(context, state, { sender: voter, message, verdict: "pending" });
}

function ofRound(
  roundChanges: ReadonlyMap<Address, RoundChange>,
  round: number,
): ReadonlyMap<Address, RoundChange> {
  return new Map([...roundChanges].filter(([, message]) => message.round === round));
}
