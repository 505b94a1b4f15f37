import type { Address } from "@sheaf/protocol";
import { record } from "./effects.ts";
import type { MessageBody, MessageKind } from "./messages/bodies.ts";
import { encodeBody } from "./messages/codec.ts";
import type { AgentOutput } from "./ports.ts";
import type { AttemptId } from "./round/attempt.ts";
import { also, type Turn } from "./turn.ts";

export function send<K extends MessageKind>(
  to: Address,
  job: bigint,
  kind: K,
  body: MessageBody<K>,
): AgentOutput {
  return { type: "send", to, job, kind, body: encodeBody(kind, body) };
}

/** The same message to each, encoded once. */
export function sendToEach<K extends MessageKind>(
  members: Iterable<Address>,
  job: bigint,
  kind: K,
  body: MessageBody<K>,
): AgentOutput[] {
  const bytes = encodeBody(kind, body);
  return [...members].map((to) => ({ type: "send", to, job, kind, body: bytes }));
}

/** The round and attempt that every message of a round carries. */
export function tagOf({ round, attempt }: AttemptId): { readonly round: number; readonly attempt: number } {
  return { round, attempt };
}

/** Remembers that somebody said what does not hold. */
export function reject<J extends { readonly job: bigint }>(
  turn: Turn<J>,
  from: Address,
  message: string,
  code: string,
): Turn<J> {
  return also(turn, record({ kind: "rejected", job: turn[0].job, from, message, code }));
}
