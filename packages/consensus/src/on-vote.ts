import type { Address } from "./config.ts";
import type { Context } from "./context.ts";
import { decideIfSealed } from "./decide.ts";
import type { Commit, Prepare } from "./messages.ts";
import { prepareIfQuorum } from "./prepare.ts";
import { accuse, ignore } from "./refuse.ts";
import type { QbftState } from "./state.ts";
import { voteIn, withVote } from "./votes.ts";

/** Counts a prepare; it may come before the proposal and before its round [PREPARE.4]. */
export function onPrepare(context: Context, state: QbftState, sender: Address, message: Prepare): QbftState {
  if (message.round < state.round) return ignore(context, state, "OLD_ROUND", sender);
  const earlier = voteIn(state.prepares, sender, message.round);
  if (earlier !== undefined) return repeated(context, state, sender, earlier, message);
  return prepareIfQuorum(context, { ...state, prepares: withVote(state.prepares, sender, message) });
}

/** Counts a commit, of whatever round: a quorum of them is a decision [COMMIT.3]. */
export function onCommit(context: Context, state: QbftState, sender: Address, message: Commit): QbftState {
  const earlier = voteIn(state.commits, sender, message.round);
  if (earlier !== undefined) return repeated(context, state, sender, earlier, message);
  const counted = { ...state, commits: withVote(state.commits, sender, message) };
  return decideIfSealed(context, counted, message.digest);
}

function repeated(
  context: Context,
  state: QbftState,
  sender: Address,
  earlier: Prepare | Commit,
  message: Prepare | Commit,
): QbftState {
  if (earlier.digest === message.digest) return ignore(context, state, "DUPLICATE", sender);
  return accuse(context, state, sender, earlier, message);
}
