import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto";
import { concatBytes, utf8 } from "@sheaf/base";

const CIPHER = "aes-256-gcm";
const TAG_BYTES = 16;
const DOMAIN = utf8("sheaf/bus/2/seal\n");
/** Each key seals one message, so its nonce may be a constant. */
const NONCE = new Uint8Array(12);

/** By so much a sealed content is longer. */
export const SEAL_BYTES = TAG_BYTES;

/** The key of one message, and what the seal binds its content to [BUS.17]. */
export interface Seal {
  readonly key: Uint8Array;
  readonly context: Uint8Array;
}

/**
 * The seal of the message that `context`, 32 bytes, names: the key is HKDF-SHA-256 of what both processes agree on, with the
 * context as salt. The context must never be that of another message.
 */
export function deriveSeal(agreed: Uint8Array, context: Uint8Array): Seal {
  return { key: new Uint8Array(hkdfSync("sha256", agreed, context, DOMAIN, 32)), context };
}

/** Seals the parts as one content. Once only for a seal, unless the content is the same. */
export function sealContent({ key, context }: Seal, ...parts: readonly Uint8Array[]): Uint8Array {
  const cipher = createCipheriv(CIPHER, key, NONCE).setAAD(context);
  const sealed = parts.map((part) => cipher.update(part));
  return concatBytes(...sealed, cipher.final(), cipher.getAuthTag());
}

/** The content, or `undefined` when it was not sealed with this. */
export function openContent({ key, context }: Seal, sealed: Uint8Array): Uint8Array | undefined {
  if (sealed.length < TAG_BYTES) return undefined;
  const decipher = createDecipheriv(CIPHER, key, NONCE, { authTagLength: TAG_BYTES })
    .setAAD(context)
    .setAuthTag(sealed.subarray(-TAG_BYTES));
  const { buffer, byteOffset, byteLength } = decipher.update(sealed.subarray(0, -TAG_BYTES));
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  return new Uint8Array(buffer, byteOffset, byteLength);
}
