import { record } from "../effects.ts";
import { send, tagOf } from "../send.ts";
import type { Turn } from "../turn.ts";
import type { OwnAttempt, OwnerJob } from "./state.ts";

/** Stays out of an attempt and says why, so that nobody waits [OWNER.3]. */
export function refuse(job: OwnerJob, attempt: OwnAttempt, code: string): Turn<OwnerJob> {
  const { id } = attempt;
  return [
    { ...job, attempt: { ...attempt, stage: "refused", member: undefined, received: undefined } },
    [
      send(id.analyst, job.job, "round.refuse", { ...tagOf(id), code }),
      record({ kind: "decision", job: job.job, what: "refuse", because: code }),
    ],
  ];
}
