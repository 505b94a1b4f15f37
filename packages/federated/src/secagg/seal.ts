import { createCipheriv, createDecipheriv } from "node:crypto";
import { concatBytes } from "@sheaf/base";
import { deriveKey, memberToBytes } from "./hash.ts";
import { pairBytes } from "./masks.ts";
import type { MemberId } from "./types.ts";

const CIPHER = "aes-256-gcm";
const TAG_BYTES = 16;
/** Each key seals one message, so its nonce may be a constant. */
const NONCE = new Uint8Array(12);

/** Bytes of a sealed pair of shares: of the seed and of the key, 32 each, and the tag. */
export const SEALED_BYTES = 64 + TAG_BYTES;

/** One direction of the channel between two members of one session. */
export interface Channel {
  readonly key: Uint8Array;
  readonly associated: Uint8Array;
}

/**
 * The channel on which `sender` sends its one message to `receiver`. Key and associated data bind both, and
 * by the session the round, the model, all keys and the graph [SECAGG.8].
 */
export function openChannel(
  agreed: Uint8Array,
  session: Uint8Array,
  sender: MemberId,
  receiver: MemberId,
): Channel {
  const keys = deriveKey(agreed, session, "channel", pairBytes(sender, receiver), 64);
  return {
    key: sender < receiver ? keys.subarray(0, 32) : keys.subarray(32),
    associated: concatBytes(session, memberToBytes(sender), memberToBytes(receiver)),
  };
}

export function seal(channel: Channel, content: Uint8Array): Uint8Array {
  const cipher = createCipheriv(CIPHER, channel.key, NONCE).setAAD(channel.associated);
  return concatBytes(cipher.update(content), cipher.final(), cipher.getAuthTag());
}

/** The content, or `undefined` when it was not sealed on this channel. */
export function unseal(channel: Channel, sealed: Uint8Array): Uint8Array | undefined {
  if (sealed.length !== SEALED_BYTES) return undefined;
  const decipher = createDecipheriv(CIPHER, channel.key, NONCE, { authTagLength: TAG_BYTES })
    .setAAD(channel.associated)
    .setAuthTag(sealed.subarray(-TAG_BYTES));
  const content = decipher.update(sealed.subarray(0, -TAG_BYTES));
  try {
    return new Uint8Array(concatBytes(content, decipher.final()));
  } catch {
    return undefined;
  }
}
