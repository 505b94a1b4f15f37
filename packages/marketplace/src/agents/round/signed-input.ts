import { concatBytes, type Hex, hexToBytes, utf8 } from "@sheaf/base";
import type { Address } from "@sheaf/protocol";
import type { AgentPorts } from "../ports.ts";

/** An input's hash by which it stands on chain, and its owner's signature of it. */
interface SignedInput {
  readonly owner: Address;
  readonly updateHash: Hex;
  readonly signature: Uint8Array;
}

/**
 * What an owner signs with each input, of whatever mode: that in the attempt of this context it sent what has
 * this hash [PHASE.13].
 */
export function inputDigest(ports: Pick<AgentPorts, "keccak256">, context: string, updateHash: Hex): Hex {
  const name = ports.keccak256(utf8(context));
  return ports.keccak256(concatBytes(utf8("sheaf/input/1"), hexToBytes(name), hexToBytes(updateHash)));
}

/** Whether the owner itself says that it sent this input [PHASE.13]. */
export function isSignedInput(
  ports: Pick<AgentPorts, "keccak256" | "recover">,
  context: string,
  { owner, updateHash, signature }: SignedInput,
): boolean {
  return ports.recover(inputDigest(ports, context, updateHash), signature) === owner;
}
