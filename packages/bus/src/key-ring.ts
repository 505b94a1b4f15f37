import { createPrivateKey, createPublicKey, diffieHellman, type KeyObject, randomBytes } from "node:crypto";
import { asBuffer, bytesEqual, concatBytes } from "@sheaf/base";
import type { Address } from "./mailbox-types.ts";

/** Bytes of an X25519 key. */
export const KEY_BYTES = 32;

/** The latest process of an address that was heard. */
export interface Peer {
  /** Its X25519 public key. */
  readonly key: Uint8Array;
  /** What its key and this process's agree on, 32 bytes (RFC 7748, 6.1). */
  readonly agreed: Uint8Array;
}

/** This process's key pair, made for it and never saved, and the keys that others announced [BUS.16]. */
export interface KeyRing {
  /** X25519; in the header of all that this process sends. */
  readonly publicKey: Uint8Array;
  peer(address: Address): Peer | undefined;
  /**
   * Takes the key from a verified envelope that is not older than the one before; `changed` when the address had another
   * or none. A key of low order, which agrees on zero with everybody, is `unusable` and not taken.
   */
  learn(address: Address, key: Uint8Array): "known" | "changed" | "unusable";
}

/** `secret` is given by simulations only. */
export function createKeyRing(secret: Uint8Array = randomBytes(KEY_BYTES)): KeyRing {
  const privateKey = secretToKey(secret);
  const peers = new Map<Address, Peer>();
  return {
    publicKey: publicKeyOf(privateKey),
    peer: (address) => peers.get(address),
    learn(address, key) {
      const known = peers.get(address);
      if (known !== undefined && bytesEqual(known.key, key)) return "known";
      const agreed = agree(privateKey, key);
      if (agreed === undefined) return "unusable";
      peers.set(address, { key: new Uint8Array(key), agreed });
      return "changed";
    },
  };
}

/** PKCS #8 around the 32 bytes of an X25519 secret (RFC 8410). */
const PKCS8 = Buffer.from("302e020100300506032b656e04220420", "hex");

const secretToKey = (secret: Uint8Array): KeyObject =>
  createPrivateKey({ key: asBuffer(concatBytes(PKCS8, secret)), format: "der", type: "pkcs8" });

function publicKeyOf(privateKey: KeyObject): Uint8Array {
  const point = createPublicKey(privateKey).export({ format: "jwk" }).x ?? "";
  return new Uint8Array(Buffer.from(point, "base64url"));
}

function agree(privateKey: KeyObject, key: Uint8Array): Uint8Array | undefined {
  const x = asBuffer(key).toString("base64url");
  const publicKey = createPublicKey({ key: { kty: "OKP", crv: "X25519", x }, format: "jwk" });
  try {
    return new Uint8Array(diffieHellman({ privateKey, publicKey }));
  } catch {
    // OpenSSL refuses an agreement that is zero.
    return undefined;
  }
}
