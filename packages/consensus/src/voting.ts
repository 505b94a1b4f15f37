import type { Address } from "./config.ts";
import type { Context } from "./context.ts";
import type { Commit, Prepare, RoundChange } from "./messages.ts";
import { type Statement, statementDigest } from "./signing.ts";
import { type QbftState, withEntry } from "./state.ts";
import { withVote } from "./votes.ts";

/*
 * Sending votes. Whoever calls these has persisted what the vote binds this validator to [PERSIST.2],
 * or repeats a vote that the record it restarted from allows [PERSIST.4].
 */

/** The record of `state` goes to disk before anything that follows goes out [PERSIST.1]. */
export function persist(context: Context, { height, round, accepted, prepared }: QbftState): void {
  context.emit({ type: "persist", record: { height, round, accepted, prepared } });
}

/** This validator's signature of `statement`. */
export function sign({ options, ports }: Context, statement: Statement): Uint8Array {
  return ports.sign(statementDigest(statement, options.chain, ports));
}

/** Sends and counts the prepare for `state.accepted`. */
export function sendPrepare(context: Context, state: QbftState, voter: Address): QbftState {
  const { height, round, accepted: digest } = state;
  if (digest === undefined) return state;
  const statement = { type: "prepare", height, round, digest, preparedRound: undefined } as const;
  const vote: Prepare = { type: "prepare", height, round, digest, signature: sign(context, statement) };
  context.emit({ type: "broadcast", message: vote });
  return { ...state, prepares: withVote(state.prepares, voter, vote) };
}

/** Sends and counts the commit for what is prepared in this round; its signature is the seal [COMMIT.2]. */
export function sendCommit(context: Context, state: QbftState, voter: Address): QbftState {
  const { height, round, prepared } = state;
  if (prepared?.round !== round) return state;
  const { digest } = prepared.value;
  const statement = { type: "commit", height, round, digest, preparedRound: undefined } as const;
  const vote: Commit = { type: "commit", height, round, digest, signature: sign(context, statement) };
  context.emit({ type: "broadcast", message: vote });
  return { ...state, commits: withVote(state.commits, voter, vote) };
}

/** Sends and counts the round change to this round, with the lock, if any [ROUND.3]. */
export function sendRoundChange(context: Context, state: QbftState, voter: Address): QbftState {
  const { height, round } = state;
  const prepared = context.rules.lock(state.prepared);
  const digest = prepared?.value.digest;
  const preparedRound = prepared?.round;
  const statement = { type: "round-change", height, round, digest, preparedRound } as const;
  const signature = sign(context, statement);
  const message: RoundChange = { type: "round-change", height, round, prepared, signature };
  context.emit({ type: "broadcast", message });
  return { ...state, roundChanges: withEntry(state.roundChanges, voter, message) };
}
