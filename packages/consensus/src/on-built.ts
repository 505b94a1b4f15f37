import type { Context } from "./context.ts";
import type { BuiltInput } from "./inputs.ts";
import { proposeIfDue } from "./propose.ts";
import { ignore } from "./refuse.ts";
import type { QbftState } from "./state.ts";

/** Takes the value that the host built, if it is for the current round and was asked for [PROPOSE.1]. */
export function onBuilt(context: Context, state: QbftState, { height, round, value }: BuiltInput): QbftState {
  const awaited = state.buildRequested && state.built === undefined && !state.decided;
  if (!awaited || height !== state.height || round !== state.round) return ignore(context, state, "STALE");
  return proposeIfDue(context, { ...state, built: value });
}
