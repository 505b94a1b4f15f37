import type { Context } from "./context.ts";
import { ignore } from "./refuse.ts";
import { announceRound, changeRound, scheduleTimeout } from "./round.ts";
import type { QbftState } from "./state.ts";
import { reportBehindAtTimeout } from "./sync.ts";

/**
 * The round has lasted its time. The next one begins if a quorum has come as far as this one; else
 * this validator says again where it is and waits as long again [ROUND.2].
 */
export function onTimeout(context: Context, state: QbftState, height: number, round: number): QbftState {
  if (height !== state.height || round !== state.round || state.decided)
    return ignore(context, state, "STALE");
  reportBehindAtTimeout(context, state);
  if (quorumIsHere(state)) return changeRound(context, state, round + 1);
  scheduleTimeout(context, height, round);
  const sent = state.voter === undefined ? undefined : state.roundChanges.get(state.voter);
  if (sent?.round !== round) return announceRound(context, state);
  context.emit({ type: "broadcast", message: sent });
  return state;
}

/** Whether a quorum has reached the current round, for all this validator knows. */
function quorumIsHere({ round, prepared, committee, peerRounds }: QbftState): boolean {
  if (round === 0 || prepared?.round === round) return true;
  let here = 1;
  for (const reached of peerRounds.values()) if (reached >= round) here += 1;
  return here >= (committee?.quorum ?? 1);
}
