import {
  decodeConfirmations,
  decodeSurvivors,
  encodeConfirmation,
  encodeUnmaskShares,
  isRejection,
} from "@sheaf/federated";
import type { MessageBody } from "../messages/bodies.ts";
import type { AgentOutput } from "../ports.ts";
import { contextHashOf, contextOf } from "../round/attempt.ts";
import { reject, send, tagOf } from "../send.ts";
import { also, stay, type Turn } from "../turn.ts";
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
 * Gives one share for each member once enough have signed the same survivors [OWNER.6]. What it gives is saved
 * before: from then on the round cannot be repeated with this owner. Asked again, also after a restart, it gives
 * the same bytes, whatever it is shown [OWNER.13].
 */
export function onConfirmations(
  context: OwnerContext,
  job: OwnerJob,
  body: MessageBody<"round.confirmations">,
): Turn<OwnerJob> {
  const { attempt } = job;
  const given = givenShares(context, job, body);
  if (given !== undefined) return also(stay(job), given);
  if (attempt?.member === undefined || attempt.group === undefined || attempt.stage !== "confirmed")
    return stay(job);
  if (attempt.id.round !== body.round || attempt.id.attempt !== body.attempt) return stay(job);
  const { analyst } = attempt.id;
  const confirmations = decodeConfirmations(attempt.group, body.confirmations);
  if (isRejection(confirmations))
    return reject(stay(job), analyst, "round.confirmations", confirmations.rejected);
  const opened = attempt.member.unmask(confirmations);
  if (isRejection(opened)) return reject(stay(job), analyst, "round.confirmations", opened.rejected);
  const shares = encodeUnmaskShares(attempt.group, opened.shares);
  const hash = contextHashOf(context.options.ports, attempt.context);
  const attempts = job.record.attempts.map((entry) =>
    entry.contextHash === hash ? { ...entry, unmasked: true, shares } : entry,
  );
  const next: OwnerJob = {
    ...job,
    record: { ...job.record, attempts },
    attempt: { ...attempt, stage: "unmasked" },
  };
  return [next, [saveRecord(next), send(analyst, job.job, "round.unmask", { ...tagOf(attempt.id), shares })]];
}

/** The answer that this owner has given in the attempt that its analyst asks about, if it has. */
function givenShares(
  { facts, options: { ports } }: OwnerContext,
  job: OwnerJob,
  { round, attempt }: MessageBody<"round.confirmations">,
): AgentOutput | undefined {
  const { analyst } = facts;
  if (analyst === undefined) return undefined;
  const context = contextOf(ports.scope, { job: job.job, analyst, round, attempt });
  const hash = contextHashOf(ports, context);
  const shares = job.record.attempts.find(({ contextHash }) => contextHash === hash)?.shares;
  return shares && send(analyst, job.job, "round.unmask", { round, attempt, shares });
}
