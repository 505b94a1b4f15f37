import type { Context } from "./context.ts";
import { decideIfSealed } from "./decide.ts";
import type { Prepared } from "./messages.ts";
import { MAX_VALUES, type Proposal, type QbftState, withEntry } from "./state.ts";
import { signaturesFor } from "./votes.ts";
import { persist, sendCommit, sendPrepare } from "./voting.ts";

/**
 * Takes the proposal of the current round for valid and prepares it, once a round [PREPARE.1]. The
 * proposer's own pre-prepare leaves here, after what it binds to is on disk [PERSIST.2].
 */
export function acceptProposal(context: Context, state: QbftState, proposal: Proposal): QbftState {
  const { value } = proposal.message;
  const { digest } = value;
  const values = withEntry(state.values, digest, value, MAX_VALUES, state.prepared?.value.digest);
  const valid: QbftState = { ...state, values, proposal: { ...proposal, verdict: "valid" } };
  const { voter } = state;
  if (voter === undefined || state.accepted !== undefined) return prepareIfQuorum(context, valid);

  const accepted: QbftState = { ...valid, accepted: digest };
  persist(context, accepted);
  if (proposal.sender === voter) context.emit({ type: "broadcast", message: proposal.message });
  return prepareIfQuorum(context, sendPrepare(context, accepted, voter));
}

/**
 * Locks the valid proposal of this round when a quorum has prepared it, and commits it [COMMIT.1].
 * The lock replaces any of an earlier round.
 */
export function prepareIfQuorum(context: Context, state: QbftState): QbftState {
  const { committee, proposal, round, voter } = state;
  if (committee === undefined || proposal?.verdict !== "valid") return state;
  const { value } = proposal.message;
  if (state.prepared?.round === round) return decideIfSealed(context, state, value.digest);

  const signatures = signaturesFor(state.prepares, round, value.digest);
  if (signatures.length < committee.quorum) return decideIfSealed(context, state, value.digest);
  const prepared: Prepared = { round, value, signatures: signatures.slice(0, committee.quorum) };
  const locked: QbftState = { ...state, prepared };
  if (voter === undefined) return decideIfSealed(context, locked, value.digest);
  persist(context, locked);
  return decideIfSealed(context, sendCommit(context, locked, voter), value.digest);
}
