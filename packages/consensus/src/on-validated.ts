import type { Context } from "./context.ts";
import { decideIfSealed } from "./decide.ts";
import type { ValidatedInput } from "./inputs.ts";
import { acceptProposal } from "./prepare.ts";
import { proposeIfDue } from "./propose.ts";
import { ignore, reject } from "./refuse.ts";
import { MAX_VALUES, type QbftState, type Validation, withEntry } from "./state.ts";

/** Acts on the host's verdict; on a late one too, as far as it still matters [PREPARE.3]. */
export function onValidated(context: Context, state: QbftState, input: ValidatedInput): QbftState {
  const validation = state.validations.get(input.id);
  if (validation === undefined || state.decided) return ignore(context, state, "STALE");
  const validations = new Map(state.validations);
  validations.delete(input.id);
  const answered = { ...state, validations };
  return input.valid ? onValid(context, answered, validation) : onInvalid(context, answered, validation);
}

function onValid(context: Context, state: QbftState, { value }: Validation): QbftState {
  const { digest } = value;
  const values = withEntry(state.values, digest, value, MAX_VALUES, state.prepared?.value.digest);
  const known = { ...state, values };
  const { proposal } = known;
  const awaited = proposal?.verdict === "pending" && proposal.message.value.digest === digest;
  if (!awaited) return proposeIfDue(context, decideIfSealed(context, known, digest));
  return acceptProposal(context, known, { ...proposal, message: { ...proposal.message, value } });
}

/** A prepared value that is not valid was swapped for the one prepared: its sender is not heard again [PROPOSE.3]. */
function onInvalid(
  context: Context,
  state: QbftState,
  { value, sender, proposalRound }: Validation,
): QbftState {
  reject(context, state, "INVALID_VALUE", sender);
  if (proposalRound === undefined) {
    const roundChanges = new Map(state.roundChanges);
    roundChanges.delete(sender);
    const distrusted = new Set(state.distrusted).add(sender);
    return proposeIfDue(context, { ...state, roundChanges, distrusted });
  }
  const { proposal } = state;
  if (proposal?.verdict !== "pending" || proposal.message.value !== value) return state;
  return { ...state, proposal: { ...proposal, verdict: "invalid" } };
}
