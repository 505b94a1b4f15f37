import { invariant } from "@sheaf/base";
import { takeMessages } from "./buffer.ts";
import { type Committee, createCommittee } from "./committee.ts";
import type { Context } from "./context.ts";
import { decideIfSealed } from "./decide.ts";
import type { StartInput } from "./inputs.ts";
import { proposeIfDue } from "./propose.ts";
import { deliver } from "./receive.ts";
import { scheduleTimeout } from "./round.ts";
import { freshHeight, MAX_VALUES, type QbftState, withEntry } from "./state.ts";
import { sendCommit, sendPrepare, sendRoundChange } from "./voting.ts";

/** Begins a height, after the one before was decided here or elsewhere, or where the record left it. */
export function onStart(context: Context, state: QbftState, input: StartInput): QbftState {
  const { height, waitMs = 0 } = input;
  invariant(Number.isSafeInteger(height) && height > state.height, "heights only go up");
  const committee = committeeOf(context, state, input);
  const { due, rest } = takeMessages(state.future, height);
  const own = context.options.address;
  const member = own !== undefined && committee.members.has(own);
  // it has voted at a later height, and no longer knows how at this one [PERSIST.5]
  const silenced = state.restored !== undefined && state.restored.height > height;
  const voter = member && !silenced ? own : undefined;
  let next: QbftState = { ...state, ...freshHeight, height, committee, voter, future: rest };
  next = resume(context, next, waitMs);
  next = proposeIfDue(context, next);
  for (const [sender, message] of due) {
    if (committee.members.has(sender)) next = deliver(context, next, sender, message);
  }
  return next;
}

/** The one of the height before, unless the host gave another list or seed. */
function committeeOf(
  context: Context,
  { committee }: QbftState,
  { validators, seed }: StartInput,
): Committee {
  if (committee?.validators === validators && committee.seed === seed) return committee;
  const draw = seed === undefined ? undefined : { seed, hash: context.ports.hash };
  return createCommittee(validators, context.rules.quorumSize, draw);
}

/** Takes up the record if it is of this height, and repeats the last votes it holds [PERSIST.4]. */
function resume(context: Context, state: QbftState, waitMs: number): QbftState {
  const { restored, voter, height } = state;
  if (voter === undefined || restored?.height !== height) {
    scheduleTimeout(context, height, 0, waitMs);
    return state;
  }
  const { round, accepted, prepared } = restored;
  let next: QbftState = { ...state, round, accepted, prepared };
  if (prepared !== undefined) {
    next = { ...next, values: withEntry(next.values, prepared.value.digest, prepared.value, MAX_VALUES) };
  }
  scheduleTimeout(context, height, round, round === 0 ? waitMs : 0);
  if (round > 0 && prepared?.round !== round) next = sendRoundChange(context, next, voter);
  next = sendCommit(context, sendPrepare(context, next, voter), voter);
  return prepared === undefined ? next : decideIfSealed(context, next, prepared.value.digest);
}
