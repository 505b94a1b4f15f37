import type { Millis } from "@sheaf/base";
import type { RoundTimeouts } from "./config.ts";
import type { Context } from "./context.ts";
import { proposeIfDue } from "./propose.ts";
import { inRound, type QbftState } from "./state.ts";
import { persist, sendRoundChange } from "./voting.ts";

/** How long `round` lasts [ROUND.1]. */
export function roundTimeoutMs({ baseMs, factor, capMs }: RoundTimeouts, round: number): Millis {
  return Math.min(capMs, baseMs * factor ** round);
}

/** Begins `round` without a word: a proposal for it has arrived, or this is an observer. */
export function enterRound(context: Context, state: QbftState, round: number): QbftState {
  scheduleTimeout(context, state.height, round);
  return inRound(state, round);
}

/** Begins `round` and tells the others [ROUND.3]. */
export function changeRound(context: Context, state: QbftState, round: number): QbftState {
  return announceRound(context, enterRound(context, state, round));
}

/** Sends the round change to the current round for the first time. */
export function announceRound(context: Context, state: QbftState): QbftState {
  if (state.voter === undefined) return state;
  persist(context, state);
  return proposeIfDue(context, sendRoundChange(context, state, state.voter));
}

/** Asks the host to wake this validator at the end of `round`, `waitMs` later than usual. */
export function scheduleTimeout(context: Context, height: number, round: number, waitMs: Millis = 0): void {
  const delayMs = roundTimeoutMs(context.options.timeouts, round) + waitMs;
  context.emit({ type: "schedule-timeout", height, round, delayMs });
}

/** Joins the highest round that some correct validator has reached, as f + 1 others show it [ROUND.4]. */
export function joinLaterRound(context: Context, state: QbftState): QbftState {
  const faults = state.committee?.faults ?? 0;
  if (state.decided || state.peerRounds.size <= faults) return state;
  const rounds = [...state.peerRounds.values()].sort((a, b) => b - a);
  const reached = rounds[faults] as number;
  return reached > state.round ? changeRound(context, state, reached) : state;
}
