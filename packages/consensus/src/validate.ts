import type { Address, Value } from "./config.ts";
import type { Context } from "./context.ts";
import type { ValidatedInput } from "./inputs.ts";
import { acceptProposal } from "./prepare.ts";
import { proposeIfDue } from "./propose.ts";
import { type QbftState, type Validation, withEntry } from "./state.ts";

/** How many verdicts may be awaited besides one a validator; older questions are forgotten [BUFFER.3]. */
const SPARE_VALIDATIONS = 4;

/** Asks the host for its verdict on `value`, unless it is being asked about the same one. */
export function requestValidation(
  context: Context,
  state: QbftState,
  value: Value,
  sender: Address,
  proposalRound: number | undefined,
): QbftState {
  for (const pending of state.validations.values()) if (pending.value === value) return state;
  const { height, round, nextValidation: id } = state;
  const prepared = proposalRound === undefined || state.proposal?.message.justification?.certificate !== undefined;
  context.emit({ type: "validate", id, height, round, value, prepared });
  const limit = (state.committee?.validators.length ?? 0) + SPARE_VALIDATIONS;
  const validations = withEntry(state.validations, id, { value, sender, proposalRound }, limit);
  return { ...state, validations, nextValidation: id + 1 };
}

/** Acts on the host's verdict; on a late one too, as far as it still matters [PREPARE.3]. */
export function onValidated(context: Context, state: QbftState, input: ValidatedInput): QbftState {
  const validation = state.validations.get(input.id);
  if (validation === undefined || state.decided) {
    context.emit({ type: "ignored", code: "STALE" });
    return state;
  }
  const validations = new Map(state.validations);
  validations.delete(input.id);
  const answered = { ...state, validations };
  return input.valid ? onValid(context, answered, validation) : onInvalid(context, answered, validation);
}
