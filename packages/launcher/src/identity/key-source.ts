import { createHmac, randomBytes } from "node:crypto";
import { type Address, privateKeyToAddress, secp256k1 } from "@sheaf/protocol";

/** Where a network's private keys come from. */
export interface KeySource {
  /** 32 secret bytes for `label` that `isValid` accepts. */
  secret(label: string, isValid: (bytes: Uint8Array) => boolean): Uint8Array;
}

/**
 * Keys from the system's randomness, or, when a seed is given, derived from it (HMAC-SHA256 of the
 * label): equal seeds give equal keys and addresses. A seed is for runs that must be repeated
 * exactly; whoever knows it knows every key.
 */
export function createKeySource(seed?: string): KeySource {
  return {
    secret(label, isValid) {
      for (let attempt = 0; ; attempt++) {
        const bytes =
          seed === undefined
            ? randomBytes(32)
            : createHmac("sha256", seed).update(`${label}/${attempt}`).digest();
        if (isValid(bytes)) return new Uint8Array(bytes);
      }
    },
  };
}

/** A secp256k1 account. */
export interface AccountKey {
  readonly privateKey: Uint8Array;
  readonly address: Address;
}

/** The account named `label`. */
export function accountKey(keys: KeySource, label: string): AccountKey {
  const privateKey = keys.secret(label, (bytes) => secp256k1.isPrivateKey(bytes));
  return { privateKey, address: privateKeyToAddress(privateKey) };
}
