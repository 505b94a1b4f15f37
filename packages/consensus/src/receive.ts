import { FUTURE_HEIGHTS, withFutureMessage } from "./buffer.ts";
import type { Address } from "./config.ts";
import type { Context } from "./context.ts";
import type { MessageInput } from "./inputs.ts";
import type { Message } from "./messages.ts";
import { onPrePrepare } from "./on-pre-prepare.ts";
import { onRoundChange } from "./on-round-change.ts";
import { onCommit, onPrepare } from "./on-vote.ts";
import { ignore, reject } from "./refuse.ts";
import { joinLaterRound } from "./round.ts";
import { senderOf } from "./signing.ts";
import { type QbftState, withHighest } from "./state.ts";
import { reportBehind } from "./sync.ts";

/** Takes a message of any height from the validator that signed it [RECEIVE.1] [RECEIVE.2]. */
export function receive(context: Context, state: QbftState, { message, from }: MessageInput): QbftState {
  const { options, ports } = context;
  if (!state.committee?.members.has(from)) return reject(context, state, "NOT_A_VALIDATOR", from);
  const passed = message.height < state.height || (message.height === state.height && state.decided);
  if (passed && message.type !== "round-change") return ignore(context, state, "OLD_HEIGHT", from);
  if (from === options.address) return ignore(context, state, "DUPLICATE", from);
  if (senderOf(message, options.chain, ports) !== from) return reject(context, state, "BAD_SIGNATURE", from);
  if (passed) {
    // a round change says that its sender is stuck where others have decided [SYNC.3]
    context.emit({ type: "peer-behind", peer: from, height: message.height });
    return ignore(context, state, "OLD_HEIGHT", from);
  }
  if (message.height > state.height) return keepForLater(context, state, from, message);
  return deliver(context, state, from, message);
}

/** Handles a message of the current height from one of its validators. */
export function deliver(context: Context, state: QbftState, sender: Address, message: Message): QbftState {
  if (state.decided) return ignore(context, state, "OLD_HEIGHT", sender);
  const noted = { ...state, peerRounds: withHighest(state.peerRounds, sender, message.round) };
  return joinLaterRound(context, handle(context, noted, sender, message));
}

function handle(context: Context, state: QbftState, sender: Address, message: Message): QbftState {
  switch (message.type) {
    case "pre-prepare":
      return onPrePrepare(context, state, sender, message);
    case "prepare":
      return onPrepare(context, state, sender, message);
    case "commit":
      return onCommit(context, state, sender, message);
    case "round-change":
      return onRoundChange(context, state, sender, message);
  }
}

function keepForLater(context: Context, state: QbftState, sender: Address, message: Message): QbftState {
  const noted = { ...state, peerHeights: withHighest(state.peerHeights, sender, message.height) };
  const near = message.height <= state.height + FUTURE_HEIGHTS;
  const kept = near
    ? { ...noted, future: withFutureMessage(state.future, sender, message) }
    : ignore(context, noted, "TOO_FAR_AHEAD", sender);
  return reportBehind(context, kept);
}
