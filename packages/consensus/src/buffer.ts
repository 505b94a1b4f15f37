import type { Address } from "./config.ts";
import type { Message } from "./messages.ts";

/** Messages of heights to come, by sender. */
export type FutureMessages = ReadonlyMap<Address, readonly Message[]>;

/** How many heights ahead messages are kept [BUFFER.1]. */
export const FUTURE_HEIGHTS = 4;
/** How many messages a sender may have waiting. */
export const FUTURE_MESSAGES = 64;
/** How many bytes of values a sender may have waiting. */
export const FUTURE_BYTES = 8 * 2 ** 20;

export const noFutureMessages: FutureMessages = new Map();

/** `buffer` with `message`; the oldest messages of the same sender make room for it [BUFFER.1]. */
export function withFutureMessage(buffer: FutureMessages, sender: Address, message: Message): FutureMessages {
  const held = [...(buffer.get(sender) ?? []), message];
  let bytes = held.reduce((sum, each) => sum + payloadBytes(each), 0);
  let dropped = 0;
  while (held.length - dropped > FUTURE_MESSAGES || bytes > FUTURE_BYTES) {
    bytes -= payloadBytes(held[dropped] as Message);
    dropped += 1;
  }
  return new Map(buffer).set(sender, held.slice(dropped));
}

/** The messages of `height` as pairs with their senders, and a buffer with those of later heights only. */
export function takeMessages(
  buffer: FutureMessages,
  height: number,
): { readonly due: readonly (readonly [Address, Message])[]; readonly rest: FutureMessages } {
  const due: [Address, Message][] = [];
  const rest = new Map<Address, readonly Message[]>();
  for (const [sender, messages] of buffer) {
    const later: Message[] = [];
    for (const message of messages) {
      if (message.height === height) due.push([sender, message]);
      else if (message.height > height) later.push(message);
    }
    if (later.length > 0) rest.set(sender, later);
  }
  return { due, rest };
}

function payloadBytes(message: Message): number {
  switch (message.type) {
    case "pre-prepare":
      return message.value.payload.length;
    case "round-change":
      return message.prepared?.value.payload.length ?? 0;
    default:
      return 0;
  }
}
