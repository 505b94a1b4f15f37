import type { Address } from "./config.ts";
import type { Context } from "./context.ts";
import type { Message } from "./messages.ts";
import type { IgnoredCode, RejectedCode } from "./outputs.ts";
import type { QbftState } from "./state.ts";

/** The message changes nothing, and a correct sender may have sent it. */
export function ignore(context: Context, state: QbftState, code: IgnoredCode, sender?: Address): QbftState {
  context.emit(sender === undefined ? { type: "ignored", code } : { type: "ignored", code, sender });
  return state;
}

/** The message changes nothing, and no correct sender would have sent it. */
export function reject(context: Context, state: QbftState, code: RejectedCode, sender?: Address): QbftState {
  context.emit(sender === undefined ? { type: "rejected", code } : { type: "rejected", code, sender });
  return state;
}

/** Two signed messages contradict each other: the first stands, the pair is evidence [EVIDENCE.1]. */
export function accuse(
  context: Context,
  state: QbftState,
  offender: Address,
  first: Message,
  second: Message,
): QbftState {
  context.emit({ type: "misbehaviour", evidence: { offender, first, second } });
  return reject(context, state, "EQUIVOCATION", offender);
}
