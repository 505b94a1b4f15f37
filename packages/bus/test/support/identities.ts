import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { bytesToHex, concatBytes } from "@sheaf/base";
import type { Address, Identity, MailboxOptions } from "../../src/index.ts";

/** Signatures for tests: Ed25519, and recovery by trying every key that exists. */
const keys = new Map<Address, KeyObject>();

const digest = (bytes: Uint8Array): Uint8Array =>
  new Uint8Array(createHash("sha3-256").update(bytes).digest());

/** PKCS #8 of an Ed25519 key, up to its 32 bytes. */
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");

export function createIdentity(name: string): Identity {
  const seed = createHash("sha256").update(name).digest();
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: "der", type: "pkcs8" });
  const publicKey = createPublicKey(privateKey);
  const address = bytesToHex(digest(publicKey.export({ type: "spki", format: "der" })).subarray(12));
  keys.set(address, publicKey);
  return {
    address,
    sign: (bytes) => concatBytes(sign(null, bytes, privateKey), Uint8Array.of(0)),
  };
}

export const crypto: Pick<MailboxOptions, "keccak256" | "recover"> = {
  keccak256: digest,
  recover(bytes, signature) {
    for (const [address, key] of keys)
      if (verify(null, bytes, key, signature.subarray(0, 64))) return address;
    return undefined;
  },
};
