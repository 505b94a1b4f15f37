import {
  decodeConfirmations,
  decodeSurvivors,
  encodeConfirmation,
  encodeUnmaskShares,
  isRejection,
} from "@sheaf/federated";
import type { MessageBody } from "../messages/bodies.ts";
import { contextHashOf } from "../round/attempt.ts";
import { reject, send, tagOf } from "../send.ts";
import { stay, type Turn } from "../turn.ts";
import { saveRecord } from "./saved.ts";
import type { OwnerContext, OwnerJob } from "./state.ts";

/** Signs the survivors of its group, one set in an attempt [OWNER.6]. */
export function onSurvivors(job: OwnerJob, body: MessageBody<"round.survivors">): Turn<OwnerJob> {
  const { attempt } = job;
  if (attempt?.member === undefined || attempt.group === undefined) return stay(job);
  if (attempt.stage !== "sent" && attempt.stage !== "confirmed") return stay(job);
  const { analyst } = attempt.id;
  const survivors = decodeSurvivors(attempt.group, body.survivors);
  if (isRejection(survivors)) return reject(stay(job), analyst, "round.survivors", survivors.rejected);
  const confirmed = attempt.member.confirm(survivors);
  if (isRejection(confirmed)) return reject(stay(job), analyst, "round.survivors", confirmed.rejected);
  const signature = encodeConfirmation(attempt.group, confirmed.signature);
  return [
    { ...job, attempt: { ...attempt, stage: "confirmed" } },
    [send(analyst, job.job, "round.confirm", { ...tagOf(attempt.id), signature })],
  ];
}

/**
 * Gives one share for each member once enough have signed the same survivors [OWNER.6]. That it did is saved
 * before: from then on the round cannot be repeated with this owner.
 */
export function onConfirmations(
  context: OwnerContext,
  job: OwnerJob,
  body: MessageBody<"round.confirmations">,
): Turn<OwnerJob> {
  const { attempt } = job;
  if (attempt?.member === undefined || attempt.group === undefined) return stay(job);
  if (attempt.stage !== "confirmed" && attempt.stage !== "unmasked") return stay(job);
  const { analyst } = attempt.id;
  const confirmations = decodeConfirmations(attempt.group, body.confirmations);
  if (isRejection(confirmations))
    return reject(stay(job), analyst, "round.confirmations", confirmations.rejected);
  const opened = attempt.member.unmask(confirmations);
  if (isRejection(opened)) return reject(stay(job), analyst, "round.confirmations", opened.rejected);
  const hash = contextHashOf(context.options.ports, attempt.context);
  const attempts = job.record.attempts.map((entry) =>
    entry.contextHash === hash ? { ...entry, unmasked: true } : entry,
  );
  const next: OwnerJob = {
    ...job,
    record: { ...job.record, attempts },
    attempt: { ...attempt, stage: "unmasked" },
  };
  const shares = encodeUnmaskShares(attempt.group, opened.shares);
  return [next, [saveRecord(next), send(analyst, job.job, "round.unmask", { ...tagOf(attempt.id), shares })]];
}
