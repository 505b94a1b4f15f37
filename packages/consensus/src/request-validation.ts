import type { Address, Value } from "./config.ts";
import type { Context } from "./context.ts";
import { type QbftState, withEntry } from "./state.ts";

/** How many verdicts may be awaited besides one a validator; older questions are forgotten [BUFFER.3]. */
const SPARE_VALIDATIONS = 4;

/** Where a value came from: the round of a proposal, or a round change. */
export interface Origin {
  readonly sender: Address;
  readonly proposalRound: number | undefined;
  /** Whether a quorum has prepared the digest. */
  readonly prepared: boolean;
}

/** Asks the host for its verdict on `value`, unless it is already being asked [PREPARE.2]. */
export function requestValidation(
  context: Context,
  state: QbftState,
  value: Value,
  { sender, proposalRound, prepared }: Origin,
): QbftState {
  for (const pending of state.validations.values()) if (pending.value === value) return state;
  const { height, round, nextValidation: id } = state;
  context.emit({ type: "validate", id, height, round, value, prepared });
  const limit = (state.committee?.validators.length ?? 0) + SPARE_VALIDATIONS;
  const validations = withEntry(state.validations, id, { value, sender, proposalRound }, limit);
  return { ...state, validations, nextValidation: id + 1 };
}
