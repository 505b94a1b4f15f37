import { bytesToHex } from "@sheaf/base";
import type { Address } from "@sheaf/protocol";
import type { MessageBody } from "../messages/bodies.ts";
import { toBitmap } from "../round/bitmap.ts";
import { type Model, receivedModel } from "../round/model.ts";
import { reject, send } from "../send.ts";
import { chain, stay, type Turn } from "../turn.ts";
import { type ClosedRound, committedState, type JobFacts } from "../view/market-view.ts";
import { NOTHING_SENT, type SpentAttempt, saveRecord, saveState } from "./saved.ts";
import type { OwnerContext, OwnerJob } from "./state.ts";

/** Keeps a state that the analyst sends, until the chain confirms it [OWNER.8]. */
export function onState(
  context: OwnerContext,
  job: OwnerJob,
  bytes: Uint8Array,
  message: string,
): Turn<OwnerJob> {
  const { facts, options } = context;
  if (facts.spec === undefined || facts.analyst === undefined || job.initial === undefined) return stay(job);
  const model = receivedModel(options.ports, facts.spec, job.initial.state.weights.length, bytes);
  if (model === undefined) return reject(stay(job), facts.analyst, message, "MALFORMED_STATE");
  return adoptCandidate(context, { ...job, candidate: model });
}

/** The candidate becomes the model when its hash is the committed one; then it is saved for take-overs. */
export function adoptCandidate({ facts }: OwnerContext, job: OwnerJob): Turn<OwnerJob> {
  const { candidate } = job;
  if (candidate === undefined || candidate.hash !== committedState(facts)) return stay(job);
  return [{ ...job, model: candidate, candidate: undefined }, [saveState(job.job, candidate.bytes)]];
}

/** Gives the committed state, or the one that is about to be, to whom it is due [OWNER.8]. */
export function onStateRequest(
  job: OwnerJob,
  from: Address,
  body: MessageBody<"state.request">,
): Turn<OwnerJob> {
  const wanted = bytesToHex(body.stateHash);
  const found = [job.model, job.candidate].find((model): model is Model => model?.hash === wanted);
  return found === undefined
    ? stay(job)
    : [job, [send(from, job.job, "state.answer", { state: found.bytes })]];
}

/** Compares each closed round with what this owner did in it, if anything [OWNER.9], and forgets the attempts at it. */
export function closeRounds(context: OwnerContext, job: OwnerJob): Turn<OwnerJob> {
  if (!context.facts.owners.includes(context.options.ports.self)) return stay(job);
  const numbers = context.facts.rounds.slice(job.record.compared).map(({ round }) => round);
  return chain(job, ...numbers.map((round) => (next: OwnerJob) => closeRound(context, next, round)));
}

function closeRound({ facts, options }: OwnerContext, job: OwnerJob, round: number): Turn<OwnerJob> {
  const closed = facts.rounds[round - 1];
  if (closed === undefined) return stay(job);
  const sent = job.record.attempts.filter((attempt) => attempt.round === round);
  const fault = faultIn(facts, closed, facts.owners.indexOf(options.ports.self), sent);
  const { faults, good, bad, uncertain } = job.record;
  const isUncertain = fault === "uncertain";
  const next: OwnerJob = {
    ...job,
    attempt: job.attempt?.id.round === round ? undefined : job.attempt,
    trained: undefined,
    record: {
      ...job.record,
      compared: round,
      attempts: job.record.attempts.filter((attempt) => attempt.round !== round),
      faults: fault === undefined || isUncertain ? faults : [...faults, { round, code: fault }],
      good:
        good + (sent.some(({ updateHash }) => updateHash !== NOTHING_SENT) && fault === undefined ? 1 : 0),
      bad: bad + (fault === undefined || isUncertain ? 0 : 1),
      uncertain: uncertain + (isUncertain ? 1 : 0),
    },
  };
  if (fault === undefined || isUncertain) return [next, [saveRecord(next)]];
  return reject([next, [saveRecord(next)]], closed.analyst, "roundClosed", fault);
}

/**
 * What the chain says of this owner in a closed round that is not so. "uncertain" when it helped to open a sum
 * that may not have come to be: of another opening, or with nobody of its neighbourhood among the survivors.
 */
function faultIn(
  { owners }: JobFacts,
  closed: ClosedRound,
  own: number,
  sent: readonly SpentAttempt[],
): string | undefined {
  const survived = ((closed.survivorBitmap >> BigInt(own)) & 1n) === 1n;
  if (!survived) {
    const opened = sent.filter(({ unmasked }) => unmasked);
    const isLeftOut = opened.some(
      ({ opening, members }) =>
        opening === closed.opening.attempt && (closed.survivorBitmap & toBitmap(owners, members)) !== 0n,
    );
    if (isLeftOut) return "LEFT_OUT_OF_SUM";
    return opened.length > 0 ? "uncertain" : undefined;
  }
  if (!sent.some(({ updateHash }) => updateHash !== NOTHING_SENT)) return "NOTHING_WAS_SENT";
  const below = closed.survivorBitmap & ((1n << BigInt(own)) - 1n);
  const place = [...below.toString(2)].filter((bit) => bit === "1").length;
  const hash = closed.updateHashes[place];
  return sent.some(({ updateHash }) => updateHash === hash) ? undefined : "WRONG_UPDATE_HASH";
}
