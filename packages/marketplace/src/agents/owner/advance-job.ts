import { andThen, chain, stay, type Turn } from "../turn.ts";
import { finishJob } from "./finish-job.ts";
import { joinAttempt } from "./on-announce.ts";
import { adoptCandidate, closeRounds } from "./on-closed.ts";
import type { JobAndBudget } from "./pay.ts";
import { sendInput } from "./send-input.ts";
import { enterRound, leaveReopened } from "./share-keys.ts";
import type { OwnerContext, OwnerJob } from "./state.ts";
import { answerInvitation, makeInitialModel } from "./weigh-invitation.ts";

/** Everything that a job may call for, in the order of its life; each step does nothing unless it is its turn. */
export function advanceJob(context: OwnerContext, job: OwnerJob): Turn<JobAndBudget> {
  const { facts, options } = context;
  const works =
    facts.state === "recruiting" || (facts.state === "training" && facts.owners.includes(options.ports.self));
  const turn = chain(
    job,
    (next) => closeRounds(context, next),
    (next) => stay(dropStale(context, next)),
    (next) => adoptCandidate(context, next),
    (next) => (works ? makeInitialModel(context, next) : stay(next)),
    (next) => answerInvitation(context, next),
    (next) => joinAttempt(context, next),
    (next) => leaveReopened(context, next),
    (next) => enterRound(context, next),
    (next) => finishJob(context, next),
  );
  return andThen(turn, (next) => sendInput(context, next));
}

/** An attempt ends when training does, when another analyst takes over, and when this owner has left. */
function dropStale({ facts, options }: OwnerContext, job: OwnerJob): OwnerJob {
  const { attempt } = job;
  const { self } = options.ports;
  const stands = facts.state === "training" && attempt?.id.analyst === facts.analyst && !facts.left.has(self);
  return attempt === undefined || stands ? job : { ...job, attempt: undefined };
}
