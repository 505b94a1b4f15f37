import { record, transactOnce } from "../effects.ts";
import { send, tagOf } from "../send.ts";
import { also, andThen, type Turn } from "../turn.ts";
import type { OwnAttempt, OwnerJob } from "./state.ts";

/** Stays out of an attempt and says why, and whose fault it is if it is another owner's, so that nobody waits [OWNER.3]. */
export function refuse(job: OwnerJob, attempt: OwnAttempt, code: string, about?: number): Turn<OwnerJob> {
  const { id } = attempt;
  return [
    { ...job, attempt: { ...attempt, stage: "refused", member: undefined, received: undefined } },
    [
      send(id.analyst, job.job, "round.refuse", {
        ...tagOf(id),
        code,
        ...(about === undefined ? {} : { about }),
      }),
      record({ kind: "decision", job: job.job, what: "refuse", because: code }),
    ],
  ];
}

/** The budget is spent: the owner goes, and is paid for the rounds it survived [OWNER.5]. */
export function leaveJob(job: OwnerJob, attempt: OwnAttempt): Turn<OwnerJob> {
  return andThen(refuse(job, attempt, "PRIVACY_BUDGET_EXHAUSTED"), (refused) =>
    also(
      transactOnce(refused, "leave", { method: "leave", job: job.job }),
      record({ kind: "decision", job: job.job, what: "leave", because: "PRIVACY_BUDGET_EXHAUSTED" }),
    ),
  );
}
