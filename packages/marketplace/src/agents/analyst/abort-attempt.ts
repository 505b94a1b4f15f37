import type { Address } from "@sheaf/protocol";
import { effectId, record } from "../effects.ts";
import type { Turn } from "../turn.ts";
import { saveRecord } from "./saved.ts";
import { forgetUnmasking } from "./saved-unmasking.ts";
import type { AnalystContext, AnalystJob, RoundState } from "./state.ts";

/**
 * An attempt came to nothing [ANALYST.4]: the round is attempted again after a rest, and training ends with
 * what there is when that has been tried often enough.
 */
export function abortAttempt(
  { options, nowMs }: AnalystContext,
  job: AnalystJob,
  round: RoundState,
  because: string,
): Turn<AnalystJob> {
  const { maxAttempts, retryMs } = options.policy;
  const failed = job.record.failed + 1;
  const ended = failed >= maxAttempts ? "ROUND_FAILED" : job.record.ended;
  const next: AnalystJob = {
    ...job,
    round: undefined,
    restsUntilMs: nowMs + retryMs,
    record: { ...job.record, failed, ended },
  };
  const { round: number, attempt } = round.id;
  return [
    next,
    [
      record({ kind: "aborted", job: job.job, round: number, attempt, phase: round.phase, because }),
      saveRecord(next),
      ...(round.phase === "unmask" ? [forgetUnmasking(job.job)] : []),
      { type: "cancel", timer: effectId(job.job, "phase") },
      { type: "schedule", timer: effectId(job.job, "again"), delayMs: retryMs },
      ...(ended === "" ? [] : [record({ kind: "decision", job: job.job, what: "end", because: ended })]),
    ],
  ];
}

/** Members that did not finish, for the record. */
export function dropped(round: RoundState, members: Iterable<Address>, because: string) {
  const { job, round: number, attempt } = round.id;
  return [...members].map((member) =>
    record({ kind: "dropped", job, round: number, attempt, member, phase: round.phase, because }),
  );
}
