// The protocol's derivations once more, from the specification and other primitives than the code uses.
import {
  createCipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
} from "node:crypto";
import { concatBytes, utf8 } from "@sheaf/base";
import type { MemberId } from "../../src/index.ts";

/** HKDF of RFC 5869 from HMAC alone. */
export function hkdf(secret: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  const extracted = createHmac("sha256", salt).update(secret).digest();
  const blocks: Uint8Array[] = [];
  for (let index = 1; 32 * blocks.length < length; index++) {
    const before = blocks.at(-1) ?? new Uint8Array(0);
    blocks.push(
      createHmac("sha256", extracted).update(before).update(info).update(Uint8Array.of(index)).digest(),
    );
  }
  return concatBytes(...blocks).slice(0, length);
}

/** Words of AES-256 in counter mode from the block cipher alone. */
export function counterWords(key: Uint8Array, words: number): Int32Array {
  const counters = Buffer.alloc(16 * Math.ceil(words / 4));
  for (let block = 0; block < counters.length / 16; block++) counters.writeUInt32BE(block, 16 * block + 12);
  const cipher = createCipheriv("aes-256-ecb", key, null);
  const stream = cipher.update(counters);
  return Int32Array.from({ length: words }, (_, index) => stream.readInt32LE(4 * index));
}

export function addressBytes(member: MemberId): Uint8Array {
  return Buffer.from(member.slice(2), "hex");
}

export function littleEndian(value: number): Uint8Array {
  return Uint8Array.of(value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24);
}

/** SHA-256 over a label and parts with their lengths. */
export function digestOf(label: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const all = [utf8(`sheaf/secagg/1/${label}`), ...parts].flatMap((part) => [
    littleEndian(part.length),
    part,
  ]);
  return createHash("sha256")
    .update(concatBytes(...all))
    .digest();
}

/** X25519 of a secret and a public key, by DER. */
export function agreeByDer(secret: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const privateDer = Buffer.concat([Buffer.from("302e020100300506032b656e04220420", "hex"), secret]);
  const publicDer = Buffer.concat([Buffer.from("302a300506032b656e032100", "hex"), publicKey]);
  return diffieHellman({
    privateKey: createPrivateKey({ key: privateDer, format: "der", type: "pkcs8" }),
    publicKey: createPublicKey({ key: publicDer, format: "der", type: "spki" }),
  });
}

/** The words of the mask of one key. */
export function maskWords(
  secret: Uint8Array,
  session: Uint8Array,
  label: "self-mask" | "pair-mask",
  members: readonly MemberId[],
  words: number,
): Int32Array {
  const info = concatBytes(utf8(`sheaf/secagg/1/${label}`), ...[...members].sort().map(addressBytes));
  return counterWords(hkdf(secret, session, info, 32), words);
}
