import { bytesToHex } from "@sheaf/base";
import { decodeBody, type KnownMessage } from "../messages/codec.ts";
import type { AgentMessage } from "../ports.ts";
import { reject } from "../send.ts";
import { stay, type Turn } from "../turn.ts";
import { isOver } from "../view/market-view.ts";
import { onModelRequest } from "./deliver.ts";
import { onKeys, onRefuse } from "./keys-phase.ts";
import { onConfirm, onMasked, onUnmask } from "./masked-phase.ts";
import { onStateAnswer, onStateRequest } from "./obtain-model.ts";
import { onDecrypted, onEncrypted, onUpdate } from "./open-phase.ts";
import { onShares } from "./shares-phase.ts";
import { type AnalystContext, type AnalystJob, holdsJob, type RoundState } from "./state.ts";
import { onTranscriptRequest } from "./transcripts.ts";

/** Whether a message speaks of what this analyst has not seen on chain yet [AGENT.5]. */
export function isEarly({ facts }: AnalystContext, { kind }: AgentMessage): boolean {
  if (isOver(facts)) return false;
  if (kind === "transcript.request") return facts.state !== "disputed";
  return kind === "model.request" && facts.state === "training";
}

/** A message of an owner, the consumer or an arbiter [ANALYST.3]. */
export function onMessage(context: AnalystContext, job: AnalystJob, message: AgentMessage): Turn<AnalystJob> {
  const { facts } = context;
  const { from } = message;
  const decoded = decodeBody(message.kind, message.body);
  if ("rejected" in decoded) return reject(stay(job), from, message.kind, decoded.rejected);
  switch (decoded.kind) {
    case "transcript.request":
      return onTranscriptRequest(context, job, from, decoded.body.round);
    case "model.request":
      return onModelRequest(context, job, from);
    case "round.decrypted": {
      const round = ofRound(job, decoded);
      return round === undefined ? stay(job) : onDecrypted(context, job, round, from, decoded.body);
    }
    default:
      if (!holdsJob(context) || !facts.owners.includes(from)) {
        return reject(stay(job), from, message.kind, "NOT_AN_OWNER");
      }
      return onOwnerMessage(context, job, from, decoded);
  }
}

function onOwnerMessage(
  context: AnalystContext,
  job: AnalystJob,
  from: AgentMessage["from"],
  message: KnownMessage,
): Turn<AnalystJob> {
  if (message.kind === "state.answer") return onStateAnswer(context, job, from, message.body.state);
  if (message.kind === "state.request") return onStateRequest(job, from, bytesToHex(message.body.stateHash));
  const round = ofRound(job, message);
  if (round === undefined) return stay(job);
  switch (message.kind) {
    case "round.keys":
      return onKeys(context, job, round, from, message.body);
    case "round.refuse":
      return onRefuse(context, job, round, from, message.body);
    case "round.shares":
      return onShares(job, round, from, message.body);
    case "round.masked":
      return onMasked(context, job, round, from, message.body);
    case "round.update":
      return onUpdate(context, job, round, from, message.body);
    case "round.encrypted":
      return onEncrypted(context, job, round, from, message.body);
    case "round.confirm":
      return onConfirm(job, round, from, message.body);
    case "round.unmask":
      return onUnmask(job, round, from, message.body);
    default:
      return reject(stay(job), from, message.kind, "NOT_FOR_ANALYSTS");
  }
}

/** The attempt under way, when the message is of it: late messages of earlier attempts are nothing. */
function ofRound({ round }: AnalystJob, { body }: KnownMessage): RoundState | undefined {
  if (round === undefined || !("attempt" in body)) return undefined;
  return body.round === round.id.round && body.attempt === round.id.attempt ? round : undefined;
}
