import { bytesToHex } from "@sheaf/base";
import type { VoidStatement } from "../messages/bodies.ts";
import type { AgentPorts } from "../ports.ts";
import { voidDigest } from "../round/attempt.ts";
import { NOTHING_SENT, type SpentAttempt } from "./saved.ts";

/**
 * Whether what this owner sent in an earlier attempt can no longer be opened [PHASE.8]: as many of its neighbourhood as
 * opening takes, this owner among them, have signed that they never will. Any two such sets share a member, so who
 * opened it and who gave it up cannot both be enough unless the members in both lie.
 */
export function isVoid(
  ports: AgentPorts,
  attempt: SpentAttempt,
  statements: readonly VoidStatement[],
): boolean {
  if (attempt.unmasked) return false;
  if (attempt.updateHash === NOTHING_SENT || attempt.members.length === 0) return true;
  const digest = voidDigest(ports, attempt.contextHash);
  const members = new Set<string>(attempt.members);
  const signers = new Set<string>([ports.self]);
  for (const { context, signature } of statements) {
    if (bytesToHex(context) !== attempt.contextHash) continue;
    const signer = ports.recover(digest, signature);
    if (signer !== undefined && members.has(signer)) signers.add(signer);
  }
  return signers.size >= attempt.threshold;
}
