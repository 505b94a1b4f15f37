import type { ByteCount, Millis } from "@sheaf/base";
import type { MessageKind } from "./messages/bodies.ts";
import type { AgentMessage } from "./ports.ts";
import type { MarketView } from "./view/market-view.ts";

/** A message that speaks of something this agent has not yet seen on chain [AGENT.5]. */
interface EarlyMessage {
  readonly message: AgentMessage;
  readonly sinceMs: Millis;
}
export type EarlyMessages = readonly EarlyMessage[];

const MOST_PER_SENDER = 8;
const MOST = 256;
const MIB = 1024 * 1024;
/** One message of a whole model fits. */
const MOST_BYTES_PER_SENDER: ByteCount = 64 * MIB;
const MOST_BYTES: ByteCount = 256 * MIB;
const LONGEST_MS: Millis = 60_000;

const kinds = (...names: readonly MessageKind[]): ReadonlySet<string> => new Set(names);

/** What an owner can be sent. */
export const OWNER_KINDS = kinds(
  "round.announce",
  "round.adverts",
  "round.shares-for",
  "round.survivors",
  "round.confirmations",
  "round.result",
  "state.request",
  "state.answer",
);

/** What an analyst can be sent. */
export const ANALYST_KINDS = kinds(
  "round.keys",
  "round.refuse",
  "round.shares",
  "round.masked",
  "round.update",
  "round.encrypted",
  "round.confirm",
  "round.unmask",
  "round.decrypted",
  "state.request",
  "state.answer",
  "model.request",
  "transcript.request",
);

/** Whether a message is of a kind that this role can be sent, and of no job beyond the next one [AGENT.5]. */
export function mayBeEarly(
  expected: ReadonlySet<string>,
  { view, live }: { readonly view: MarketView; readonly live: boolean },
  { kind, job }: AgentMessage,
): boolean {
  if (!expected.has(kind)) return false;
  const newest = [...view.jobs.keys()].reduce((most, id) => (id > most ? id : most), 0n);
  return !live || job <= newest + 1n;
}

/**
 * Keeps a message until the chain has caught up; of one sender the newest eight and 64 MiB, of all the newest 256
 * and 256 MiB [AGENT.5].
 */
export function keepEarly(early: EarlyMessages, message: AgentMessage, nowMs: Millis): EarlyMessages {
  const from = (kept: EarlyMessage): boolean => kept.message.from === message.from;
  const added = [...early, { message, sinceMs: nowMs }];
  const ofSender = new Set(newest(added.filter(from), MOST_PER_SENDER, MOST_BYTES_PER_SENDER));
  return newest(
    added.filter((kept) => !from(kept) || ofSender.has(kept)),
    MOST,
    MOST_BYTES,
  );
}

/** The newest messages, at most `most` and of at most `bytes` together. */
function newest(messages: EarlyMessages, most: number, bytes: ByteCount): EarlyMessages {
  let first = messages.length;
  let room = bytes;
  while (first > 0 && messages.length - first < most) {
    room -= messages[first - 1]?.message.body.length ?? 0;
    if (room < 0) break;
    first -= 1;
  }
  return messages.slice(first);
}

/** Those still worth another look; what is older than a minute is forgotten. */
export function dueEarly(early: EarlyMessages, nowMs: Millis): readonly AgentMessage[] {
  return early.filter(({ sinceMs }) => nowMs - sinceMs <= LONGEST_MS).map(({ message }) => message);
}
