import type { Millis } from "@sheaf/base";
import type { AgentMessage } from "./ports.ts";

/** A message that speaks of something this agent has not yet seen on chain [AGENT.5]. */
interface EarlyMessage {
  readonly message: AgentMessage;
  readonly sinceMs: Millis;
}
export type EarlyMessages = readonly EarlyMessage[];

const MOST_PER_SENDER = 8;
const MOST = 256;
const LONGEST_MS: Millis = 60_000;

/** Keeps a message until the chain has caught up; of one sender the newest eight, of all the newest 256. */
export function keepEarly(early: EarlyMessages, message: AgentMessage, nowMs: Millis): EarlyMessages {
  const ofSender = early.filter((kept) => kept.message.from === message.from);
  const dropped = ofSender.length >= MOST_PER_SENDER ? ofSender[0] : undefined;
  return [...early.filter((kept) => kept !== dropped), { message, sinceMs: nowMs }].slice(-MOST);
}

/** Those still worth another look; what is older than a minute is forgotten. */
export function dueEarly(early: EarlyMessages, nowMs: Millis): readonly AgentMessage[] {
  return early.filter(({ sinceMs }) => nowMs - sinceMs <= LONGEST_MS).map(({ message }) => message);
}
