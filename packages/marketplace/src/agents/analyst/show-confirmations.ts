import type { Address } from "@sheaf/protocol";
import type { AgentOutput } from "../ports.ts";
import { sendToEach, tagOf } from "../send.ts";
import type { GroupState, RoundState } from "./state.ts";

/** Shows members of a group who signed the survivors, for their shares of the secrets. */
export function showConfirmations(
  { id }: RoundState,
  { confirmations }: GroupState,
  members: readonly Address[],
): AgentOutput[] {
  if (confirmations === undefined) return [];
  return sendToEach(members, id.job, "round.confirmations", { ...tagOf(id), confirmations });
}
