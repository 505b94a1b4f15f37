import type { Address } from "@sheaf/protocol";
import type { AgentPorts } from "../ports.ts";
import { isSignedInput } from "../round/signed-input.ts";
import type { AcceptedInput, RoundState } from "./state.ts";

/** What the analyst keeps of an input to show it to arbiters; `undefined` when its sender did not sign it [PHASE.13]. */
export function acceptedInput(
  ports: AgentPorts,
  { context }: RoundState,
  owner: Address,
  input: Uint8Array,
  signature: Uint8Array,
): AcceptedInput | undefined {
  const updateHash = ports.keccak256(input);
  return isSignedInput(ports, context, { owner, updateHash, signature })
    ? { updateHash, signature }
    : undefined;
}
