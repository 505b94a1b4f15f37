import type { Hex } from "@sheaf/base";
import type { Address } from "@sheaf/protocol";
import type { AgentPorts } from "../ports.ts";
import { contextHashOf } from "../round/attempt.ts";
import type { SpentAttempt } from "./saved.ts";
import type { OwnAttempt, OwnerJob } from "./state.ts";

/** What is remembered of an attempt: its group (nobody without masks), and the hash of what was sent. */
export function attemptEntry(
  ports: AgentPorts,
  { id, context, group }: OwnAttempt,
  updateHash: Hex,
): SpentAttempt {
  return {
    round: id.round,
    contextHash: contextHashOf(ports, context),
    members: [...(group?.members ?? [])] as Address[],
    threshold: group?.threshold ?? 0,
    updateHash,
    unmasked: false,
  };
}

/** The job with the entry in place of an earlier one of the same attempt. */
export function withAttempt(job: OwnerJob, entry: SpentAttempt): OwnerJob {
  const others = job.record.attempts.filter(({ contextHash }) => contextHash !== entry.contextHash);
  return { ...job, record: { ...job.record, attempts: [...others, entry] } };
}
