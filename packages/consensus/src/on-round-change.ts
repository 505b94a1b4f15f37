import type { Address } from "./config.ts";
import type { Context } from "./context.ts";
import { isPrepareCertificate } from "./justification.ts";
import type { RoundChange } from "./messages.ts";
import { proposeIfDue } from "./propose.ts";
import { accuse, ignore, reject } from "./refuse.ts";
import { type QbftState, withEntry } from "./state.ts";

/** Keeps the latest round change of each validator, and proposes when they are enough [PROPOSE.1]. */
export function onRoundChange(
  context: Context,
  state: QbftState,
  sender: Address,
  message: RoundChange,
): QbftState {
  const earlier = state.roundChanges.get(sender);
  if (earlier !== undefined && earlier.round === message.round) {
    if (sameClaim(earlier, message)) return ignore(context, state, "DUPLICATE", sender);
    return accuse(context, state, sender, earlier, message);
  }
  if (message.round < Math.max(state.round, earlier?.round ?? 0)) {
    return ignore(context, state, "OLD_ROUND", sender);
  }
  if (state.distrusted.has(sender)) return reject(context, state, "INVALID_VALUE", sender);
  if (!hasProof(context, state, message)) return reject(context, state, "BAD_CERTIFICATE", sender);
  return proposeIfDue(context, { ...state, roundChanges: withEntry(state.roundChanges, sender, message) });
}

/** Whether what the message says was prepared comes with the proof, from an earlier round [ROUND.6]. */
function hasProof(
  context: Context,
  { committee }: QbftState,
  { height, round, prepared }: RoundChange,
): boolean {
  if (round < 1 || committee === undefined) return false;
  if (prepared === undefined) return true;
  const { digest } = prepared.value;
  return prepared.round < round && isPrepareCertificate(context, committee, height, { ...prepared, digest });
}

function sameClaim(a: RoundChange, b: RoundChange): boolean {
  return a.prepared?.round === b.prepared?.round && a.prepared?.value.digest === b.prepared?.value.digest;
}
