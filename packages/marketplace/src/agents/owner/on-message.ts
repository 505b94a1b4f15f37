import { decodeBody, type KnownMessage } from "../messages/codec.ts";
import type { AgentMessage } from "../ports.ts";
import { reject } from "../send.ts";
import { stay, type Turn } from "../turn.ts";
import { isHandedOver, nextRound } from "../view/market-view.ts";
import { onConfirmations, onSurvivors } from "./confirm.ts";
import { onAnnounce } from "./on-announce.ts";
import { onState, onStateRequest } from "./on-closed.ts";
import { onAdverts, onSharesFor } from "./share-keys.ts";
import type { OwnerContext, OwnerJob } from "./state.ts";

/**
 * Whether a message speaks of what this owner has not seen on chain yet: it is kept and looked at again with
 * the next block [AGENT.5].
 */
export function isEarly({ facts, options }: OwnerContext, message: AgentMessage): boolean {
  if (facts.state === "recruiting") return true;
  if (facts.state !== "training" || !facts.owners.includes(options.ports.self)) return false;
  if (message.from !== facts.analyst) return true;
  if (message.kind !== "round.announce") return false;
  const decoded = decodeBody(message.kind, message.body);
  return "body" in decoded && decoded.kind === "round.announce" && decoded.body.round > nextRound(facts);
}

/**
 * A message from the analyst that holds the job, or the consumer's request for the state it bought [OWNER.3]
 * [OWNER.8]; from anybody else, and of no round known here, it is nothing.
 */
export function onMessage(context: OwnerContext, job: OwnerJob, message: AgentMessage): Turn<OwnerJob> {
  const { facts, options } = context;
  const { from, kind } = message;
  const isBuyer = from === facts.consumer && isHandedOver(facts) && kind === "state.request";
  if ((from !== facts.analyst && !isBuyer) || !facts.owners.includes(options.ports.self)) {
    return reject(stay(job), from, kind, "NOT_THE_ANALYST");
  }
  const decoded = decodeBody(kind, message.body);
  if ("rejected" in decoded) return reject(stay(job), from, kind, decoded.rejected);
  if (decoded.kind === "state.request") return onStateRequest(job, from, decoded.body);
  if (facts.state !== "training" || isOfOtherAttempt(context, job, decoded)) return stay(job);
  return dispatch(context, job, decoded);
}

/** Messages within a round must be of the attempt this owner is in; announcements, of the round that comes next. */
function isOfOtherAttempt({ facts }: OwnerContext, job: OwnerJob, { kind, body }: KnownMessage): boolean {
  if (!("attempt" in body)) return false;
  if (kind === "round.announce") return body.round !== nextRound(facts);
  // A round that is opened may have to be opened once more, after a restart [OWNER.13].
  if (kind === "round.result" || kind === "round.confirmations") return false;
  return job.attempt?.id.round !== body.round || job.attempt.id.attempt !== body.attempt;
}

function dispatch(context: OwnerContext, job: OwnerJob, message: KnownMessage): Turn<OwnerJob> {
  switch (message.kind) {
    case "round.announce":
      return onAnnounce(context, job, message.body);
    case "round.adverts":
      return onAdverts(job, message.body);
    case "round.shares-for":
      return onSharesFor(job, message.body);
    case "round.survivors":
      return onSurvivors(job, message.body);
    case "round.confirmations":
      return onConfirmations(context, job, message.body);
    case "round.result":
    case "state.answer":
      return onState(context, job, message.body.state, message.kind);
    default:
      return reject(
        stay(job),
        context.facts.analyst ?? context.facts.consumer,
        message.kind,
        "NOT_FOR_OWNERS",
      );
  }
}
