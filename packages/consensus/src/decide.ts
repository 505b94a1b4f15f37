import type { Hex } from "@sheaf/base";
import type { Context } from "./context.ts";
import type { QbftState } from "./state.ts";
import { signaturesFor } from "./votes.ts";

/**
 * Decides the value of `digest` when a quorum has committed it in one round, whichever that is
 * [COMMIT.3], and this validator knows it for valid.
 */
export function decideIfSealed(context: Context, state: QbftState, digest: Hex): QbftState {
  const value = state.values.get(digest);
  if (state.decided || state.committee === undefined || value === undefined) return state;
  const rounds = new Set<number>();
  for (const votes of state.commits.values()) {
    for (const vote of votes) if (vote.digest === digest) rounds.add(vote.round);
  }
  for (const round of rounds) {
    const seals = signaturesFor(state.commits, round, digest);
    if (seals.length < state.committee.quorum) continue;
    context.emit({ type: "commit", height: state.height, round, value, seals });
    return { ...state, decided: true };
  }
  return state;
}
