import type { Address } from "./config.ts";
import type { Context } from "./context.ts";
import type { PrePrepare } from "./messages.ts";
import { acceptProposal } from "./prepare.ts";
import { accuse, ignore, reject } from "./refuse.ts";
import { requestValidation } from "./request-validation.ts";
import { enterRound } from "./round.ts";
import { type Proposal, type QbftState, withHighest } from "./state.ts";

/**
 * Takes the proposer's proposal if it is justified [JUSTIFY.1], one a round; a later round begins with
 * it [ROUND.5]. It is prepared once the host holds it for valid [PREPARE.2].
 */
export function onPrePrepare(
  context: Context,
  state: QbftState,
  sender: Address,
  message: PrePrepare,
): QbftState {
  const { committee } = state;
  const { height, round, value } = message;
  if (round < state.round) return ignore(context, state, "OLD_ROUND", sender);
  if (committee?.proposer(height, round) !== sender)
    return reject(context, state, "NOT_THE_PROPOSER", sender);
  const earlier = round === state.round ? state.proposal?.message : undefined;
  if (earlier !== undefined) {
    if (earlier.value.digest === value.digest) return ignore(context, state, "DUPLICATE", sender);
    return accuse(context, state, sender, earlier, message);
  }
  const vouching = context.rules.justifiers(context, committee, message);
  if (vouching === undefined) return reject(context, state, "BAD_JUSTIFICATION", sender);
  const entered = round > state.round ? enterRound(context, state, round) : state;
  return considerProposal(context, withPeersIn(entered, vouching, round), sender, message);
}

function considerProposal(
  context: Context,
  state: QbftState,
  sender: Address,
  message: PrePrepare,
): QbftState {
  const { value, justification } = message;
  // after a restart: what this validator accepted in this round before binds it [PERSIST.4]
  if (state.accepted !== undefined && state.accepted !== value.digest) {
    return reject(context, state, "EQUIVOCATION", sender);
  }
  const known = state.values.get(value.digest);
  const proposal: Proposal = {
    sender,
    message: known === undefined ? message : { ...message, value: known },
    verdict: "pending",
  };
  if (known !== undefined) return acceptProposal(context, state, proposal);
  const prepared = justification?.certificate !== undefined;
  const origin = { sender, proposalRound: message.round, prepared };
  return requestValidation(context, { ...state, proposal }, value, origin);
}

/** The round changes in a justification show, as if received, which round their senders are in. */
function withPeersIn(state: QbftState, senders: ReadonlySet<Address>, round: number): QbftState {
  let { peerRounds } = state;
  for (const sender of senders)
    if (sender !== state.voter) peerRounds = withHighest(peerRounds, sender, round);
  return { ...state, peerRounds };
}
