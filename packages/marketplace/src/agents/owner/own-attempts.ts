import type { Hex } from "@sheaf/base";
import type { AgentPorts } from "../ports.ts";
import { type AttemptId, contextHashOf } from "../round/attempt.ts";
import type { SpentAttempt } from "./saved.ts";
import type { OwnAttempt, OwnerJob } from "./state.ts";

/** What is remembered of an attempt: its neighbourhood (nobody without masks), and the hash of what was sent. */
export function attemptEntry(
  ports: AgentPorts,
  { id, context, group, neighbourhood, opening }: OwnAttempt,
  updateHash: Hex,
): SpentAttempt {
  return {
    round: id.round,
    contextHash: contextHashOf(ports, context),
    members: neighbourhood,
    threshold: group?.threshold ?? 0,
    updateHash,
    unmasked: false,
    opening: opening ?? 0,
  };
}

/** The job with the attempt among those entered: none up to it, by this analyst at this round, is entered again [OWNER.6]. */
export function withJoined(job: OwnerJob, { analyst, round, attempt }: AttemptId): OwnerJob {
  const others = job.record.joined.filter((last) => last.analyst !== analyst);
  return { ...job, record: { ...job.record, joined: [...others, { analyst, round, attempt }] } };
}

/** Whether this owner gave keys for this attempt or a later one, before or after a restart. */
export function wasJoined({ record }: OwnerJob, { analyst, round, attempt }: AttemptId): boolean {
  return record.joined.some(
    (last) =>
      last.analyst === analyst && (last.round > round || (last.round === round && last.attempt >= attempt)),
  );
}

/** The job with the entry in place of an earlier one of the same attempt. */
export function withAttempt(job: OwnerJob, entry: SpentAttempt): OwnerJob {
  const others = job.record.attempts.filter(({ contextHash }) => contextHash !== entry.contextHash);
  return { ...job, record: { ...job.record, attempts: [...others, entry] } };
}
