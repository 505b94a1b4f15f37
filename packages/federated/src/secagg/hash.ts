import { createHash, hkdfSync } from "node:crypto";
import { concatBytes, parseHex, utf8 } from "@sheaf/base";
import type { MemberId } from "./types.ts";

const DOMAIN = "sheaf/secagg/1/";

/** SHA-256 over a label and parts, each with its length before it: no two lists give the same bytes. */
export function digest(label: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash("sha256").update(framed(utf8(DOMAIN + label)));
  for (const part of parts) hash.update(framed(part));
  return new Uint8Array(hash.digest());
}

/** HKDF with SHA-256 (RFC 5869) under a label; each label and salt gives a key for one use. */
export function deriveKey(
  secret: Uint8Array,
  salt: Uint8Array,
  label: string,
  info: Uint8Array,
  length: number,
): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, salt, concatBytes(utf8(DOMAIN + label), info), length));
}

/** What a member signs: the purpose in the clear, then a digest. */
export function messageToSign(label: string, ...parts: readonly Uint8Array[]): Uint8Array {
  return concatBytes(utf8(DOMAIN + label), digest(label, ...parts));
}

/** The 20 bytes of an address. */
export function memberToBytes(member: MemberId): Uint8Array {
  return parseHex(member) ?? new Uint8Array(0);
}

/** Four bytes, little-endian. */
export function uint32ToBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function framed(part: Uint8Array): Uint8Array {
  return concatBytes(uint32ToBytes(part.length), part);
}
